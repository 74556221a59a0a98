"""Ask an application without a server, so that a test holds the body in its hand."""

from collections.abc import Sequence
from typing import Any, NamedTuple


class Answer(NamedTuple):
    """What an application answered, and how often it asked for a piece of the body."""

    status: int
    headers: dict[str, str]
    body: bytes
    reads: int


async def ask(
    app: Any,
    method: str,
    path: str,
    headers: Sequence[tuple[str, str]] = (),
    body: bytes = b"",
    *,
    hangs_up: bool = False,
    **scope: Any,
) -> Answer:
    """Send one request to the application and return its answer. `hangs_up`: the caller leaves after this body."""
    status, found, answered, reads = 0, {}, b"", 0

    async def receive() -> dict[str, Any]:
        nonlocal reads
        reads += 1
        if reads > 1:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": body, "more_body": hangs_up}

    async def send(message: Any) -> None:
        nonlocal status, found, answered
        if message["type"] == "http.response.start":
            status = message["status"]
            found = {name.decode().lower(): value.decode("latin-1") for name, value in message["headers"]}
        else:
            answered += message.get("body", b"")

    address, _, query = path.partition("?")
    await app(
        {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": address,
            "raw_path": address.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers],
            "client": ("127.0.0.1", 50_000),
            "server": ("127.0.0.1", 80),
            "state": {},
            **scope,
        },
        receive,
        send,
    )
    return Answer(status, found, answered, reads)
