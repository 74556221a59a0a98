"""The only way the region reads a person's rows: inside a transaction that itself writes the audit row."""

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
async def open_reading(
    pools: Pools, database: Database, access: Access, *, patience: float | None = None
) -> AsyncGenerator[AsyncConnection]:
    """Open a transaction that sees the rows of `access.person_id` in `database` and leaves an audit row.

    Give nothing out before the block ends: only then is the row committed. If the block raises NotFound (or another
    TrustMedError), the outcome in the row is "not_found" ("refused"). `patience`: see `pools.connection`.
    Raises PartMissing.
    """
    try:
        async with pools.connection(database, patience=patience) as connection, AsyncExitStack() as stack:
            async with connection.pipeline():  # BEGIN and the audit row in one round trip
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
    """Write audit rows of the persons found in the reader's transaction, within it."""
    if persons:
        values = Access(reader, action, None).parameters() | {"persons": list(persons)}
        await connection.execute(QUERIES["write_seen"], values)


async def note_refusal(
    pools: Pools, database: Database, access: Access, outcome: Literal["refused", "not_found"], cause: str
) -> None:
    """Record an access that gave nothing; `cause` is the error's code. Raises PartMissing."""
    detail = f"{cause}; {access.reader.detail}" if access.reader.detail else cause
    async with pools.connection(database) as connection:
        await connection.execute(QUERIES["write_denied"], access.parameters() | {"outcome": outcome, "detail": detail})
