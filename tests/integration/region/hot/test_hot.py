"""Hot copies against a real server that is killed, flushed and frozen: no reader gets an outdated one."""

import asyncio
import random
import secrets
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
import redis

from trustmed.embedded import process, valkey
from trustmed.embedded.ports import free_ports
from trustmed.hot import protocol
from trustmed.hot.copies import HotCopies
from trustmed.hot.drops import HotDrops
from trustmed.hot.form import form_of

SECONDS = 6.0
REALM = protocol.realm("drop", "here")
OTHER = protocol.realm("drop", "there")
KEYS = [f"person:{number}:documents" for number in range(4)]


class Cache(msgspec.Struct):
    """A Valkey of the test's own: it may be killed."""

    server: valkey.ValkeyServer
    password: str
    handle: valkey.ValkeyHandle

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.server.port}"

    def restart(self) -> None:
        valkey.kill9(self.handle)
        self.handle = start_server(self.server, self.password)

    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url, socket_timeout=2)


def start_server(server: valkey.ValkeyServer, password: str) -> valkey.ValkeyHandle:
    handle = valkey.start(server, password, tied=False)
    if isinstance(handle, valkey.Absent):
        pytest.skip(str(handle.reason))
    return handle


@pytest.fixture
def cache(servers_root: Path) -> Iterator[Cache]:
    password = secrets.token_urlsafe(8)
    folder = servers_root / f"hot-{secrets.token_hex(3)}"
    server = valkey.ValkeyServer("hot", folder, free_ports(1)[0], maxmemory="4mb")
    made = Cache(server, password, start_server(server, password))
    yield made
    valkey.kill9(made.handle)


def epochs(word: bytes) -> bytes:
    """Return the field of a copy that names this epoch of REALM."""
    return protocol.epoch_key(REALM).encode() + b" " + word


class Truth:
    """The database: the version of each key, and the lowest version that a reader starting now may get."""

    def __init__(self) -> None:
        self.version = dict.fromkeys(KEYS, 0)
        self.floor = dict.fromkeys(KEYS, 0)

    def change(self, drops: HotDrops, chance: random.Random) -> None:
        key = chance.choice(KEYS)
        self.version[key] += 1
        version = self.version[key]
        if drops.drop([key]):
            self.floor[key] = version

    async def read(self, key: str, chance: random.Random) -> bytes:
        version = self.version[key]
        await asyncio.sleep(chance.choice((0, 0, 0.001, 0.02)))
        return msgspec.json.encode(version) + b" " * chance.choice((0, 100_000))


class Run:
    """What readers saw. A run lasts SECONDS and, on a busy machine, until a copy answers some read."""

    def __init__(self) -> None:
        self.until = time.monotonic() + SECONDS
        self.reads = self.hits = 0
        self.wrong: list[str] = []

    @property
    def goes_on(self) -> bool:
        left = self.until - time.monotonic()
        return left > 0 or (not self.hits and left > -60)


async def keep_reading(url: str, truth: Truth, run: Run) -> None:
    """Read as long as the run goes on; note answers that are too old."""
    copies = HotCopies(url)

    async def reader(seed: int) -> None:
        chance = random.Random(seed)
        while run.goes_on:
            key, direct = chance.choice(KEYS), False
            floor = truth.floor[key]

            async def read(key: str = key) -> bytes:
                nonlocal direct
                direct = True
                return await truth.read(key, chance)

            version = int(await copies.fill(key, read, [REALM]))
            run.reads += 1
            run.hits += not direct
            if version < floor:
                run.wrong.append(f"{key}: {version} < {floor}, direct={direct}")
            await asyncio.sleep(0)

    await asyncio.gather(*(reader(seed) for seed in range(12)))
    await copies.close()


