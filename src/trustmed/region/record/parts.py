"""The parts of the region that hold something of a person, asked side by side; one that is silent is named."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Final, TypeVar
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from trustmed.db.queries import load
from trustmed.errors import NotFound, TrustMedError, Unavailable
from trustmed.region.access.model import Access
from trustmed.region.access.service import note_refusal, reading
from trustmed.region.pools import OrganizationUnknown, PartMissing, Pools
from trustmed.region.record.event import Links, Missing
from trustmed.schema import Place
from trustmed.topology.file.spec import Database

QUERIES = load(__package__)
PART_SECONDS: Final = 2.5
REGISTRY_SECONDS: Final = 6.0  # within it the shards are waited for
Given = TypeVar("Given")


class RecordUnreachable(Unavailable):
    """No part that knows the person's patients answers."""

    def __init__(self) -> None:
        super().__init__(
            "Карту человека сейчас не собрать: не отвечает ни реестр, ни индекс людей, ни один шард. Повторите позже; "
            "инженеру региона видно состояние частей на странице обзора.",
            "The person's record cannot be gathered now: neither the register nor the index of persons nor any shard "
            "answers. Try later; the region's engineer sees the state of the parts on the overview.",
        )


class Shard(msgspec.Struct, frozen=True):
    """A shard, and those of the person's organisations whose data it holds."""

    database: Database
    organizations: tuple[int, ...]


def shards_of(pools: Pools, links: Links, organizations: Collection[int] = ()) -> tuple[list[Shard], list[Missing]]:
    """The shards of the person's organisations (of `organizations` alone, if any are named), and those of nobody."""
    wanted = sorted({number for number, _ in links if not organizations or number in organizations})
    held: dict[str, list[int]] = {}
    databases: dict[str, Database] = {}
    homeless: list[int] = []
    for number in wanted:
        try:
            database = pools.shard_of(number)
        except OrganizationUnknown:
            homeless.append(number)
            continue
        databases[database.label] = database
        held.setdefault(database.label, []).append(number)
    shards = [Shard(databases[label], tuple(numbers)) for label, numbers in held.items()]
    return shards, [Missing("", tuple(homeless), None)] if homeless else []


@asynccontextmanager
async def links_read(pools: Pools, access: Access) -> AsyncGenerator[tuple[Database, AsyncConnection, Links]]:
    """The person's links from the register, in the transaction of the reading. Raises PartMissing."""
    registry = pools.of_place(Place.REGISTRY)
    async with reading(pools, registry, access, patience=REGISTRY_SECONDS) as connection:
        yield registry, connection, await links_in(connection, access.person_id)


async def links_elsewhere(pools: Pools, access: Access) -> Links:
    """The person's links where the register does not answer: from the index, else from a shard.

    Raises RecordUnreachable.
    """
    registry = pools.of_place(Place.REGISTRY)
    for database in others(pools, registry):
        try:
            async with reading(pools, database, access, patience=PART_SECONDS) as connection:
                return await links_in(connection, access.person_id)
        except PartMissing:
            continue
    raise RecordUnreachable


async def links_in(connection: AsyncConnection, person_id: UUID | None) -> Links:
    rows = await connection.execute(QUERIES["links"], {"person_id": person_id})
    return tuple((organization_id, patient_id) for organization_id, patient_id in await rows.fetchall())


def others(pools: Pools, but: Database) -> list[Database]:
    """Databases that hold links, the index first."""
    index = pools.of_place(Place.MPI)
    rest = [one for one in pools.databases() if Place.RECORD in one.places]
    return [one for one in dict.fromkeys((index, *rest)) if one != but]


async def denied_anywhere(pools: Pools, access: Access, error: TrustMedError) -> None:
    """Record a refusal, in the register or, while it is silent, wherever it can be kept. Raises RecordUnreachable."""
    registry = pools.of_place(Place.REGISTRY)
    for database in (registry, *others(pools, registry)):
        try:
            outcome = "not_found" if isinstance(error, NotFound) else "refused"
            return await note_refusal(pools, database, access, outcome, error.code)
        except PartMissing:
            continue
    raise RecordUnreachable


async def every(
    pools: Pools, access: Access, shards: Sequence[Shard], ask: Callable[[AsyncConnection, str], Awaitable[Given]]
) -> tuple[list[Given], list[Missing]]:
    """What `ask` gives in each shard, in a reading of its own, all at once; and the shards that did not answer."""

    async def one(shard: Shard) -> Given | Missing:
        try:
            async with reading(pools, shard.database, access, patience=PART_SECONDS) as connection:
                given = await ask(connection, shard.database.label)
        except PartMissing:
            return missing(pools, shard.database, shard.organizations)
        return given

    found = await asyncio.gather(*map(one, shards), return_exceptions=True)
    for given in found:
        if isinstance(given, BaseException):
            raise given
    return (
        [given for given in found if not isinstance(given, (Missing, BaseException))],
        [given for given in found if isinstance(given, Missing)],
    )


def missing(pools: Pools, database: Database, organizations: Collection[int]) -> Missing:
    """That the database did not answer, about these organisations."""
    return Missing(database.label, tuple(sorted(organizations)), pools.last_well(database))
