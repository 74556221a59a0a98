"""Keep accounts: enable, disable, change role and password, reset the second factor, end sessions.

The acts are functions of the database, which checks the author and writes the audit trail in the same transaction.
Copies of sessions are told after the commit: what could not be told is over when the copy is, in seconds.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, errors

from trustmed.db.async_rows import find_struct, find_structs, find_value, find_values
from trustmed.db.queries import load
from trustmed.passwords import hash_password
from trustmed.staff.errors import AccountUnknown, KeepingForbidden, LastOfRole, StaffRoleUnknown
from trustmed.staff.model import Office, OpenSession, StaffAccount
from trustmed.web.sessions import WHOLE_LIFE

sql = load(__package__)


async def find_accounts(office: Office) -> list[StaffAccount]:
    """Return all accounts of the office, the disabled ones last."""
    async with office.transaction() as connection:
        return await find_structs(connection, StaffAccount, sql["accounts"], {"whole_life": WHOLE_LIFE})


async def find_sessions(office: Office, login: str) -> list[OpenSession]:
    """Return the open sessions of an account. Raises AccountUnknown."""
    async with office.transaction() as connection:
        account = await find_account(connection, login)
        return await _sessions(connection, account.id)


async def find_one(office: Office, login: str) -> StaffAccount:
    """Return an account of the office. Raises AccountUnknown."""
    async with office.transaction() as connection:
        return await find_account(connection, login)


async def set_disabled(office: Office, login: str, is_disabled: bool, *, force: bool = False) -> int:
    """Disable or enable an account; return how many sessions ended with it.

    Raises AccountUnknown, KeepingForbidden, and LastOfRole unless `force`.
    """
    async with _act(office) as connection:
        account = await find_account(connection, login)
        if is_disabled and not force:
            await _require_another(connection, office, account)
        values = _values(office, account) | {"is_disabled": is_disabled}
        await connection.execute(office.queries["set_account_disabled"], values)
        ended = await _end_sessions(connection, office, account) if is_disabled else []
    await office.copies.mark_ended(ended)
    return len(ended)


async def set_role(office: Office, login: str, role: str, *, force: bool = False) -> None:
    """Change what an account may do; its open sessions follow at once.

    Raises StaffRoleUnknown, AccountUnknown, KeepingForbidden, and LastOfRole unless `force`.
    """
    if role not in office.roles:
        raise StaffRoleUnknown(role, office.roles)
    async with _act(office) as connection:
        account = await find_account(connection, login)
        if role != account.role and not force:
            await _require_another(connection, office, account)
        await connection.execute(office.queries["set_account_role"], _values(office, account) | {"role": role})
        opened = [one.id for one in await _sessions(connection, account.id)]
    await office.copies.mark_changed(opened)


async def set_password(office: Office, login: str, password: str, *, except_id: str | None = None) -> int:
    """Give an account a password and end its sessions but `except_id`; return how many ended.

    A password that somebody else chose is temporary: its owner must change it before doing anything else.
    Raises AccountUnknown, KeepingForbidden, PasswordTooShort.
    """
    password_hash = await asyncio.to_thread(hash_password, password)
    async with _act(office) as connection:
        account = await find_account(connection, login)
        values = _values(office, account) | {"password_hash": password_hash}
        await connection.execute(office.queries["set_account_password"], values)
        ended = await _end_sessions(connection, office, account, except_id)
        opened = [one.id for one in await _sessions(connection, account.id)]
    await office.copies.mark_ended(ended)
    await office.copies.mark_changed(opened)
    return len(ended)


async def end_sessions(office: Office, login: str, *, except_id: str | None = None) -> int:
    """End an account's sessions but `except_id`; return how many ended. Raises AccountUnknown, KeepingForbidden."""
    async with _act(office) as connection:
        account = await find_account(connection, login)
        ended = await _end_sessions(connection, office, account, except_id)
    await office.copies.mark_ended(ended)
    return len(ended)


async def reset_factor(office: Office, login: str) -> int:
    """Take an account's second factor away and end its sessions; return how many ended.

    Raises AccountUnknown, KeepingForbidden.
    """
    async with _act(office) as connection:
        account = await find_account(connection, login)
        await connection.execute(office.queries["reset_factor"], _values(office, account))
        ended = await _end_sessions(connection, office, account)
    await office.copies.mark_ended(ended)
    return len(ended)


async def find_account(connection: AsyncConnection, login: str) -> StaffAccount:
    """Return the account with this login. Raises AccountUnknown."""
    account = await find_struct(connection, StaffAccount, sql["account_named"], {"login": login.strip()})
    if account is None:
        raise AccountUnknown(login.strip(), await find_values(connection, sql["logins"]))
    return account


@asynccontextmanager
async def _act(office: Office) -> AsyncGenerator[AsyncConnection]:
    try:
        async with office.transaction() as connection:
            yield connection
    except errors.InsufficientPrivilege as error:
        raise KeepingForbidden from error


async def _require_another(connection: AsyncConnection, office: Office, account: StaffAccount) -> None:
    if account.role != office.vital_role or account.disabled_at is not None:
        return
    if await find_value(connection, office.queries["is_last_of_role"], {"account_id": account.id}):
        raise LastOfRole(account.role)


async def _end_sessions(
    connection: AsyncConnection, office: Office, account: StaffAccount, except_id: str | None = None
) -> list[str]:
    values = _values(office, account) | {"except_id": except_id}
    return await find_values(connection, office.queries["end_account_sessions"], values)


async def _sessions(connection: AsyncConnection, account_id: UUID) -> list[OpenSession]:
    values = {"account_id": account_id, "whole_life": WHOLE_LIFE}
    return await find_structs(connection, OpenSession, sql["open_sessions"], values)


def _values(office: Office, account: StaffAccount) -> dict[str, Any]:
    return {
        "by_account": office.author.account_id,
        "by_name": office.author.name,
        "organization_id": account.organization_id,
        "account_id": account.id,
    }
