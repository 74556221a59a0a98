"""Sessions of signed-in people: PostgreSQL (`access.session`) holds the truth, Redis hot copies.

A lost Redis signs nobody out, and requests do not wait for a failing one (`hot.redis`). The store knows a session by
the SHA-256 of the cookie's value, never by the value.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

import msgspec
from litestar.stores.base import Store
from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg_pool import AsyncConnectionPool
from redis.asyncio import Redis

from trustmed.db.pool import hang_up_after
from trustmed.db.queries import load
from trustmed.hot.redis import HotRedis

sql = load(__package__)

HOT_SECONDS: Final = 60
SILENCE_SECONDS: Final = 8.0  # after which a frozen database is given up
RENEWAL_STEP: Final = timedelta(minutes=10)  # so that not every request writes to the database
LIFETIME: Final = timedelta(hours=8)
"""How long a person stays signed in after the last request."""

DROPPED: Final = b""
"""Replaces the copy of a session that has just ended, for longer than a request lasts.

A request that read the session before its end would otherwise put its copy back (see WARM).
"""
WARM: Final = """
-- Store a copy unless DROPPED stands in its place.
if redis.call('GET', KEYS[1]) ~= '' then redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2]) end
"""


class _Stored(msgspec.Struct, frozen=True, array_like=True):
    content: bytes
    expires_at: datetime


class SessionCopies:
    """Copies of sessions in Redis. A copy that could not be dropped is dropped before Redis is trusted again."""

    def __init__(self, url: str | None) -> None:
        self.redis = HotRedis(url, self._drop_undropped)
        self._warm = self.redis.script(WARM)
        self._undropped: set[str] = set()

    async def get(self, key: str) -> bytes | None:
        """Return the copy, DROPPED if the session has just ended, None if there is no copy."""
        found = await self.redis.ask(lambda redis: redis.get(key))
        return found.encode() if isinstance(found, str) else found

    async def put(self, key: str, value: bytes, seconds: int, *, is_new: bool = False) -> None:
        """Store a copy unless the session was dropped after it was read; the copy of a new session is always stored."""
        if is_new:
            await self.redis.ask(lambda redis: redis.set(key, value, ex=max(1, seconds)))
        else:
            await self._warm([key], [value, max(1, seconds)])

    async def drop(self, key: str) -> None:
        if self.redis.configured and not await self.redis.ask(lambda redis: _set_dropped(redis, key)):
            self._undropped.add(key)

    async def _drop_undropped(self, redis: Redis) -> None:
        while self._undropped:
            await _set_dropped(redis, key := next(iter(self._undropped)))
            self._undropped.discard(key)


async def _set_dropped(redis: Redis, key: str) -> bool:
    return bool(await redis.set(key, DROPPED, ex=HOT_SECONDS))


class SessionStore(Store):
    """Sessions by token. `pool` gives autocommit connections to a database that has `access.session`.

    The caller opens and closes the pool; `close` closes only the connection to Redis.
    """

    def __init__(self, pool: AsyncConnectionPool, redis_url: str | None) -> None:
        self._pool = pool
        self.copies = SessionCopies(redis_url)

    async def set(self, key: str, value: str | bytes, expires_in: int | timedelta | None = None) -> None:
        identifier, content = _identifier(key), value.encode() if isinstance(value, str) else value
        expires_at = datetime.now(UTC) + _span(expires_in)
        async with self._connection() as connection:
            await connection.execute(
                sql["store_session"], {"id": identifier, "content": content, "expires_at": expires_at}
            )
        await self._heat(identifier, _Stored(content, expires_at), is_new=True)

    async def get(self, key: str, renew_for: int | timedelta | None = None) -> bytes | None:
        identifier = _identifier(key)
        stored = await self._find(identifier)
        if stored is None:
            return None
        if renew_for is not None:
            await self._renew(identifier, stored, datetime.now(UTC) + _span(renew_for))
        return stored.content

    async def delete(self, key: str) -> None:
        identifier = _identifier(key)
        async with self._connection() as connection:
            await connection.execute(sql["drop_session"], {"id": identifier})
        await self.copies.drop(_hot_key(identifier))

    async def delete_all(self) -> None:
        async with self._connection() as connection:
            await connection.execute(sql["drop_sessions"])

    async def exists(self, key: str) -> bool:
        return await self._find(_identifier(key)) is not None

    async def expires_in(self, key: str) -> int | None:
        stored = await self._find(_identifier(key))
        return None if stored is None else int((stored.expires_at - datetime.now(UTC)).total_seconds())

    async def drop_expired(self) -> None:
        """Delete sessions that expired long ago; called now and then."""
        async with self._connection() as connection:
            await connection.execute(sql["drop_expired_sessions"])

    async def close(self) -> None:
        await self.copies.redis.close()

    @asynccontextmanager
    async def _connection(self) -> AsyncGenerator[AsyncConnection]:
        async with self._pool.connection() as connection:
            with hang_up_after(connection, SILENCE_SECONDS):
                yield connection

    async def _find(self, identifier: str) -> _Stored | None:
        warm = await self.copies.get(_hot_key(identifier))
        if warm == DROPPED:
            return None
        if warm is not None:
            stored = msgspec.msgpack.decode(warm, type=_Stored)
            return stored if stored.expires_at > datetime.now(UTC) else None
        async with self._connection() as connection, connection.cursor(row_factory=class_row(_Stored)) as cursor:
            await cursor.execute(sql["find_session"], {"id": identifier})
            stored = await cursor.fetchone()
        if stored is not None:
            await self._heat(identifier, stored)
        return stored

    async def _heat(self, identifier: str, stored: _Stored, *, is_new: bool = False) -> None:
        left = int((stored.expires_at - datetime.now(UTC)).total_seconds())
        await self.copies.put(
            _hot_key(identifier), msgspec.msgpack.encode(stored), min(HOT_SECONDS, left), is_new=is_new
        )

    async def _renew(self, identifier: str, stored: _Stored, expires_at: datetime) -> None:
        if expires_at - stored.expires_at < RENEWAL_STEP:
            return
        async with self._connection() as connection:
            await connection.execute(sql["prolong_session"], {"id": identifier, "expires_at": expires_at})
        await self._heat(identifier, _Stored(stored.content, expires_at))


def _identifier(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _hot_key(identifier: str) -> str:
    return f"session:{identifier}"


def _span(value: int | timedelta | None) -> timedelta:
    if value is None:
        return LIFETIME
    return value if isinstance(value, timedelta) else timedelta(seconds=value)
