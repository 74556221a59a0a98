"""The region's accounts as the signed-in account keeps them."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from psycopg import AsyncConnection

from trustmed.region.accounts.door import DOOR
from trustmed.region.accounts.factor import set_factor
from trustmed.region.accounts.model import ROLES, VITAL_ROLE
from trustmed.region.accounts.service import QUERIES, add_account, new_account
from trustmed.region.pools import Pools
from trustmed.schema import Place
from trustmed.staff.desk import AnyRequest, FactorDesk, StaffDesk
from trustmed.staff.model import Author, Office
from trustmed.web.identity import identity_of


def staff_desk(issuer: str) -> StaffDesk:
    """Return what the pages of accounts need; `issuer` is what a phone shows beside its codes."""
    return StaffDesk(DOOR, _office_of, FactorDesk(_set_up, _key, issuer))


async def add_by_form(office: Office, given: dict[str, str], password: str) -> None:
    """Add the account that a form describes. Raises NameMissing, RoleUnknown, NameTaken."""
    described = (given.get("login", ""), password, given.get("name", ""), given.get("role", ""))
    await add_account(office, await asyncio.to_thread(new_account, *described))


def _office_of(request: AnyRequest) -> Office:
    identity, pools = identity_of(request), request.app.state.pools
    author = Author(identity.account_id, identity.name)
    copies = request.app.state.sessions.copies
    return Office(author, ROLES, QUERIES, lambda: _transaction(pools), copies, VITAL_ROLE)


@asynccontextmanager
async def _transaction(pools: Pools) -> AsyncGenerator[AsyncConnection]:
    async with pools.connection(pools.of_place(Place.REGISTRY)) as connection, connection.transaction():
        yield connection


async def _set_up(request: AnyRequest, secret: bytes, code: str) -> list[str]:
    account_id = identity_of(request).account_id
    return await set_factor(request.app.state.pools, _key(request), account_id, request.scope["auth"], secret, code)


def _key(request: AnyRequest) -> str:
    return request.app.state.factor_secret
