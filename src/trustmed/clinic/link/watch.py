"""Watch the link: look at the slots of the site's databases twice a second.

A document is handed over when the slots that carry the documents database to the registry and to the shard have
confirmed a position past the document's commit. Other links may be cut meanwhile: the view says so, but the document is
handed over all the same.
"""

import asyncio
import time
from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
import psycopg
import structlog
from psycopg.rows import scalar_row
from psycopg_pool import PoolTimeout

from trustmed.clinic.link.marks import Marks
from trustmed.clinic.link.outgoing import outgoing
from trustmed.clinic.link.slots import Slot, broken, confirmed_by_all, read_slots
from trustmed.clinic.link.view import LinkView, State
from trustmed.clinic.work import Databases, tenant
from trustmed.db.keys import least_key
from trustmed.db.queries import load
from trustmed.outline import outline
from trustmed.topology.file.spec import Database, Site, Topology

log = structlog.get_logger()
sql = load(__package__)

EVERY_SECONDS: Final = 0.5
STUCK_SECONDS: Final = 4.0

SlotsByDatabase = Mapping[Database, tuple[Slot, ...]]


class LinkWatch:
    """Watches the link; `view` is the latest observation."""

    def __init__(self, topology: Topology, site: Site, databases: Databases) -> None:
        self.view = LinkView()
        self.marks = Marks(databases)
        self._databases = databases
        self._organizations = [organization.id for organization in site.organization]
        self._outgoing = {database: outgoing(topology, database) for database, _ in databases.each()}
        self._of_documents = self._outgoing[databases.documents_database].of_documents
        self._moved: tuple[int, float] = (-1, 0.0)

    def signing(self) -> AbstractContextManager[None]:
        """Keep marks made meanwhile from vouching for what is being committed inside the block."""
        return self.marks.signing()

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            try:
                if not self.marks.are_known:
                    await self.marks.restore()
                self.view = await self.look()
            except (psycopg.Error, PoolTimeout) as error:
                log.warning("link_watch", error=error)
                self.view = msgspec.structs.replace(self.view, state="unknown", cause=outline(error))
            await asyncio.sleep(EVERY_SECONDS)

    async def look(self) -> LinkView:
        """Look at every database of the site once."""
        slots = {
            database: await read_slots(pool, self._outgoing[database]) for database, pool in self._databases.each()
        }
        await self.marks.add()
        confirmed = confirmed_by_all(self._of_documents, slots[self._databases.documents_database])
        until = self.marks.pass_to(confirmed)
        await self.marks.store(until)
        waiting = await self._waiting(until)
        is_stuck = self._is_stuck(confirmed, sum(waiting.values()))
        state, cause = self._judge(slots, is_stuck)
        return LinkView(state, until, waiting, cause, not is_stuck and self._documents_pass(slots))

    def _judge(self, slots: SlotsByDatabase, is_stuck: bool) -> tuple[State, str | None]:
        if not any(slots.values()):
            return "absent", None
        stopped = [name for database, found in slots.items() for name in broken(self._outgoing[database].links, found)]
        if stopped:
            return "cut", ", ".join(stopped)
        return ("cut", "positions do not move") if is_stuck else ("linked", None)

    def _documents_pass(self, slots: SlotsByDatabase) -> bool:
        return not broken(self._of_documents, slots[self._databases.documents_database])

    def _is_stuck(self, confirmed: int, waiting: int) -> bool:
        """Whether documents wait and the region has confirmed nothing new for STUCK_SECONDS."""
        if confirmed != self._moved[0] or not waiting:
            self._moved = (confirmed, time.monotonic())
        return time.monotonic() - self._moved[1] > STUCK_SECONDS

    async def _waiting(self, until: datetime | None) -> dict[int, int]:
        counted: dict[int, int] = {}
        since = least_key(until.timestamp()) if until else UUID(int=0)
        for organization_id in self._organizations:
            values = {"organization_id": organization_id, "since": since}
            async with (
                tenant(self._databases.documents, organization_id) as connection,
                connection.cursor(row_factory=scalar_row) as cursor,
            ):
                counted[organization_id] = await (await cursor.execute(sql["waiting"], values)).fetchone() or 0
        return counted


@contextmanager
def watching(watch: LinkWatch) -> Generator[asyncio.Task[None]]:
    """Run the watch for as long as the block lasts."""
    task = asyncio.get_running_loop().create_task(watch.run())
    with suppress(asyncio.CancelledError):
        try:
            yield task
        finally:
            task.cancel()
