"""Accounts as those who keep them see them, and the office that keeps them."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from trustmed.db.queries import Queries
from trustmed.web.session_copies import SessionCopies


class StaffAccount(msgspec.Struct, frozen=True):
    """An account with the number of its open sessions. `organization_id` is None at the region."""

    organization_id: int | None
    id: UUID
    login: str
    name: str
    role: str
    disabled_at: datetime | None
    is_password_temporary: bool
    has_factor: bool
    sessions: int


class OpenSession(msgspec.Struct, frozen=True):
    """A session that has not expired. `seen_at` is exact to ten minutes."""

    id: str
    opened_at: datetime
    seen_at: datetime
    device: str | None
    network: str | None


class Author(msgspec.Struct, frozen=True):
    """Who keeps accounts: an account, or (None) a command, whose `name` says who ran it on which machine."""

    account_id: UUID | None
    name: str


class Office(msgspec.Struct, frozen=True):
    """The accounts of one side, kept by one author.

    `queries` has the side's set_account_role, set_account_disabled, set_account_password and end_account_sessions.
    `transaction` opens a transaction that sees the office's accounts alone. `vital_role`: at least one enabled account
    must have it.
    """

    author: Author
    roles: tuple[str, ...]
    queries: Queries
    transaction: Callable[[], AbstractAsyncContextManager[AsyncConnection]]
    copies: SessionCopies
    vital_role: str | None = None
