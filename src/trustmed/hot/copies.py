"""The readers' side of the hot copies: from Redis if there is a fresh one, from the database otherwise, always."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any
from uuid import uuid4

import redis.asyncio as redis
import structlog
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from trustmed.hot.protocol import LOOK, LOOK_MANY, STORE, copy_key, epochs, lease_key, names

TIMEOUT_SECONDS = 0.05
PROBE_SECONDS = 1.0
LARGEST_COPY = 1 << 20

log = structlog.get_logger("trustmed.hot")


class HotCopies:
    """Copies for readers of one event loop. `url` None: no Redis, every read is direct.

    After one failure Redis is left alone and tried again in the background, so a dead one costs a request nothing.
    """

    def __init__(self, url: str | None) -> None:
        self._probe: asyncio.Task[None] | None = None
        self._redis: redis.Redis | None = None
        if url is not None:
            self._redis = redis.Redis.from_url(
                url,
                socket_timeout=TIMEOUT_SECONDS,
                socket_connect_timeout=TIMEOUT_SECONDS,
                retry=Retry(NoBackoff(), 0),
            )
            self._look = self._redis.register_script(LOOK)
            self._look_many = self._redis.register_script(LOOK_MANY)
            self._store = self._redis.register_script(STORE)

    @property
    def available(self) -> bool:
        """Whether Redis is there and answered last time."""
        return self._redis is not None and self._probe is None

    async def get(self, key: str, realms: Iterable[str]) -> bytes | None:
        """The fresh copy that all these realms vouch for, if there is one."""
        state, _, value = await self._ask(names(key, realms), "")
        return value if state == b"hit" else None

    async def get_many(self, keys: Sequence[str], realms: Iterable[str]) -> list[bytes | None]:
        """The fresh copies, in one question: for each key what `get` gives."""
        if not self.available or not keys:
            return [None] * len(keys)
        asked = [*(copy_key(key) for key in keys), *epochs(realms)]
        return await self._call(self._look_many, asked, [len(keys)]) or [None] * len(keys)

    async def fill(
        self,
        key: str,
        read: Callable[[], Awaitable[bytes]],
        realms: Iterable[str],
        worth: Callable[[bytes], bool] = lambda _: True,
    ) -> bytes:
        """The copy, or what `read` brings, kept unless the key was dropped meanwhile. Raises what `read` does.

        `realms`: all that vouch for what `read` reads (`protocol.realm`). What is not `worth` keeping is not kept.
        """
        keys = names(key, realms)
        state, epochs, value = await self._ask(keys, uuid4().hex)
        if state == b"hit":
            return value
        fresh = await read()
        if state == b"miss" and len(fresh) <= LARGEST_COPY and worth(fresh):
            await self._call(self._store, keys, [epochs, value, fresh])
        return fresh

    async def drop(self, keys: Iterable[str]) -> None:
        """Drop these copies now, if Redis answers: what their effect does a little later in any case."""
        names = [name for key in keys for name in (copy_key(key), lease_key(key))]
        if self._redis is None or not self.available or not names:
            return
        try:
            await self._redis.delete(*names)
        except (RedisError, OSError, TimeoutError) as error:
            self._leave_alone(error)

    async def close(self) -> None:
        """Let go of Redis."""
        if self._probe is not None:
            self._probe.cancel()
            await asyncio.gather(self._probe, return_exceptions=True)
        if self._redis is not None:
            await self._redis.aclose()

    async def _ask(self, keys: list[str], lease: str) -> tuple[bytes, bytes, bytes]:
        reply = await self._call(self._look, keys, [lease]) if self.available else None
        return tuple(reply) if reply else (b"off", b"", b"")

    async def _call(self, script: Any, keys: list[str], values: list[Any]) -> Any:
        if not self.available:
            return None
        try:
            return await script(keys=keys, args=values)
        except (RedisError, OSError, TimeoutError) as error:
            self._leave_alone(error)
            return None

    def _leave_alone(self, error: Exception) -> None:
        if self._probe is None:
            log.warning("hot_copies_unreachable", error=str(error))
            self._probe = asyncio.create_task(self._until_back())

    async def _until_back(self) -> None:
        while self._redis is not None:
            await asyncio.sleep(PROBE_SECONDS)
            try:
                await self._redis.ping()
            except (RedisError, OSError, TimeoutError):
                continue
            self._probe = None
            log.info("hot_copies_back")
            return
