"""Working with the index at the region: a transaction that says, itself, who works and whose rows were seen."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from enum import StrEnum
from uuid import UUID

from psycopg import AsyncConnection

from trustmed.region.access.model import Access, Action, Reader
from trustmed.region.access.service import reading, seen
from trustmed.region.pools import Pools
from trustmed.schema import Place


class Work(StrEnum):
    """What is done with the index; such a row of the audit log opens it to the transaction that wrote it."""

    SEARCH = "mpi:index:search"
    MATCH = "mpi:index:match"
    PERSON = "mpi:index:read"
    QUEUE = "mpi:index:queue"
    REVIEW = "mpi:index:compare"
    MERGE = "mpi:index:merge"
    SPLIT = "mpi:index:split"
    NOT_SAME = "mpi:index:part"
    UNDO = "mpi:index:undo"
    PIN = "mpi:index:pin"


class Working:
    """A connection within the transaction, and whose rows were seen in it."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection
        self.persons: dict[UUID, None] = {}

    def saw(self, *persons: UUID) -> None:
        self.persons.update(dict.fromkeys(persons))


@asynccontextmanager
async def working(pools: Pools, reader: Reader, work: Work, persons: Iterable[UUID] = ()) -> AsyncGenerator[Working]:
    """Give nothing out before the block ends: only then are the audit rows kept. Raises PartMissing."""
    database = pools.of_place(Place.MPI)
    async with reading(pools, database, Access(reader, work, None)) as connection:
        at_work = Working(connection)
        at_work.saw(*persons)
        yield at_work
        await seen(connection, reader, Action.PERSON, tuple(at_work.persons))
