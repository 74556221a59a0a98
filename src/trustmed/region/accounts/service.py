"""Find and add client systems and accounts."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from difflib import get_close_matches
from hashlib import sha256
from typing import Any, cast, get_args

import msgspec

from trustmed.audit.actions import Action
from trustmed.db.async_rows import find_struct, find_structs, find_value
from trustmed.db.queries import load
from trustmed.errors import InputRefused, NotFound
from trustmed.passwords import hash_password
from trustmed.region.accounts.model import Account, Client, KeptClient, NewAccount, Role, Scope
from trustmed.region.pools import Pools
from trustmed.schema import Place
from trustmed.staff.model import Office
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


class ClientUnknown(NotFound):
    """There is no client system of this name; the text names those that are spelled alike."""

    def __init__(self, name: str, known: list[str]) -> None:
        alike = ", ".join(get_close_matches(name, known, 3))
        super().__init__(
            f"Системы «{name}» нет." + (f" Похожие: {alike}." if alike else "") + " Посмотрите список систем.",
            f"There is no client system {name!r}." + (f" Alike: {alike}." if alike else "") + " Look at the list.",
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


async def note_at_the_door(
    pools: Pools, actor: str, actor_name: str, action: Action, outcome: str = "granted", detail: str | None = None
) -> None:
    """Audit who came in, went out or was refused. Raises PartMissing."""
    values = {"actor": actor, "actor_name": actor_name, "action": str(action), "outcome": outcome, "detail": detail}
    async with pools.connection(pools.of_place(Place.REGISTRY)) as connection:
        await connection.execute(QUERIES["note_at_the_door"], values)


async def add_client(
    office: Office,
    topology: Topology,
    name: str,
    scopes: Sequence[Scope],
    *,
    requests_per_second: int = 100,
    organizations: Sequence[int] = (),
) -> str:
    """Add a client system; return its token, which is stored nowhere.

    `organizations`: those whose staff it may speak for. Raises NameMissing, NameTaken, OrganizationAbsent.
    """
    for number in organizations:
        if topology.organization(number) is None:
            raise OrganizationAbsent(number)
    name = name.strip()
    if not name:
        raise NameMissing
    token = secrets.token_urlsafe(32)
    values = {
        "name": name,
        "token_sha256": _hash(token),
        "scopes": list(scopes),
        "requests_per_second": requests_per_second,
        "organizations": list(organizations) or None,
    }
    if await _do(office, "add_client", values) is None:
        raise NameTaken(name)
    return token


async def add_account(office: Office, account: NewAccount) -> None:
    """Add an account of the region's staff; its password is temporary. Raises NameTaken."""
    if await _do(office, "add_account", msgspec.structs.asdict(account)) is None:
        raise NameTaken(account.login)


async def find_clients(office: Office) -> list[KeptClient]:
    """Return all client systems, the disabled ones last."""
    async with office.transaction() as connection:
        return await find_structs(connection, KeptClient, QUERIES["clients"])


async def set_client_disabled(office: Office, name: str, is_disabled: bool) -> None:
    """Let a client system in no more, or again; its token stays. Raises ClientUnknown."""
    client = await _client_named(office, name)
    await _do(office, "set_client_disabled", {"client_id": client.id, "is_disabled": is_disabled})


async def rotate_client(office: Office, name: str, overlap: timedelta) -> str:
    """Return a new token of a client system; the former one opens for `overlap` more. Raises ClientUnknown."""
    client, token = await _client_named(office, name), secrets.token_urlsafe(32)
    values = {"client_id": client.id, "token_sha256": _hash(token), "overlap": overlap}
    await _do(office, "rotate_client", values)
    return token


async def bind_portal(office: Office, name: str, audience: str, thumbprint: str) -> None:
    """Bind a citizens' portal by its client_id at the provider and the key that proves its requests.

    Raises ClientUnknown, NameMissing.
    """
    if not audience.strip():
        raise NameMissing
    client = await _client_named(office, name)
    values = {"client_id": client.id, "audience": audience.strip(), "thumbprint": thumbprint}
    await _do(office, "bind_portal", values)


async def _client_named(office: Office, name: str) -> KeptClient:
    clients = {one.name: one for one in await find_clients(office)}
    if name not in clients:
        raise ClientUnknown(name, list(clients))
    return clients[name]


async def _do(office: Office, query: str, values: dict[str, Any]) -> Any:
    by = {"by_account": office.author.account_id, "by_name": office.author.name}
    async with office.transaction() as connection:
        return await find_value(connection, QUERIES[query], by | values)


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
