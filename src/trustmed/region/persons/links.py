"""Read which patients stand for a person. Every database of the region that holds persons' data has these links."""

from uuid import UUID

from psycopg import AsyncConnection

from trustmed.db.queries import load

QUERIES = load(__package__)

Links = tuple[tuple[int, UUID], ...]
"""The patients (organisation, patient) that stand for a person."""


async def links_of_person(connection: AsyncConnection, person_id: UUID | None) -> Links:
    """Return the person's links as this database has them, within a recorded reading of the person's rows."""
    rows = await connection.execute(QUERIES["links_of_person"], {"person_id": person_id})
    return tuple((organization_id, patient_id) for organization_id, patient_id in await rows.fetchall())
