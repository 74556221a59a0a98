"""Find the person with a СНИЛС, for interfaces about one person. Only the id is given out, so nothing is recorded."""

from uuid import UUID

from psycopg.rows import scalar_row

from trustmed.db.queries import load
from trustmed.region.pools import Pools
from trustmed.schema import Place

QUERIES = load(__package__)


async def person_of_snils(pools: Pools, snils: str) -> UUID | None:
    """Return the region's person with this СНИЛС (eleven digits), or None. Raises PartMissing."""
    async with (
        pools.connection(pools.of_place(Place.MPI)) as connection,
        connection.cursor(row_factory=scalar_row) as rows,
    ):
        await rows.execute(QUERIES["person_by_snils"], {"snils": snils})
        return await rows.fetchone()
