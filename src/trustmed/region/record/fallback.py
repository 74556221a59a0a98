"""Where the registry is silent: a person's links, and refusals to record, go to the next part that answers."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Final
from uuid import UUID

from psycopg import AsyncConnection

from trustmed.db.queries import load
from trustmed.errors import NotFound, TrustMedError, Unavailable
from trustmed.region.access.model import Access
from trustmed.region.access.service import note_refusal, open_reading
from trustmed.region.persons.links import Links, links_of_person
from trustmed.region.pools import OrganizationUnknown, PartMissing, Pools
from trustmed.schema import Place
from trustmed.topology.file.spec import Database

QUERIES = load(__package__)
PART_SECONDS: Final = 2.5
REGISTRY_SECONDS: Final = 6.0  # within it the shards are waited for


class RecordUnreachable(Unavailable):
    """No part that knows the person's patients answers."""

    def __init__(self) -> None:
        super().__init__(
            "Карту человека сейчас не собрать: не отвечает ни реестр, ни индекс людей, ни один шард. Повторите позже; "
            "инженеру региона видно состояние частей на странице обзора.",
            "The person's record cannot be gathered now: neither the registry nor the index of persons nor any shard "
            "answers. Try later; the region's engineer sees the state of the parts on the overview.",
        )


@asynccontextmanager
async def registry_links(pools: Pools, access: Access) -> AsyncGenerator[tuple[Database, AsyncConnection, Links]]:
    """Give the person's links from the registry, in the transaction of the reading. Raises PartMissing."""
    registry = pools.of_place(Place.REGISTRY)
    async with open_reading(pools, registry, access, patience=REGISTRY_SECONDS) as connection:
        yield registry, connection, await links_of_person(connection, access.person_id)


async def links_elsewhere(pools: Pools, access: Access) -> Links:
    """Return the person's links where the registry does not answer: from the index, else from a shard.

    Raises RecordUnreachable.
    """
    for database in _others(pools):
        try:
            async with open_reading(pools, database, access, patience=PART_SECONDS) as connection:
                return await links_of_person(connection, access.person_id)
        except PartMissing:
            continue
    raise RecordUnreachable


async def note_refusal_anywhere(pools: Pools, access: Access, error: TrustMedError) -> None:
    """Record a refusal in the registry or, if it is silent, in the next part that answers. Raises RecordUnreachable."""
    outcome = "not_found" if isinstance(error, NotFound) else "refused"
    for database in (pools.of_place(Place.REGISTRY), *_others(pools)):
        try:
            return await note_refusal(pools, database, access, outcome, error.code)
        except PartMissing:
            continue
    raise RecordUnreachable


async def person_of_patient(pools: Pools, organization_id: int, patient_id: UUID) -> UUID | None:
    """Return the person that a patient of an organisation stands for, from the first part that answers.

    Raises RecordUnreachable.
    """
    values = {"organization_id": organization_id, "patient_id": patient_id}
    databases = [pools.of_place(Place.REGISTRY), pools.of_place(Place.MPI)]
    with suppress(OrganizationUnknown):  # one that has left the topology: the registry and the index keep its links
        databases.append(pools.shard_of(organization_id))
    for database in dict.fromkeys(databases):
        try:
            async with pools.connection(database, patience=PART_SECONDS) as connection:
                row = await (await connection.execute(QUERIES["person_of_patient"], values)).fetchone()
        except PartMissing:
            continue
        return row[0] if row else None
    raise RecordUnreachable


def _others(pools: Pools) -> list[Database]:
    """Return the databases that hold links, without the registry's, the index first."""
    registry, index = pools.of_place(Place.REGISTRY), pools.of_place(Place.MPI)
    shards = [one for one in pools.databases() if Place.RECORD in one.places]
    return [one for one in dict.fromkeys((index, *shards)) if one != registry]
