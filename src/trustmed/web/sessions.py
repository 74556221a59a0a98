"""Sessions of signed-in people: PostgreSQL (`access.session`) holds the truth, Redis hot copies.

A session names an account, and every request acts as that account is at present: a disabled one is signed out, a new
role counts at once. A lost Redis signs nobody out, and requests do not wait for a failing one (`hot.redis`). The store
knows a session by the SHA-256 of the cookie's value, never by the value.
"""

import secrets
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

import msgspec
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from trustmed.db.async_rows import find_struct
from trustmed.db.pool import hang_up_after
from trustmed.db.queries import load
from trustmed.web.account import Device, Identity, Owed
from trustmed.web.session_copies import ENDED, SessionCopies

sql = load(__package__)

SILENCE_SECONDS: Final = 8.0  # after which a frozen database is given up
RENEWAL_STEP: Final = timedelta(minutes=10)  # so that not every request writes to the database
LIFETIME: Final = timedelta(hours=8)
"""How long a person stays signed in after the last request."""
WHOLE_LIFE: Final = timedelta(hours=16)
"""How long a person stays signed in at most, however busy."""


class Session(msgspec.Struct, frozen=True, array_like=True):
    """A session that has not ended, with its account as it is now."""

    identity: Identity
    opened_at: datetime
    expires_at: datetime

    @property
    def is_over(self) -> bool:
        return min(self.expires_at, self.opened_at + WHOLE_LIFE) <= datetime.now(UTC)


class _Row(msgspec.Struct, frozen=True):
    """A session as stored, joined with its account; everything of the account is None if there is no such account."""

    content: bytes
    expires_at: datetime
    opened_at: datetime
    account_id: UUID | None
    organization_id: int | None
    login: str | None
    name: str | None
    role: str | None
    language: str | None
    employee_id: UUID | None
    is_disabled: bool | None
    is_password_temporary: bool | None
    has_factor: bool | None


class SessionStore:
    """Sessions by token. `pool` gives autocommit connections to a database that has `access.session`.

    `title_of` names an organisation for its staff; accounts of `factor_roles` must have a second factor. The caller
    opens and closes the pool; `close` closes only the connection to Redis.
    """

    def __init__(
        self,
        pool: AsyncConnectionPool,
        redis_url: str | None,
        title_of: Callable[[int], str | None] = lambda _: None,
        factor_roles: frozenset[str] = frozenset(),
    ) -> None:
        self._pool = pool
        self._title_of = title_of
        self._factor_roles = factor_roles
        self.copies = SessionCopies(redis_url)

    async def open(self, identity: Identity, device: Device | None = None) -> str:
        """Open a session and delete those that expired long ago. Return its token, which is stored nowhere."""
        token, device = secrets.token_urlsafe(32), device or Device()
        now = datetime.now(UTC)
        session = Session(identity, now, now + LIFETIME)
        values = {
            "id": identifier_of(token),
            "content": msgspec.msgpack.encode(identity),
            "opened_at": session.opened_at,
            "expires_at": session.expires_at,
            "account_id": identity.account_id,
            "organization_id": identity.organization_id,
            "device": device.words,
            "network": device.address,
        }
        async with self._connection() as connection:
            await connection.execute(sql["open_session"], values)
            await connection.execute(sql["drop_expired_sessions"])
        await self._heat(values["id"], session, is_new=True)
        return token

    async def find(self, token: str) -> Session | None:
        """Return the session of the token and prolong it; None if there is none, or it or its account has ended."""
        identifier = identifier_of(token)
        session = await self._find(identifier)
        if session is None or session.is_over:
            return None
        return await self._prolong(identifier, session)

    async def close_session(self, token: str) -> None:
        """End a session because its owner leaves."""
        identifier = identifier_of(token)
        async with self._connection() as connection:
            await connection.execute(sql["drop_session"], {"id": identifier})
        await self.copies.mark_ended([identifier])

    async def close(self) -> None:
        await self.copies.close()

    @asynccontextmanager
    async def _connection(self) -> AsyncGenerator[AsyncConnection]:
        async with self._pool.connection() as connection:
            with hang_up_after(connection, SILENCE_SECONDS):
                yield connection

    async def _find(self, identifier: str) -> Session | None:
        warm = await self.copies.find(identifier)
        if warm == ENDED:
            return None
        if warm is not None:
            return msgspec.msgpack.decode(warm, type=Session)
        async with self._connection() as connection:
            row = await _find_row(connection, identifier)
        session = None if row is None else self._session_of(row)
        if session is not None:
            await self._heat(identifier, session)
        return session

    def _session_of(self, row: _Row) -> Session | None:
        """Return the session as its account is now; None if the account is disabled or gone."""
        if row.account_id is None or row.login is None or row.role is None or row.is_disabled:
            return None
        identity = Identity(
            account_id=row.account_id,
            login=row.login,
            name=row.name or row.login,
            role=row.role,
            language=row.language or "ru",
            organization_id=row.organization_id,
            organization_title=None if row.organization_id is None else self._title_of(row.organization_id),
            employee_id=row.employee_id,
            owes=owed(row.role, self._factor_roles, bool(row.is_password_temporary), bool(row.has_factor)),
        )
        return Session(identity, row.opened_at, row.expires_at)

    async def _heat(self, identifier: str, session: Session, *, is_new: bool = False) -> None:
        left = int((session.expires_at - datetime.now(UTC)).total_seconds())
        await self.copies.put(identifier, msgspec.msgpack.encode(session), left, is_new=is_new)

    async def _prolong(self, identifier: str, session: Session) -> Session:
        expires_at = datetime.now(UTC) + LIFETIME
        if expires_at - session.expires_at < RENEWAL_STEP:
            return session
        async with self._connection() as connection:
            await connection.execute(sql["prolong_session"], {"id": identifier, "expires_at": expires_at})
        longer = msgspec.structs.replace(session, expires_at=expires_at)
        await self._heat(identifier, longer)
        return longer


async def _find_row(connection: AsyncConnection, identifier: str) -> _Row | None:
    row = await find_struct(connection, _Row, sql["find_session"], {"id": identifier})
    if row is None or row.account_id is not None:
        return row
    # A program older than the column opened it: only the content says whose it is.
    whose = msgspec.msgpack.decode(row.content, type=Identity)
    owner = {"id": identifier, "account_id": whose.account_id, "organization_id": whose.organization_id}
    await connection.execute(sql["name_owner_of_session"], owner)
    return await find_struct(connection, _Row, sql["find_session"], {"id": identifier})


def owed(role: str, factor_roles: frozenset[str], is_password_temporary: bool, has_factor: bool) -> Owed | None:
    """Return what an account must do before anything else, None if nothing."""
    if is_password_temporary:
        return "password"
    return "factor" if role in factor_roles and not has_factor else None


def identifier_of(token: str) -> str:
    """Return what the store knows a session by."""
    return sha256(token.encode()).hexdigest()
