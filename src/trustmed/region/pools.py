"""Pools of connections to the region's databases, one a database, as the role that serves requests."""

import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta

import msgspec
import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool, PoolTimeout, TooManyRequests

from trustmed.db.pool import check_if_closed, hang_up_after
from trustmed.errors import Broken, TrustMedError, Unavailable
from trustmed.schema import Place
from trustmed.topology.connect import conninfo
from trustmed.topology.file.spec import Database, Topology

ROLE = "trustmed_region"
WAIT_SECONDS = 1.5
WAIT_FOR_THE_DOWN_SECONDS = 0.1
WAIT_FOR_THE_BUSY_SECONDS = 15.0
PATIENCE_SECONDS = 8.0
PATIENCE_WITH_THE_DOWN_SECONDS = 2.0
GLANCE_SECONDS = 2.0
DOWN_SECONDS = 3.0


class PartMissing(Unavailable):
    """A database of the region does not answer; `part` is its label in the topology."""

    def __init__(self, part: str, cause: str) -> None:
        super().__init__(
            f"Часть региона «{part}» сейчас недоступна: {cause}. Остальное работает; повторите запрос позже.",
            f"Part {part!r} of the region cannot be reached now: {cause}. The rest works; try again later.",
        )
        self.part = part


class OrganizationUnknown(Broken):
    """A document's organisation is in no site of the topology, so nobody knows its shard."""

    def __init__(self, organization_id: int) -> None:
        super().__init__(
            f"Организации {organization_id} нет ни на одной площадке файла топологии: неизвестно, где её документы. "
            "Верните её в region.toml.",
            f"Organisation {organization_id} is at no site of the topology file: where its documents are is unknown. "
            "Put it back into region.toml.",
        )


class _Use(msgspec.Struct):
    """How a database is used now: connections lent out, when work on one last ended well, until when it is down."""

    lent: int = 0
    last_well: float = float("-inf")
    down_until: float = float("-inf")

    @property
    def is_down(self) -> bool:
        return self.down_until > time.monotonic()

    @property
    def is_busy(self) -> bool:
        """Whether all there is to wait for is others' work, which goes on."""
        return self.lent > 0 and not self.is_down and time.monotonic() - self.last_well < PATIENCE_SECONDS

    def note_well(self) -> None:
        self.last_well, self.down_until = time.monotonic(), float("-inf")

    def note_down(self) -> None:
        """Not prolonged by those who hardly waited: a look with full patience comes every few seconds."""
        if not self.is_down:
            self.down_until = time.monotonic() + DOWN_SECONDS


class Pools:
    """Open connections to every database of the region. Opening never waits: a part that is down shows when used."""

    def __init__(self, topology: Topology, *, size: int = 8) -> None:
        self.topology = topology
        self._uses = {database.label: _Use() for database in self.databases()}
        self._pools: dict[tuple[str, str], AsyncConnectionPool[AsyncConnection]] = {
            (database.server, database.name): AsyncConnectionPool(
                conninfo(topology, database, ROLE, "region web", options="-c TimeZone=UTC"),
                kwargs={"autocommit": True},
                min_size=1,
                max_size=size,
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
        """The region's own databases, in the topology's order."""
        return tuple(database for database in self.topology.databases() if database.site is None)

    async def open(self) -> None:
        for pool in self._pools.values():
            await pool.open(wait=False)

    async def close(self) -> None:
        for pool in self._pools.values():
            await pool.close()

    def pool(self, database: Database) -> AsyncConnectionPool[AsyncConnection]:
        """The pool itself, for those who take one."""
        return self._pools[database.server, database.name]

    def of_place(self, place: Place) -> Database:
        """The database of a segment."""
        return self.topology.database_of(place)

    def shard_of(self, organization_id: int) -> Database:
        """The directory: the shard that holds an organisation's documents. Raises OrganizationUnknown."""
        site = self.topology.site_of_organization(organization_id)
        if site is None:
            raise OrganizationUnknown(organization_id)
        return self.topology.database_of(Place.RECORD, site)

    def last_well(self, database: Database) -> datetime | None:
        """When work on this database last ended well here; None: never yet."""
        at = self._uses[database.label].last_well
        return None if at == float("-inf") else datetime.now(UTC) - timedelta(seconds=time.monotonic() - at)

    @asynccontextmanager
    async def connection(self, database: Database, *, patience: float | None = None) -> AsyncGenerator[AsyncConnection]:
        """A connection in autocommit, for work of `patience` (PATIENCE_SECONDS) seconds at most.

        Raises PartMissing when the database is down, frozen, overrun, or goes down in the middle. One found down a
        moment ago is hardly waited for: requests must not queue up behind it. One that is merely busy is waited for.
        """
        use = self._uses[database.label]
        patience = PATIENCE_SECONDS if patience is None else patience
        patience = min(patience, PATIENCE_WITH_THE_DOWN_SECONDS) if use.is_down else patience
        async with AsyncExitStack() as stack:
            connection = await self._lent(stack, database, use)
            use.lent += 1
            deadline = time.monotonic() + patience
            try:
                with hang_up_after(connection, patience):
                    yield connection
            except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                if time.monotonic() < deadline:
                    raise PartMissing(database.label, str(error).strip().splitlines()[0]) from error
                use.note_down()
                raise PartMissing(database.label, "молчит / it is silent") from error
            except TrustMedError:
                use.note_well()
                raise
            finally:
                use.lent -= 1
            use.note_well()

    async def _lent(self, stack: AsyncExitStack, database: Database, use: _Use) -> AsyncConnection:
        latest = time.monotonic() + WAIT_FOR_THE_BUSY_SECONDS
        while True:
            wait = WAIT_FOR_THE_DOWN_SECONDS if use.is_down else WAIT_SECONDS
            try:
                return await stack.enter_async_context(self.pool(database).connection(wait))
            except TooManyRequests as error:
                raise PartMissing(database.label, "слишком много запросов разом / too many requests") from error
            except PoolTimeout as error:
                if use.is_busy and time.monotonic() < latest:
                    continue
                if use.is_busy:
                    raise PartMissing(database.label, "занята / it is busy") from error
                use.note_down()
                raise PartMissing(database.label, "нет соединения / no connection") from error
            except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                raise PartMissing(database.label, str(error).strip().splitlines()[0]) from error
