"""The site's link with the region, seen from the site alone: its databases' slots, and what still waits in them.

A document is handed over when the slots that carry the documents database to the registry and to the shard have
confirmed a position past the document's commit. Positions are tied to moments by marks (the database's clock and the
end of its log); a few are kept in the site's database, so that a restart while cut off forgets nothing.
"""

import asyncio
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

import msgspec
import psycopg
import structlog
from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from trustmed.clinic.work import Databases, sql, tenant
from trustmed.schema import Place
from trustmed.topology.file.spec import Database, Site, Topology

log = structlog.get_logger()

EVERY_SECONDS: Final = 0.5
KEEP_EVERY_SECONDS: Final = 5.0
STUCK_SECONDS: Final = 4.0
MOST_MARKS: Final = 200_000

State = Literal["linked", "cut", "absent", "unknown"]


class Slot(msgspec.Struct, frozen=True):
    slot_name: str
    active: bool
    confirmed: int | None
    wal_status: str | None
    invalidation_reason: str | None


class Mark(msgspec.Struct, frozen=True):
    """What was signed before `at` lies in the log before `position`."""

    at: datetime
    position: int


class LinkView(msgspec.Struct, frozen=True):
    """`handed_over_until`: everything signed before it is at the region; None where nothing is known to be.

    `waiting`: documents by organisation. `cause` names the slots that do not run.
    """

    state: State = "unknown"
    handed_over_until: datetime | None = None
    waiting: dict[int, int] = {}
    cause: str | None = None

    def has(self, signed_at: datetime) -> bool:
        """Whether a document signed then is at the region."""
        return self.handed_over_until is not None and signed_at < self.handed_over_until


class LinkWatch:
    """Looks at the slots twice a second; `view` is what it saw last."""

    def __init__(self, topology: Topology, site: Site, databases: Databases) -> None:
        self.view = LinkView()
        self._databases = databases
        self._organizations = [organization.id for organization in site.organization]
        self._patterns = {
            database: slot_pattern(database, targets(topology, site, database)) for database, _ in databases.each()
        }
        self._expected = {database: len(set(targets(topology, site, database))) for database, _ in databases.each()}
        self._marks: list[Mark] = []
        self._kept_at = 0.0
        self._signed = True
        self._moved: tuple[int, float] = (-1, 0.0)
        self._signing: dict[int, float] = {}

    @contextmanager
    def signing(self) -> Generator[None]:
        """Marks made meanwhile do not vouch for what is being committed inside."""
        key = id(object())
        while key in self._signing:
            key += 1
        self._signing[key] = time.monotonic()
        try:
            yield
        finally:
            del self._signing[key]
            self._signed = True

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            try:
                if not self._marks:
                    await self._recall()
                self.view = await self.look()
            except (psycopg.Error, PoolTimeout) as error:
                log.warning("link_watch", error=str(error).strip())
                self.view = msgspec.structs.replace(self.view, state="unknown", cause=str(error).strip())
            await asyncio.sleep(EVERY_SECONDS)

    async def look(self) -> LinkView:
        """One look at every database of the site."""
        slots = {database: await self._slots(database, pool) for database, pool in self._databases.each()}
        await self._mark()
        documents = slots[self._databases.documents_database]
        complete = len(documents) >= self._expected[self._databases.documents_database]
        confirmed = min((slot.confirmed or 0 for slot in documents), default=0) if complete else 0
        until = self._until(confirmed)
        await self._keep(until)
        waiting = await self._waiting(until)
        state, cause = self._judge(slots, confirmed, sum(waiting.values()))
        return LinkView(state, until, waiting, cause)

    def _judge(self, slots: dict[Database, list[Slot]], confirmed: int, waiting: int) -> tuple[State, str | None]:
        if confirmed != self._moved[0] or not waiting:
            self._moved = (confirmed, time.monotonic())
        if all(not found for found in slots.values()):
            return "absent", None
        missing = [database.label for database, found in slots.items() if len(found) < self._expected[database]]
        broken = [slot.slot_name for found in slots.values() for slot in found if not slot.active] + missing
        if broken:
            return "cut", ", ".join(broken)
        if time.monotonic() - self._moved[1] > STUCK_SECONDS:
            return "cut", "positions do not move"
        return "linked", None

    async def _slots(self, database: Database, pool: AsyncConnectionPool) -> list[Slot]:
        async with pool.connection() as connection, connection.cursor(row_factory=class_row(Slot)) as cursor:
            await cursor.execute(sql["slots"], {"pattern": self._patterns[database]})
            return newest_epochs(await cursor.fetchall())

    async def _mark(self) -> None:
        oldest = min(self._signing.values(), default=None)
        async with self._databases.documents.connection() as connection:
            mark = await _one_mark(connection)
        if oldest is not None:
            age = timedelta(seconds=time.monotonic() - oldest)
            mark = Mark(mark.at - age, mark.position)
        if self._marks and self._marks[-1].position > mark.position:
            self._marks.clear()  # the database was restored from a backup: its log begins anew
        self._marks.append(mark)

    def _until(self, confirmed: int) -> datetime | None:
        """The newest mark the region is past; older ones are of no more use."""
        passed = sum(1 for mark in self._marks if mark.position <= confirmed)
        if passed:
            del self._marks[: passed - 1]
        elif len(self._marks) > MOST_MARKS:
            del self._marks[1::2]
        return self._marks[0].at if passed else None

    async def _keep(self, until: datetime | None) -> None:
        newest = self._marks[-1]
        if not self._signed or time.monotonic() - self._kept_at < KEEP_EVERY_SECONDS:
            return
        label = self._databases.documents_database.label
        async with self._databases.site.connection() as connection:
            await connection.execute(
                sql["keep_mark"], {"database": label, "at": newest.at, "position": newest.position}
            )
            if until is not None:
                await connection.execute(sql["drop_marks"], {"database": label, "at": until})
        self._kept_at, self._signed = time.monotonic(), bool(self._signing)

    async def _recall(self) -> None:
        label = self._databases.documents_database.label
        async with self._databases.site.connection() as connection:
            cursor = connection.cursor(row_factory=class_row(Mark))
            self._marks = await (await cursor.execute(sql["marks"], {"database": label})).fetchall()

    async def _waiting(self, until: datetime | None) -> dict[int, int]:
        counted: dict[int, int] = {}
        since = least_uuid7(until) if until else UUID(int=0)
        for organization_id in self._organizations:
            async with tenant(self._databases.documents, organization_id) as connection:
                cursor = await connection.execute(sql["waiting"], {"organization_id": organization_id, "since": since})
                row = await cursor.fetchone()
            counted[organization_id] = row[0] if row else 0
        return counted


