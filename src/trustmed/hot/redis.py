"""Redis as a place that may vanish: every call answers quickly or does nothing. Shared by sessions and hot copies."""

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
"""Takes KEYS and ARGV; gives the script's reply, None when Redis is away."""


async def _nothing(_: Redis) -> None:
    pass


class HotRedis:
    """Redis for one event loop. `url` None: there is none, and every call does nothing.

    After one failure Redis is left alone and tried again in the background, so a dead one costs a request nothing.
    `mend` runs when it answers again, before anybody else may ask it; what it raises of Redis's errors means that Redis
    is still away.
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
        """Whether Redis is there and answered last time."""
        return self._redis is not None and self._probe is None

    async def ask(self, question: Callable[[Redis], Awaitable[T]]) -> T | None:
        """Return Redis's answer; None at once if it is away, soon if it does not answer."""
        if self._redis is None or not self.is_up:
            return None
        try:
            return await question(self._redis)
        except (RedisError, OSError) as error:
            self.leave_alone(error)
            return None

    def script(self, text: str) -> Script:
        """Return a Lua script as a function."""
        script = self._redis.register_script(text) if self._redis else None

        async def call(keys: Sequence[str], values: Sequence[Any]) -> Any:
            return await self.ask(lambda _: script(keys=keys, args=values)) if script else None

        return call

    def leave_alone(self, error: Exception) -> None:
        """Ask no more until Redis answers in the background."""
        if self._probe is None:
            log.warning("redis_down", error=str(error) or type(error).__name__)
            self._probe = asyncio.create_task(self._until_back())

    async def close(self) -> None:
        """Let go of Redis."""
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
            # Nothing is awaited between the end of `mend` and this line: no call of others comes between.
            self._probe = None
            log.info("redis_up")
            return
