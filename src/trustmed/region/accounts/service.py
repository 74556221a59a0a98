"""Find and add client systems and accounts."""

import secrets
from collections.abc import Sequence
from hashlib import sha256
from typing import cast, get_args

import msgspec

from trustmed.db.async_rows import find_struct
from trustmed.db.queries import load
from trustmed.errors import InputRefused
from trustmed.passwords import hash_password
from trustmed.region.accounts.model import Account, Client, NewAccount, Role, Scope
from trustmed.region.pools import ROLE, Pools
from trustmed.schema import Place
from trustmed.topology.connect import connect
from trustmed.topology.file.spec import Topology

QUERIES = load(__package__)


class NameTaken(InputRefused):
    """A client or an account of this name exists already."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Имя «{name}» уже занято. Выберите другое; прежняя запись не изменена.",
            f"The name {name!r} is taken. Choose another; the former entry is not changed.",
        )


class NameMissing(InputRefused):
    """A client or an account has no name, so nobody would know whom the audit log means."""

    def __init__(self) -> None:
        super().__init__(
            "Имя пусто. Назовите систему или сотрудника: имя стоит в журнале доступа.",
            "The name is empty. Name the system or the person: the name stands in the audit log.",
        )


class RoleUnknown(InputRefused):
    """The region's staff has no such role."""

    def __init__(self, role: str) -> None:
        super().__init__(
            f"Роли «{role}» нет. Допустимы: {', '.join(get_args(Role))}.",
            f"There is no role {role!r}. Permitted: {', '.join(get_args(Role))}.",
        )


class ScopeUnknown(InputRefused):
    """There is no such interface for client systems to call."""

    def __init__(self, scope: str) -> None:
        super().__init__(
            f"Интерфейса «{scope}» нет. Допустимы: {', '.join(get_args(Scope))}.",
            f"There is no interface {scope!r}. Permitted: {', '.join(get_args(Scope))}.",
        )


class OrganizationAbsent(InputRefused):
    """The topology does not have the organisation that a client is to speak for."""

    def __init__(self, number: int) -> None:
        super().__init__(
            f"Организации {number} нет в файле топологии. Возьмите номер (id) из region.toml.",
            f"There is no organisation {number} in the topology file. Take its number (id) from region.toml.",
        )


def scope_of(text: str) -> Scope:
    """Return the interface of this name. Raises ScopeUnknown."""
    if text not in get_args(Scope):
        raise ScopeUnknown(text)
    return cast(Scope, text)


def new_account(login: str, password: str, name: str, role: str) -> NewAccount:
    """Return the account as it will be stored. Raises NameMissing, RoleUnknown, PasswordTooShort."""
    if not login.strip() or not name.strip():
        raise NameMissing
    if role not in get_args(Role):
        raise RoleUnknown(role)
    return NewAccount(login.strip().lower(), hash_password(password), name.strip(), cast(Role, role))


async def client_of_token(pools: Pools, token: str) -> Client | None:
    """Return the client a token belongs to, disabled or not. Raises PartMissing."""
    async with pools.connection(pools.of_place(Place.REGISTRY)) as connection:
        return await find_struct(connection, Client, QUERIES["client_of_token"], {"token_sha256": _hash(token)})


async def account_of_login(pools: Pools, login: str) -> Account | None:
    """Return the account that may sign in by this login. Raises PartMissing."""
    async with pools.connection(pools.of_place(Place.REGISTRY)) as connection:
        return await find_struct(connection, Account, QUERIES["account_of_login"], {"login": login})


def add_client(
    topology: Topology,
    name: str,
    scopes: Sequence[Scope],
    *,
    requests_per_second: int = 100,
    organizations: Sequence[int] = (),
) -> str:
    """Add a client system; return its token, which is stored nowhere.

    `organizations`: those whose staff it may speak for.
    Raises NameMissing, NameTaken, OrganizationAbsent, ServerUnreachable.
    """
    for number in organizations:
        if topology.organization(number) is None:
            raise OrganizationAbsent(number)
    name = name.strip()
    if not name:
        raise NameMissing
    token = secrets.token_urlsafe(32)
    _add(
        topology,
        "add_client",
        name,
        {
            "name": name,
            "token_sha256": _hash(token),
            "scopes": list(scopes),
            "requests_per_second": requests_per_second,
            "organizations": list(organizations) or None,
        },
    )
    return token


def add_account(topology: Topology, account: NewAccount) -> None:
    """Add an account of the region's staff. Raises NameTaken, ServerUnreachable."""
    _add(topology, "add_account", account.login, msgspec.structs.asdict(account))


def _add(topology: Topology, query: str, name: str, values: dict[str, object]) -> None:
    with connect(topology, topology.database_of(Place.REGISTRY), ROLE, "accounts") as connection:
        if connection.execute(QUERIES[query], values).fetchone() is None:
            raise NameTaken(name)


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
