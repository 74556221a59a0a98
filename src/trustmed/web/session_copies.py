"""Hot copies of sessions in Redis. They live for seconds, so that one nobody could drop does no harm for long."""

from collections.abc import Iterable
from typing import Final

from redis.asyncio import Redis

from trustmed.hot.redis import HotRedis

HOT_SECONDS: Final = 5
MARK_SECONDS: Final = 60
"""For how long a mark stands: longer than any request lasts."""

ENDED: Final = b""
"""Replaces the copy of a session that has just ended.

A request that read the session before its end would otherwise put its copy back (see WARM).
"""
CHANGED: Final = b"-"
"""Replaces copies of the sessions of an account that was just changed: the database is asked until the mark is gone."""

WARM: Final = """
-- Store a copy unless a mark (ENDED, CHANGED) stands in its place.
local found = redis.call('GET', KEYS[1])
if found ~= '' and found ~= '-' then redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2]) end
"""


class SessionCopies:
    """Copies by a session's identifier. A mark that could not be made is made before Redis is trusted again."""

    def __init__(self, url: str | None) -> None:
        self.redis = HotRedis(url, self._make_owed_marks)
        self._warm = self.redis.script(WARM)
        self._owed: dict[str, bytes] = {}

    async def find(self, identifier: str) -> bytes | None:
        """Return the copy, ENDED if the session has just ended, None if the database must be asked."""
        found = await self.redis.ask(lambda redis: redis.get(_key(identifier)))
        found = found.encode() if isinstance(found, str) else found
        return None if found == CHANGED else found

    async def put(self, identifier: str, value: bytes, seconds: int, *, is_new: bool = False) -> None:
        """Store a copy unless a mark was made after it was read; the copy of a new session is always stored."""
        key, seconds = _key(identifier), max(1, min(HOT_SECONDS, seconds))
        if is_new:
            await self.redis.ask(lambda redis: redis.set(key, value, ex=seconds))
        else:
            await self._warm([key], [value, seconds])

    async def mark_ended(self, identifiers: Iterable[str]) -> None:
        await self._mark(identifiers, ENDED)

    async def mark_changed(self, identifiers: Iterable[str]) -> None:
        await self._mark(identifiers, CHANGED)

    async def close(self) -> None:
        await self.redis.close()

    async def _mark(self, identifiers: Iterable[str], mark: bytes) -> None:
        if not self.redis.configured:
            return
        for key in map(_key, identifiers):
            if not await self.redis.ask(lambda redis, key=key: _set_mark(redis, key, mark)):
                self._owed[key] = mark

    async def _make_owed_marks(self, redis: Redis) -> None:
        while self._owed:
            key, mark = next(iter(self._owed.items()))
            await _set_mark(redis, key, mark)
            del self._owed[key]


async def _set_mark(redis: Redis, key: str, mark: bytes) -> bool:
    return bool(await redis.set(key, mark, ex=MARK_SECONDS))


def _key(identifier: str) -> str:
    return f"session:2:{identifier}"  # "session:" alone: copies of programs that kept them for a minute