@pytest.mark.fault
def test_a_read_after_a_drop_never_gets_an_older_version(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trustmed.hot.redis.PROBE_SECONDS", 0.05)
    truth, drops, run = Truth(), HotDrops(cache.url, REALM), Run()

    def keep_writing() -> None:
        chance, vouched = random.Random(1), 0.0
        while run.goes_on:
            truth.change(drops, chance)
            if time.monotonic() > vouched + 0.1:
                drops.vouch()
                vouched = time.monotonic()
            time.sleep(chance.choice((0.0005, 0.005, 0.02)))

    def keep_disturbing() -> None:
        chance = random.Random(2)
        while time.monotonic() < run.until - 1:
            time.sleep(chance.uniform(0.2, 0.6))
            if chance.random() < 0.5:
                cache.restart()
            else:
                with cache.client() as client, suppress(redis.RedisError):
                    client.flushall()

    threads = [threading.Thread(target=keep_writing), threading.Thread(target=keep_disturbing)]
    for thread in threads:
        thread.start()
    asyncio.run(keep_reading(cache.url, truth, run))
    for thread in threads:
        thread.join(60)
    drops.close()
    assert not run.wrong
    assert run.hits, f"copies were never used in {run.reads} reads"


async def test_a_copy_is_kept_until_dropped(cache: Cache) -> None:
    copies, drops = HotCopies(cache.url), HotDrops(cache.url, REALM)

    async def read(value: bytes) -> bytes:
        return value

    assert await copies.fill("a", lambda: read(b"0"), [REALM]) == b"0"
    assert await copies.get("a", [REALM]) is None, "nobody vouches: nothing is trusted"
    assert drops.vouch()
    assert await copies.fill("a", lambda: read(b"1"), [REALM]) == b"1"
    assert await copies.fill("a", lambda: read(b"2"), [REALM]) == b"1"
    assert drops.drop(["a"])
    assert await copies.get("a", [REALM]) is None
    assert await copies.fill("a", lambda: read(b"3"), [REALM]) == b"3"
    assert drops.drop_all()
    assert await copies.get("a", [REALM]) is None
    await copies.close()
    drops.close()


async def test_a_copy_of_two_realms_is_trusted_only_while_both_vouch(cache: Cache) -> None:
    copies, here, there = HotCopies(cache.url), HotDrops(cache.url, REALM), HotDrops(cache.url, OTHER)
    both, value = [REALM, OTHER], b"1"

    async def read() -> bytes:
        return value

    assert here.vouch()
    await copies.fill("a", read, both)
    assert await copies.get("a", both) is None, "one of the two does not vouch"
    assert there.vouch()
    await copies.fill("a", read, both)
    assert await copies.get("a", list(reversed(both))) == b"1"
    assert await copies.get("a", [REALM]) is None, "made from more than this realm vouches for"
    assert await copies.get("a", []) is None
    for lost in (here, there):
        assert await copies.fill("a", read, both) == b"1"
        assert lost.drop_all()
        assert await copies.get("a", both) is None
        await copies.fill("a", read, both)
        assert lost.drop(["a"])
        assert await copies.get("a", both) is None
    await copies.fill("a", read, both)
    await copies.fill("b", read, [REALM])
    with cache.client() as client:
        client.delete(protocol.epoch_key(OTHER))
    assert await copies.get("a", both) is None
    assert await copies.get("b", [REALM]) == b"1", "this copy does not depend on the other realm"
    await copies.close()
    here.close()
    there.close()


async def test_a_copy_of_another_form_is_not_used(cache: Cache) -> None:
    copies, drops = HotCopies(cache.url), HotDrops(cache.url, REALM)

    async def read(value: bytes) -> bytes:
        return value

    for form, value in (("former", b"1"), ("present", b"2"), ("former", b"3")):
        assert drops.vouch()
        assert await copies.fill("a", lambda value=value: read(value), [REALM], form) == value
        assert await copies.get("a", [REALM], form) == value
        assert await copies.get_many(["a"], [REALM], form) == [value]
    assert await copies.get("a", [REALM], "present") is None
    assert await copies.get_many(["a"], [REALM], "present") == [None]
    await copies.close()
    drops.close()


def test_the_form_changes_with_the_type() -> None:
    parts = ("parts", list[int], msgspec.field(default_factory=lambda: [1]))
    former = msgspec.defstruct("Copy", [("name", str), parts], array_like=True)
    moved = msgspec.defstruct("Copy", [("parts", list[int]), ("name", str)], array_like=True)
    renamed = msgspec.defstruct("Copy", [("title", str), parts], array_like=True)
    deep = [msgspec.defstruct("Page", [("copy", kind)]) for kind in (former, moved)]
    assert len({form_of(kind) for kind in (former, moved, renamed, *deep)}) == 5
    assert form_of(former) == form_of(msgspec.defstruct("Copy", [("name", str), parts], array_like=True))


async def test_a_value_not_worth_copying_is_not_copied(cache: Cache) -> None:
    copies, drops = HotCopies(cache.url), HotDrops(cache.url, REALM)
    assert drops.vouch()

    async def read() -> bytes:
        return b"partial"

    assert await copies.fill("a", read, [REALM], worth=lambda value: value != b"partial") == b"partial"
    assert await copies.get("a", [REALM]) is None
    await copies.close()
    drops.close()


async def test_a_value_read_during_a_drop_is_not_copied(cache: Cache) -> None:
    copies, drops = HotCopies(cache.url), HotDrops(cache.url, REALM)
    drops.vouch()

    def flush() -> bool:
        with cache.client() as client:
            client.flushall()
        return drops.vouch()

    for lose in (lambda: drops.drop(["a"]), drops.drop_all, flush):

        async def read(lose=lose) -> bytes:
            assert lose()
            return b"old"

        assert await copies.fill("a", read, [REALM]) == b"old"
        assert await copies.get("a", [REALM]) is None
    await copies.close()
    drops.close()


async def test_a_lost_drop_makes_all_copies_worthless(cache: Cache) -> None:
    copies, drops = HotCopies(cache.url), HotDrops(cache.url, REALM)
    drops.vouch()

    async def read() -> bytes:
        return b"old"

    await copies.fill("a", read, [REALM])
    with cache.client() as client:
        (word,) = client.mget(protocol.epoch_key(REALM))
        process.send(cache.handle.process, signal.SIGSTOP)
        assert not drops.drop(["a"])
        process.send(cache.handle.process, signal.SIGCONT)
        client.hset(protocol.copy_key("a"), mapping={"epochs": epochs(word), "value": b"old"})
        assert drops.drop(["b"])
        assert await copies.get("a", [REALM]) is None
    await copies.close()
    drops.close()


async def test_a_copy_that_came_back_with_a_restart_is_not_trusted(cache: Cache) -> None:
    copies, drops = HotCopies(cache.url), HotDrops(cache.url, REALM)
    drops.vouch()
    with cache.client() as client:
        (word,) = client.mget(protocol.epoch_key(REALM))
        cache.restart()
        client.set(protocol.epoch_key(REALM), word)
        client.hset(protocol.copy_key("a"), mapping={"epochs": epochs(word), "value": b"old"})
    drops.vouch()
    drops.vouch()
    assert await copies.get("a", [REALM]) is None
    await copies.close()
    drops.close()


async def test_a_silent_redis_costs_the_first_request_only(cache: Cache) -> None:
    copies = HotCopies(cache.url)

    async def read() -> bytes:
        return b"1"

    await copies.fill("a", read, [REALM])
    process.send(cache.handle.process, signal.SIGSTOP)
    await copies.fill("a", read, [REALM])
    async with asyncio.timeout(60):  # waiting for Redis each time, they would take longer than three minutes
        for _ in range(100):
            assert await copies.fill("a", read, [REALM]) == b"1"
    process.send(cache.handle.process, signal.SIGCONT)
    async with asyncio.timeout(60):
        while not copies.is_up:
            await asyncio.sleep(0.1)
    await copies.close()


async def test_without_redis_every_read_is_direct() -> None:
    copies, drops = HotCopies(None), HotDrops(None, REALM)

    async def read() -> bytes:
        return b"1"

    assert await copies.fill("a", read, [REALM]) == b"1"
    assert await copies.get("a", [REALM]) is None
    assert drops.drop(["a"])
    await copies.close()
    drops.close()
