"""Asking the parts of the region that know something of a person, all at once; one that is down is named."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Generic, TypeVar
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from trustmed.audit.actions import Action
from trustmed.db.queries import load
from trustmed.region.access.model import Access, Reader
from trustmed.region.access.service import reading
from trustmed.region.disclosures.model import Missing
from trustmed.region.pools import OrganizationUnknown, PartMissing, Pools
from trustmed.schema import Place
from trustmed.topology.file.spec import Database

QUERIES = load(__package__)
T = TypeVar("T")
Ask = Callable[[AsyncConnection, Database], Awaitable[T]]


class Answers(msgspec.Struct, Generic[T], frozen=True):
    """What the parts that answered said, and those that did not."""

    found: tuple[T, ...]
    missing: tuple[Missing, ...]


async def ask_all(pools: Pools, reader: Reader, action: Action, person_id: UUID, ask: Ask[T]) -> Answers[T]:
    """Ask registry, index, booking and the shards of the person's organisations, each database once.

    Every asking is a recorded reading of the person's rows. Which organisations these are is known to the index and to
    the registry alike; with both down every shard counts as missing.
    """
    person = _Person(pools, reader, action, person_id)
    centre = tuple(dict.fromkeys(map(pools.of_place, (Place.REGISTRY, Place.MPI, Place.BOOKING))))
    first = await asyncio.gather(*(person.asked(database, ask) for database in centre))
    known = any(one.knows for one in first)
    organizations = {number for one in first for number in one.organizations} if known else _everywhere(pools)
    shards, nowhere = _shards(pools, organizations)
    there = [database for database in shards if database not in centre]
    then = (
        await asyncio.gather(*(person.asked(database, ask) for database in there))
        if known
        else [_Said[T](None)] * len(there)
    )
    missing = [
        Missing(database.label, shards.get(database, ()))
        for database, one in zip(centre, first, strict=True)
        if one.found is None
    ]
    missing += [
        Missing(database.label, shards[database])
        for database, one in zip(there, then, strict=True)
        if one.found is None
    ]
    missing += [Missing(None, nowhere)] if nowhere else []
    return Answers(tuple(one.found for one in (*first, *then) if one.found is not None), tuple(missing))


class _Said(msgspec.Struct, Generic[T], frozen=True):
    """`found` is None of a part that is down; `knows`: whether it knows the person's organisations."""

    found: T | None
    knows: bool = False
    organizations: tuple[int, ...] = ()


class _Person(msgspec.Struct, frozen=True):
    pools: Pools
    reader: Reader
    action: Action
    person_id: UUID

    async def asked(self, database: Database, ask: Ask[T]) -> _Said[T]:
        knows = bool(database.places & {Place.MPI, Place.REGISTRY})
        organizations: tuple[int, ...] = ()
        access = Access(self.reader, self.action, self.person_id)
        try:
            async with reading(self.pools, database, access) as connection:
                if knows:
                    rows = await connection.execute(QUERIES["patients"], {"person_id": self.person_id})
                    organizations = tuple(number for (number,) in await rows.fetchall())
                found = await ask(connection, database)
        except PartMissing:
            return _Said(None)
        return _Said(found, knows, organizations)


def _everywhere(pools: Pools) -> set[int]:
    return {one.id for site in pools.topology.site for one in site.organization}


def _shards(pools: Pools, organizations: Iterable[int]) -> tuple[dict[Database, tuple[int, ...]], tuple[int, ...]]:
    """The shards of these organisations, and the organisations whose shard nobody knows."""
    shards: dict[Database, tuple[int, ...]] = {}
    nowhere: tuple[int, ...] = ()
    for number in sorted(organizations):
        try:
            shard = pools.shard_of(number)
        except OrganizationUnknown:
            nowhere = (*nowhere, number)
        else:
            shards[shard] = (*shards.get(shard, ()), number)
    return shards, nowhere
