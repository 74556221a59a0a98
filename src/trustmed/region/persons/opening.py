"""Open the index of persons: a transaction that itself records who works in it and whose rows were seen."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from uuid import UUID

from psycopg import AsyncConnection

from trustmed.audit.actions import Action
from trustmed.region.access.model import Access, Reader
from trustmed.region.access.service import note_seen, open_reading
from trustmed.region.pools import Pools
from trustmed.schema import Place


class OpenIndex:
    """A connection within the transaction, and the persons whose rows were seen in it."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection
        self.persons: dict[UUID, None] = {}

    def note_seen(self, *persons: UUID) -> None:
        """Remember that rows of these persons were seen: each gets a row in the audit log when the block ends."""
        self.persons.update(dict.fromkeys(persons))


@asynccontextmanager
async def open_index(
    pools: Pools, reader: Reader, action: Action, persons: Iterable[UUID] = ()
) -> AsyncGenerator[OpenIndex]:
    """Open the index for one piece of work. `persons`: those whose rows will be seen in any case.

    Give nothing out before the block ends: only then are the audit rows committed. Raises PartMissing.
    """
    database = pools.of_place(Place.MPI)
    async with open_reading(pools, database, Access(reader, action, None)) as connection:
        index = OpenIndex(connection)
        index.note_seen(*persons)
        yield index
        await note_seen(connection, reader, Action.PERSON_FIND, tuple(index.persons))
