"""Redis as a service that may vanish: every call answers quickly or does nothing. Used by sessions and hot copies."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

TIMEOUT_SECONDS = 0.05
PROBE_SECONDS = 1.0

log = structlog.get_logger("trustmed.hot")

T = TypeVar("T")
Script = Callable[[Sequence[str], Sequence[Any]], Awaitable[Any]]
"""Takes KEYS and ARGV; returns the script's reply, or None if Redis is away."""


async def _nothing(_: Redis) -> None:
    pass


async def _no_reply(keys: Sequence[str], values: Sequence[Any]) -> None:
    pass


class HotRedis:
    """Redis for one event loop. If `url` is None there is no Redis, and every call does nothing.

    After one failure Redis is left alone and probed in the background, so a dead one costs a request nothing. `mend`
    runs when it answers again, before any other call may reach it; if `mend` raises an error of Redis, Redis counts as
    still away.
    """

    def __init__(self, url: str | None, mend: Callable[[Redis], Awaitable[None]] = _nothing) -> None:
        self._redis = (
            Redis.from_url(
                url,
                socket_timeout=TIMEOUT_SECONDS,
                socket_connect_timeout=TIMEOUT_SECONDS,
                retry=Retry(NoBackoff(), 0),
            )
            if url
            else None
        )
        self._mend = mend
        self._probe: asyncio.Task[None] | None = None

    @property
    def configured(self) -> bool:
        """Whether the deployment has Redis at all."""
        return self._redis is not None

    @property
    def is_up(self) -> bool:
        """Whether Redis is configured and answered last time."""
        return self._redis is not None and self._probe is None

    async def ask(self, question: Callable[[Redis], Awaitable[T]]) -> T | None:
        """Return Redis's answer: None at once if Redis is away, None within TIMEOUT_SECONDS if it does not answer."""
        if self._redis is None or not self.is_up:
            return None
        try:
            return await question(self._redis)
        except (RedisError, OSError) as error:
            self.leave_alone(error)
            return None

    def script(self, text: str) -> Script:
        """Return a function that runs a Lua script."""
        if self._redis is None:
            return _no_reply
        script = self._redis.register_script(text)

        async def call(keys: Sequence[str], values: Sequence[Any]) -> Any:
            return await self.ask(lambda _: script(keys=keys, args=values))

        return call

    def leave_alone(self, error: Exception) -> None:
        """Stop asking until a probe in the background gets an answer."""
        if self._probe is None:
            log.warning("redis_down", error=error)
            self._probe = asyncio.create_task(self._until_back())

    async def close(self) -> None:
        """Stop the probe and close the connections."""
        if self._probe is not None:
            self._probe.cancel()
            await asyncio.gather(self._probe, return_exceptions=True)
        if self._redis is not None:
            await self._redis.aclose()

    async def _until_back(self) -> None:
        while self._redis is not None:
            await asyncio.sleep(PROBE_SECONDS)
            try:
                await self._redis.ping()
                await self._mend(self._redis)
            except (RedisError, OSError):
                continue
            # Nothing is awaited between the end of `mend` and this line, so no other call can come between.
            self._probe = None
            log.info("redis_up")
            return
