"""The one way the region reads a person's rows: inside a transaction that wrote, itself, the audit row."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Literal
from uuid import UUID

from psycopg import AsyncConnection

from trustmed.audit.actions import Action
from trustmed.db.queries import load
from trustmed.errors import NotFound, TrustMedError, Unavailable
from trustmed.region.access.model import Access, Reader
from trustmed.region.pools import Pools
from trustmed.topology.file.spec import Database

QUERIES = load(__package__)


@asynccontextmanager
async def reading(
    pools: Pools, database: Database, access: Access, *, patience: float | None = None
) -> AsyncGenerator[AsyncConnection]:
    """A transaction that sees the rows of `access.person_id` in `database`, and leaves the audit row.

    Give nothing out before the block ends: only then is the row kept. A NotFound (or another named refusal) raised in
    the block turns the row into one of "not_found" ("refused"). `patience`: see `pools.connection`. Raises PartMissing.
    """
    try:
        async with pools.connection(database, patience=patience) as connection, AsyncExitStack() as stack:
            async with connection.pipeline():  # BEGIN and the row in one trip
                await stack.enter_async_context(connection.transaction())
                await connection.execute(QUERIES["write_granted"], access.parameters())
            yield connection
    except Unavailable:
        raise
    except TrustMedError as error:
        await note_refusal(
            pools, database, access, "not_found" if isinstance(error, NotFound) else "refused", error.code
        )
        raise


async def note_seen(connection: AsyncConnection, reader: Reader, action: Action, persons: Sequence[UUID]) -> None:
    """Audit rows, within the reader's transaction, of persons who were found in it."""
    if persons:
        values = Access(reader, action, None).parameters() | {"persons": list(persons)}
        await connection.execute(QUERIES["write_seen"], values)


async def note_refusal(
    pools: Pools, database: Database, access: Access, outcome: Literal["refused", "not_found"], cause: str
) -> None:
    """Record a reading that gave nothing; `cause` is the error's code. Raises PartMissing."""
    async with pools.connection(database) as connection:
        await connection.execute(QUERIES["write_denied"], access.parameters() | {"outcome": outcome, "detail": cause})
