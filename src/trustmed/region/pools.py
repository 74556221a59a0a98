"""Pools of connections to the region's databases, one a database, as the role that serves requests."""

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool, PoolTimeout, TooManyRequests

from trustmed.db.pool import check_if_disturbed
from trustmed.errors import Broken, Unavailable
from trustmed.schema import Place
from trustmed.topology.connect import conninfo
from trustmed.topology.spec import Database, Topology

ROLE = "trustmed_region"
WAIT_SECONDS = 1.5
WAIT_FOR_THE_DOWN_SECONDS = 0.1
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


class Pools:
    """Open connections to every database of the region. Opening never waits: a part that is down shows when used."""

    def __init__(self, topology: Topology, *, size: int = 8) -> None:
        self.topology = topology
        self._down_until: dict[str, float] = {}
        self._pools: dict[tuple[str, str], AsyncConnectionPool[AsyncConnection]] = {
            (database.server, database.name): AsyncConnectionPool(
                conninfo(topology, database, ROLE, "region web", options="-c TimeZone=UTC"),
                kwargs={"autocommit": True},
                min_size=1,
                max_size=size,
                max_waiting=200,
                timeout=WAIT_SECONDS,
                reconnect_timeout=3,
                check=check_if_disturbed,
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

    @asynccontextmanager
    async def connection(self, database: Database) -> AsyncGenerator[AsyncConnection]:
        """A connection in autocommit. Raises PartMissing when the database is down or goes down in the middle.

        A database found down a moment ago is hardly waited for: requests must not queue up behind it.
        """
        is_down = self._down_until.get(database.label, 0.0) > time.monotonic()
        timeout = WAIT_FOR_THE_DOWN_SECONDS if is_down else WAIT_SECONDS
        try:
            async with self.pool(database).connection(timeout) as connection:
                self._down_until.pop(database.label, None)
                yield connection
        except (PoolTimeout, TooManyRequests) as error:
            if not is_down:
                self._down_until[database.label] = time.monotonic() + DOWN_SECONDS
            raise PartMissing(database.label, "нет соединения / no connection") from error
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise PartMissing(database.label, str(error).strip().splitlines()[0]) from error
