"""Ask every part of the region that holds data of a person: the centre first, then the person's shards."""

from collections.abc import Iterable
from typing import Generic, TypeVar
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from trustmed.audit.actions import Action
from trustmed.region.access.model import Access, Reader
from trustmed.region.organizations import organization_titles
from trustmed.region.persons.links import links_of_person
from trustmed.region.pools import Pools
from trustmed.region.shards import Answers, Ask, Missing, Shard, ask_every, missing_part, shards_of
from trustmed.schema import Place
from trustmed.topology.file.spec import Database

T = TypeVar("T")


class _CentreAnswer(msgspec.Struct, Generic[T], frozen=True):
    """A central database's answer, and the person's organisations if the database knows them."""

    found: T
    organizations: frozenset[int] | None


async def ask_all(pools: Pools, reader: Reader, action: Action, person_id: UUID, ask: Ask[T]) -> Answers[T]:
    """Ask registry, index, booking and the shards of the person's organisations, each database once.

    Each database is asked within a recorded reading of the person's rows. Both the index and the registry know the
    person's organisations; if both are down, every shard counts as missing.
    """
    access = Access(reader, action, person_id)

    async def ask_centre(connection: AsyncConnection, database: Database) -> _CentreAnswer[T]:
        organizations = None
        if database.places & {Place.MPI, Place.REGISTRY}:
            organizations = frozenset(number for number, _ in await links_of_person(connection, person_id))
        return _CentreAnswer(await ask(connection, database), organizations)

    centre = tuple(dict.fromkeys(map(pools.of_place, (Place.REGISTRY, Place.MPI, Place.BOOKING))))
    said = await ask_every(pools, access, [Shard(database) for database in centre], ask_centre)
    known = [one.organizations for one in said.found if one.organizations is not None]
    organizations = frozenset().union(*known) if known else organization_titles(pools.topology).keys()
    shards, homeless = shards_of(pools, organizations)
    elsewhere = [shard for shard in shards if shard.database not in centre]
    if known:
        rest = await ask_every(pools, access, elsewhere, ask)
    else:
        rest = Answers[T]((), tuple(missing_part(pools, one.database, one.organizations) for one in elsewhere))
    return Answers(
        (*(one.found for one in said.found), *rest.found),
        (*_with_organizations(said.missing, shards), *rest.missing, *homeless),
    )


def _with_organizations(missing: Iterable[Missing], shards: Iterable[Shard]) -> list[Missing]:
    """Return the missing central databases, with the organisations whose shards they are at the same time."""
    held = {shard.database.label: shard.organizations for shard in shards}
    return [msgspec.structs.replace(one, organizations=held.get(one.part, ())) for one in missing]
