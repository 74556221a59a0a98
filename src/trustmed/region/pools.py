"""Hold a pool of connections to each of the region's databases, as the role that serves requests."""

import asyncio
import errno
import socket
import time
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta

import msgspec
import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool, PoolTimeout, TooManyRequests

from trustmed.db.pool import IDLE_SECONDS, check_if_closed, hang_up_after
from trustmed.errors import Broken, TrustMedError, Unavailable
from trustmed.schema import Place
from trustmed.topology.connect import conninfo
from trustmed.topology.file.spec import Database, Topology

ROLE = "trustmed_region"
MOST_OF_DATABASE = 8
MOST_OF_SERVER = 30
"""Connections of all pools to one server: half of a small server's 60; the feed, monitors and people need some."""
WAIT_SECONDS = 1.5
WAIT_FOR_THE_DOWN_SECONDS = 0.1
WAIT_FOR_THE_BUSY_SECONDS = 15.0
PATIENCE_SECONDS = 8.0
"""How long one piece of work may take; a connection silent for longer is cut."""
PATIENCE_WITH_THE_DOWN_SECONDS = 2.0
GLANCE_SECONDS = 2.0
"""The patience of pages that only show how things stand."""
KNOCK_SECONDS = 0.5
REFUSALS = frozenset({errno.ECONNREFUSED, errno.ECONNRESET, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN})
DOWN_SECONDS = 3.0
"""How long a database found down is hardly waited for; then somebody tries it with full patience again."""


class PartMissing(Unavailable):
    """A database of the region does not answer; `part` is its label in the topology.

    `is_unreachable`: its server refuses connections or has no way to it. Otherwise it is full, slow or silent, or lost
    a connection: it may well answer when asked again, so nothing may be opened on the strength of its absence.
    """

    def __init__(self, part: str, cause: str, *, is_unreachable: bool = False) -> None:
        super().__init__(
            f"Часть региона «{part}» сейчас недоступна: {cause}. Остальное работает; повторите запрос позже.",
            f"Part {part!r} of the region cannot be reached now: {cause}. The rest works; try again later.",
        )
        self.part = part
        self.is_unreachable = is_unreachable


class OrganizationUnknown(Broken):
    """The topology has no site with this organisation, so the shard of its documents is unknown."""

    def __init__(self, organization_id: int) -> None:
        super().__init__(
            f"Организации {organization_id} нет ни на одной площадке файла топологии: неизвестно, где её документы. "
            "Верните её в region.toml.",
            f"No site of the topology file has organisation {organization_id}, so where its documents are is unknown. "
            "Put it back into region.toml.",
        )


class _Usage(msgspec.Struct):
    """How a database is used: connections lent out, when work on one last succeeded, until when it counts as down."""

    lent: int = 0
    last_success: float = float("-inf")
    down_until: float = float("-inf")

    @property
    def is_down(self) -> bool:
        return self.down_until > time.monotonic()

    @property
    def is_busy(self) -> bool:
        """Whether the database answers, and its connections are only taken by others' work."""
        return self.lent > 0 and not self.is_down and time.monotonic() - self.last_success < PATIENCE_SECONDS

    def note_success(self) -> None:
        self.last_success, self.down_until = time.monotonic(), float("-inf")

    def note_down(self) -> None:
        """Mark the database as down.

        A request that hardly waited does not prolong the mark, or nobody would ever try with full patience again.
        """
        if not self.is_down:
            self.down_until = time.monotonic() + DOWN_SECONDS


