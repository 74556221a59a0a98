"""Whose a СНИЛС is, for interfaces that speak of one person: nothing is shown but the id, so nothing is recorded."""

from uuid import UUID

from trustmed.db.queries import load
from trustmed.region.pools import Pools
from trustmed.schema import Place

QUERIES = load(__package__)


async def person_of_snils(pools: Pools, snils: str) -> UUID | None:
    """The region's person with this СНИЛС (eleven digits), or None. Raises PartMissing."""
    async with pools.connection(pools.of_place(Place.MPI)) as connection:
        row = await (await connection.execute(QUERIES["person_by_snils"], {"snils": snils})).fetchone()
    return row[0] if row else None
