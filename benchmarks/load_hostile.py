"""Two hundred hostile clients against one address, as a process of its own: `python -m benchmarks.load_hostile`.

Each does one hostile thing after another, chosen at random, and knows no password. They run at the lowest priority,
so that what their own work costs is not mistaken for what they do to the server.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final

CLIENTS: Final = 200
PAUSE_SECONDS: Final = (0.2, 2.0)
PATIENCE_SECONDS: Final = 30.0
MANY_FIELDS: Final = b"".join(b"f%d=1&" % number for number in range(200_000))
GREAT_BODY: Final = b'{"content":"' + b"A" * 8_000_000 + b'"}'


async def _exchange(host: str, port: int, request: bytes) -> str:
    """Send a request at once; return the status of the answer or how the connection ended."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(request)
        await writer.drain()
        head = await reader.read(100)
        return head.split(b" ", 2)[1].decode() if head.startswith(b"HTTP/") else "closed"
    finally:
        writer.close()


def _request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: clinic", *(f"{name}: {value}" for name, value in headers.items())]
    lines += [f"Content-Length: {len(body)}"] if body else []
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


async def many_fields(host: str, port: int, chance: random.Random) -> str:
    body = MANY_FIELDS + str(chance.random()).encode()  # another body each time, lest a cache answer
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return await _exchange(host, port, _request("POST", "/sign-in", kind, body))


async def wrong_password(host: str, port: int, chance: random.Random) -> str:
    login = chance.choice(("doctor1", "registrar1", "nobody", f"x{chance.random()}"))
    body = json.dumps({"login": login, "password": f"wrong {chance.random()}"}).encode()
    return await _exchange(host, port, _request("POST", "/api/v1/session", {"Content-Type": "application/json"}, body))


async def deep_json(host: str, port: int, chance: random.Random) -> str:
    body = b'{"patient_id":' * 40_000
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {chance.random()}"}
    return await _exchange(host, port, _request("POST", "/api/v1/visits", headers, body))


async def great_upload(host: str, port: int, chance: random.Random) -> str:
    kind = {"Content-Type": "application/json"}
    return await _exchange(host, port, _request("POST", "/api/v1/documents/upload", kind, GREAT_BODY))


async def many_cookies(host: str, port: int, chance: random.Random) -> str:
    cookies = "; ".join(f"c{number}={chance.random()}" for number in range(400))
    return await _exchange(host, port, _request("GET", f"/patients?q={chance.random()}", {"Cookie": cookies}))


async def health(host: str, port: int, chance: random.Random) -> str:
    return await _exchange(host, port, _request("GET", "/health", {}))


async def strange_address(host: str, port: int, chance: random.Random) -> str:
    path = chance.choice(
        ("/static/%00", "/static/..%2f..%2fetc/passwd", "/%ff%fe", "/patients/%2e%2e", "/" + "a" * 9000)
    )
    return await _exchange(host, port, _request("GET", path, {}))


async def no_http(host: str, port: int, chance: random.Random) -> str:
    return await _exchange(host, port, chance.randbytes(4000))


async def aborted_body(host: str, port: int, chance: random.Random) -> str:
    _, writer = await asyncio.open_connection(host, port)
    head = _request("POST", "/sign-in", {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": "5000"})
    writer.write(head + b"login=a")
    await asyncio.sleep(chance.random())
    writer.close()
    return "aborted"


async def slow_head(host: str, port: int, chance: random.Random) -> str:
    return await _drip(host, port, b"GET / HTTP/1.1\r\nHost: clinic\r\nX-Slow: ")


async def slow_body(host: str, port: int, chance: random.Random) -> str:
    kind = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": "5000"}
    return await _drip(host, port, _request("POST", "/sign-in", kind))


async def _drip(host: str, port: int, beginning: bytes) -> str:
    """Send a byte a second; return whether the server hung up before the client lost patience."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(beginning)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not reader.at_eof():
                writer.write(b"a")
                await writer.drain()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(reader.read(100), 1)
        return "hung up"
    except TimeoutError:
        return "held"
    finally:
        writer.close()


ACTS: Final[dict[str, Callable[[str, int, random.Random], Awaitable[str]]]] = {
    "many_fields": many_fields,
    "wrong_password": wrong_password,
    "deep_json": deep_json,
    "great_upload": great_upload,
    "many_cookies": many_cookies,
    "health": health,
    "strange_address": strange_address,
    "no_http": no_http,
    "aborted_body": aborted_body,
    "slow_head": slow_head,
    "slow_body": slow_body,
}


async def attack(host: str, port: int, seconds: float) -> Counter[str]:
    """Attack for so long; count acts by name and outcome."""
    outcomes: Counter[str] = Counter()

    async def client(number: int) -> None:
        chance = random.Random(number)
        while True:
            name = chance.choice(list(ACTS))
            try:
                async with asyncio.timeout(PATIENCE_SECONDS + 5):
                    outcome = await ACTS[name](host, port, chance)
            except TimeoutError:
                outcome = "no answer"
            except OSError:
                outcome = "refused"
            outcomes[f"{name}: {outcome}"] += 1
            await asyncio.sleep(chance.uniform(*PAUSE_SECONDS))

    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await asyncio.gather(*(client(number) for number in range(CLIENTS)))
    return outcomes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address", help="host:port")
    parser.add_argument("--seconds", type=float, default=60)
    asked = parser.parse_args()
    os.nice(19)
    host, _, port = asked.address.rpartition(":")
    outcomes = asyncio.run(attack(host, int(port), asked.seconds))
    for name, count in sorted(outcomes.items()):
        print(f"{count:6} {name}")


if __name__ == "__main__":
    main()