class Pools:
    """The pools of every database of the region. Opening never waits: a database that is down shows when it is used."""

    def __init__(self, topology: Topology, *, size: int = MOST_OF_DATABASE, idle_seconds: float = IDLE_SECONDS) -> None:
        self.topology = topology
        on_server = Counter(database.server for database in self.databases())
        self._usages = {database.label: _Usage() for database in self.databases()}
        self._pools: dict[tuple[str, str], AsyncConnectionPool[AsyncConnection]] = {
            (database.server, database.name): AsyncConnectionPool(
                conninfo(topology, database, ROLE, "region web", options="-c TimeZone=UTC"),
                kwargs={"autocommit": True},
                min_size=1,
                max_size=max(2, min(size, MOST_OF_SERVER // on_server[database.server])),
                max_idle=idle_seconds,
                max_waiting=200,
                timeout=WAIT_SECONDS,
                reconnect_timeout=3,
                check=check_if_closed,
                name=database.label,
                open=False,
            )
            for database in self.databases()
        }

    def databases(self) -> tuple[Database, ...]:
        """Return the region's own databases, in the topology's order."""
        return tuple(database for database in self.topology.databases() if database.site is None)

    async def open(self) -> None:
        for pool in self._pools.values():
            await pool.open(wait=False)

    async def close(self) -> None:
        for pool in self._pools.values():
            await pool.close()

    def pool(self, database: Database) -> AsyncConnectionPool[AsyncConnection]:
        """Return the pool itself, for code that takes a pool."""
        return self._pools[database.server, database.name]

    def of_place(self, place: Place) -> Database:
        """Return the region's database that holds a segment."""
        return self.topology.database_of(place)

    def shard_of(self, organization_id: int) -> Database:
        """Return the shard that holds an organisation's documents. Raises OrganizationUnknown."""
        site = self.topology.site_of_organization(organization_id)
        if site is None:
            raise OrganizationUnknown(organization_id)
        return self.topology.database_of(Place.RECORD, site)

    def last_answer(self, database: Database) -> datetime | None:
        """Return when work on this database last succeeded in this process; None if it never has."""
        at = self._usages[database.label].last_success
        return None if at == float("-inf") else datetime.now(UTC) - timedelta(seconds=time.monotonic() - at)

    @asynccontextmanager
    async def connection(
        self,
        database: Database,
        *,
        patience: float | None = None,
        longest_wait: float = WAIT_FOR_THE_BUSY_SECONDS,
        is_asked_again: bool = False,
    ) -> AsyncGenerator[AsyncConnection]:
        """Lend a connection in autocommit, for work of at most `patience` seconds (PATIENCE_SECONDS by default).

        A database found down a moment ago is hardly waited for, lest requests queue up behind it (unless
        `is_asked_again`: what hangs on the answer is worth the wait); one that is merely busy is waited for,
        `longest_wait` seconds at most. Raises PartMissing when the database is down, frozen or overrun, or goes down
        meanwhile.
        """
        usage = self._usages[database.label]
        patience = PATIENCE_SECONDS if patience is None else patience
        patience = min(patience, PATIENCE_WITH_THE_DOWN_SECONDS) if usage.is_down else patience
        async with AsyncExitStack() as stack:
            connection = await self._take_connection(stack, database, usage, longest_wait, is_asked_again)
            usage.lent += 1
            deadline = time.monotonic() + patience
            try:
                with hang_up_after(connection, patience):
                    yield connection
            except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                if time.monotonic() < deadline:
                    raise PartMissing(database.label, str(error).strip().splitlines()[0]) from error
                usage.note_down()
                raise PartMissing(database.label, "молчит / it is silent") from error
            except TrustMedError:  # the database answered; what was asked of it was refused
                usage.note_success()
                raise
            finally:
                usage.lent -= 1
            usage.note_success()

    async def _take_connection(
        self, stack: AsyncExitStack, database: Database, usage: _Usage, longest_wait: float, is_asked_again: bool
    ) -> AsyncConnection:
        latest = time.monotonic() + longest_wait
        while True:
            hardly = usage.is_down and not is_asked_again
            wait = WAIT_FOR_THE_DOWN_SECONDS if hardly else min(WAIT_SECONDS, longest_wait)
            try:
                return await stack.enter_async_context(self.pool(database).connection(wait))
            except TooManyRequests as error:
                raise PartMissing(database.label, "слишком много запросов разом / too many requests") from error
            except PoolTimeout as error:
                if usage.is_busy and time.monotonic() < latest:
                    continue
                if usage.is_busy:
                    raise PartMissing(database.label, "занята / it is busy") from error
                usage.note_down()
                refused = await self._is_refused(database)
                raise PartMissing(database.label, "нет соединения / no connection", is_unreachable=refused) from error
            except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                raise PartMissing(database.label, str(error).strip().splitlines()[0]) from error

    async def _is_refused(self, database: Database) -> bool:
        """Return whether the database's server refuses a connection of its own or there is no way to it.

        A pool that gives no connection may be full of others' work, and a server that accepts one and says nothing is
        slow: only the system's own refusal is proof that nobody is there. A lost packet is no proof.
        """
        server = self.topology.server_named(database.server)
        loop = asyncio.get_running_loop()
        try:
            addresses = await loop.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
        except OSError:
            return False
        for family, kind, protocol, _name, address in addresses:
            with socket.socket(family, kind, protocol) as line:
                line.setblocking(False)
                try:
                    await asyncio.wait_for(loop.sock_connect(line, address), KNOCK_SECONDS)
                except OSError as error:  # TimeoutError is one, without a number
                    if error.errno in REFUSALS:
                        continue
                return False
        return True
