"""What commands that keep accounts share: the office of a side, who runs the command, passwords, what is printed."""

import asyncio
import getpass
import socket
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

import psycopg
import typer
from psycopg import AsyncConnection

from trustmed.clinic.accounts.model import ROLES as SITE_ROLES
from trustmed.clinic.accounts.service import sql as site_queries
from trustmed.region.accounts.model import ROLES as REGION_ROLES
from trustmed.region.accounts.model import VITAL_ROLE
from trustmed.region.accounts.service import QUERIES as REGION_QUERIES
from trustmed.schema import Place
from trustmed.staff.errors import PasswordsDiffer
from trustmed.staff.model import Author, Office, OpenSession, StaffAccount
from trustmed.topology.connect import ServerUnreachable, cache_url, conninfo
from trustmed.topology.file.spec import Database, Site, Topology
from trustmed.web.session_copies import SessionCopies

KEEPER: Final = "trustmed_keeper"
T = TypeVar("T")


def keep_site(topology: Topology, site: Site, act: Callable[[Office], Awaitable[T]]) -> T:
    """Do something to the accounts of a site as whoever runs this command; return what it returns."""
    return _run(_keep_site(topology, site, act))


def keep_region(topology: Topology, act: Callable[[Office], Awaitable[T]]) -> T:
    """Do something to the accounts and client systems of the region as whoever runs this command."""
    return _run(_keep_region(topology, act))


def _run(work: Coroutine[Any, Any, T]) -> T:
    """Run the work in a thread of its own: the caller's may have a loop already, as a browser's driver has."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(lambda: asyncio.run(work)).result()


async def _keep_site(topology: Topology, site: Site, act: Callable[[Office], Awaitable[T]]) -> T:
    database, copies = topology.database_of(Place.SITE, site), SessionCopies(cache_url(topology, site))
    office = Office(_author(), SITE_ROLES, site_queries, lambda: _transaction(topology, database), copies)
    return await _in(office, act)


async def _keep_region(topology: Topology, act: Callable[[Office], Awaitable[T]]) -> T:
    database, copies = topology.database_of(Place.REGISTRY), SessionCopies(cache_url(topology))
    office = Office(
        _author(), REGION_ROLES, REGION_QUERIES, lambda: _transaction(topology, database), copies, VITAL_ROLE
    )
    return await _in(office, act)


async def _in(office: Office, act: Callable[[Office], Awaitable[T]]) -> T:
    try:
        return await act(office)
    finally:
        await office.copies.close()


def _author() -> Author:
    """Name the operating-system user: a command has no account."""
    return Author(None, f"команда: {getpass.getuser()}@{socket.gethostname()}")


@asynccontextmanager
async def _transaction(topology: Topology, database: Database) -> AsyncGenerator[AsyncConnection]:
    try:
        connection = await AsyncConnection.connect(conninfo(topology, database, KEEPER, "accounts"), autocommit=True)
    except psycopg.OperationalError as error:
        raise ServerUnreachable(
            f"Сервер {database.server} недоступен: {str(error).strip()}. Запущен ли он, верен ли пароль роли?",
            f"Server {database.server} cannot be reached: {str(error).strip()}. Does it run, is the password right?",
        ) from error
    async with connection, connection.transaction():
        yield connection


def read_password() -> str:
    """Return a new password, asked for twice without showing it, or the first line of standard input.

    Raises PasswordsDiffer.
    """
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Пароль / password: ")
    if getpass.getpass("Ещё раз / again: ") != password:
        raise PasswordsDiffer
    return password


def print_accounts(accounts: list[StaffAccount], *, with_organization: bool = False) -> None:
    """Print a line an account, with tabs between its fields."""
    for one in accounts:
        marks = [
            "отключена / disabled" if one.disabled_at else "",
            "временный пароль / temporary password" if one.is_password_temporary else "",
            f"сеансов / sessions: {one.sessions}" if one.sessions else "",
        ]
        organization = [str(one.organization_id)] if with_organization else []
        typer.echo("\t".join([*organization, one.login, one.role, one.name, *filter(None, marks)]))


def print_sessions(sessions: list[OpenSession]) -> None:
    """Print a line a session: since when, last seen, with what, from where."""
    for one in sessions:
        times = [f"{at.astimezone():%d.%m.%Y %H:%M}" for at in (one.opened_at, one.seen_at)]
        typer.echo("\t".join([*times, one.device or "?", one.network or "?"]))
    if not sessions:
        typer.echo("Открытых сеансов нет. / No open sessions.")


def print_ended(count: int) -> None:
    typer.echo(f"Завершено сеансов / sessions ended: {count}")
