"""Sign staff in, and add accounts."""

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from trustmed.audit.actions import Action
from trustmed.audit.trail import Actor, Event, note
from trustmed.clinic.accounts.model import Account, Employee, NewEmployee, SignedIn
from trustmed.clinic.work import Databases, tenant
from trustmed.db.async_rows import find_struct, find_value
from trustmed.db.queries import load
from trustmed.errors import InputRefused, NotFound
from trustmed.passwords import hash_password, is_right
from trustmed.staff.errors import StaffRoleUnknown
from trustmed.staff.model import Office
from trustmed.web.attempts import WrongCredentials

sql = load(__package__)


class LoginTaken(InputRefused):
    """An account with this name already exists."""


class EmployeeMissing(NotFound):
    """The account's employee is not in the organisation."""


async def sign_in(databases: Databases, home: int, login: str, password: str) -> SignedIn:
    """Return the account and employee with this login and password; audit the attempt either way.

    An attempt with an unknown login is audited under organisation `home`. Raises WrongCredentials.
    """
    account = await _find_account(databases, login)
    is_right_password = await asyncio.to_thread(is_right, password, account.password_hash if account else None)
    if account is None or not is_right_password:
        await _note_refusal(databases, account, home, login)
        raise WrongCredentials
    async with tenant(databases.site, account.organization_id) as connection:
        employee = await find_employee(connection, account.organization_id, account.employee_id)
        await note(connection, actor_of(account, employee), Event(Action.SESSION_OPEN, ground="own"))
    return SignedIn(account, employee)


async def note_lockout(databases: Databases, home: int, login: str, address: str | None) -> None:
    """Audit that a login is held after too many failures, or the network it comes from."""
    account = await _find_account(databases, login)
    await _note_refusal(databases, account, home, login, Action.SESSION_LOCK, address)


async def find_employee(connection: AsyncConnection, organization_id: int, employee_id: UUID | None) -> Employee:
    """Return the employee. Raises EmployeeMissing."""
    found = await find_struct(
        connection, Employee, sql["find_employee"], {"organization_id": organization_id, "id": employee_id}
    )
    if found is None:
        raise _employee_missing()
    return found


def employee_in(row: Mapping[str, Any]) -> Employee:
    """Build the employee from a row joined with `access.employee`, with its id as `employee_id`.

    Raises EmployeeMissing.
    """
    if row["employee_id"] is None:
        raise _employee_missing()
    return Employee(
        row["employee_id"], row["surname"], row["given_name"], row["patronymic"], row["snils"], row["position_code"]
    )


def _employee_missing() -> EmployeeMissing:
    return EmployeeMissing(
        "Сотрудник этой учётной записи не найден в организации. Обратитесь к руководителю.",
        "The employee of this account is not in the organisation. Ask its head.",
    )


def actor_of(account: Account, employee: Employee) -> Actor:
    return Actor(str(account.id), employee.full_name, account.role, account.organization_id, account.employee_id)


async def add_account(
    office: Office, organization_id: int, login: str, password: str, role: str, employee: NewEmployee
) -> UUID:
    """Add an employee with an account; return the account's id. The password is temporary.

    Raises StaffRoleUnknown, LoginTaken, passwords.PasswordTooShort.
    """
    if role not in office.roles:
        raise StaffRoleUnknown(role, office.roles)
    row = {
        "by_account": office.author.account_id,
        "by_name": office.author.name,
        "organization_id": organization_id,
        "login": login.strip(),
        "password_hash": await asyncio.to_thread(hash_password, password),
        "role": role,
        **msgspec.structs.asdict(employee),
    }
    async with office.transaction() as connection:
        account_id = await find_value(connection, sql["add_account"], row)
    if account_id is None:
        raise LoginTaken(
            f"Имя пользователя «{login}» занято. Выберите другое.", f"User name {login!r} is taken. Choose another."
        )
    return account_id


async def _find_account(databases: Databases, login: str) -> Account | None:
    async with databases.site.connection() as connection, connection.cursor(row_factory=class_row(Account)) as cursor:
        await cursor.execute(sql["account_for_login"], {"login": login})
        return await cursor.fetchone()


async def _note_refusal(
    databases: Databases,
    account: Account | None,
    home: int,
    login: str,
    action: Action = Action.SESSION_OPEN,
    detail: str | None = WrongCredentials.__name__,
) -> None:
    organization_id = account.organization_id if account else home
    actor = Actor(str(account.id) if account else "unknown", login[:100], "none", organization_id)
    async with tenant(databases.site, organization_id) as connection:
        await note(connection, actor, Event(action, "refused", "own", detail))