async def _one_mark(connection: AsyncConnection) -> Mark:
    async with connection.cursor(row_factory=class_row(Mark)) as cursor:
        await cursor.execute(sql["log_position"])
        found = await cursor.fetchone()
    if found is None:
        raise psycopg.DataError("no log position")
    return found


def targets(topology: Topology, site: Site, database: Database) -> tuple[str, ...]:
    """Labels of the region's databases that this database of the site is carried to."""
    places = {Place.SITE: (Place.MPI, Place.RECORD), Place.DOCUMENTS: (Place.REGISTRY, Place.RECORD)}
    found = [
        topology.database_of(target, site).label
        for place in sorted(database.places)
        for target in places.get(place, ())
    ]
    return tuple(dict.fromkeys(found))


def slot_pattern(database: Database, to: tuple[str, ...]) -> str:
    """A regular expression of slot names `<label>_to_<target>_<epoch>`."""
    return f"^{database.label}_to_({'|'.join(to)})_[0-9]+$"


def newest_epochs(slots: list[Slot]) -> list[Slot]:
    """Of several slots to one target the one of the highest epoch: the others are left from before a rebuild."""
    best: dict[str, Slot] = {}
    for slot in slots:
        target, _, epoch = slot.slot_name.rpartition("_")
        kept = best.get(target)
        if kept is None or int(kept.slot_name.rpartition("_")[2]) < int(epoch):
            best[target] = slot
    return list(best.values())


def least_uuid7(at: datetime) -> UUID:
    """The least UUIDv7 of a millisecond."""
    return UUID(int=int(at.timestamp() * 1000) << 80)


@contextmanager
def watching(watch: LinkWatch) -> Generator[asyncio.Task[None]]:
    """Run the watch for as long as the block lasts."""
    task = asyncio.get_running_loop().create_task(watch.run())
    with suppress(asyncio.CancelledError):
        try:
            yield task
        finally:
            task.cancel()
