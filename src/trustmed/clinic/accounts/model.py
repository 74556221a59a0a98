"""Accounts and the employees they belong to."""

from typing import Literal, get_args
from uuid import UUID

import msgspec

Role = Literal["doctor", "registrar", "head", "engineer"]
ROLES: tuple[str, ...] = get_args(Role)


class Account(msgspec.Struct, frozen=True):
    """A row of `access.account` as needed for signing in."""

    organization_id: int
    id: UUID
    login: str
    password_hash: str
    role: str
    employee_id: UUID
    language: str
    is_password_temporary: bool = False


class Employee(msgspec.Struct, frozen=True):
    """`position_code` is of dictionary 1.2.643.5.1.13.13.11.1002; `snils` is 11 digits."""

    id: UUID
    surname: str
    given_name: str
    patronymic: str | None
    snils: str | None
    position_code: str

    @property
    def full_name(self) -> str:
        return " ".join(part for part in (self.surname, self.given_name, self.patronymic) if part)


class NewEmployee(msgspec.Struct, frozen=True):
    surname: str
    given_name: str
    patronymic: str | None
    snils: str | None
    position_code: str


class SignedIn(msgspec.Struct, frozen=True):
    """The account and the employee whose password was right."""

    account: Account
    employee: Employee
