"""Asking databases of the region about one person, all at once; one that is silent is named with what it holds."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Generic, TypeVar

import msgspec
from psycopg import AsyncConnection

from trustmed.region.access.model import Access
from trustmed.region.access.service import reading
from trustmed.region.pools import OrganizationUnknown, PartMissing, Pools
from trustmed.topology.file.spec import Database

T = TypeVar("T")
Ask = Callable[[AsyncConnection, Database], Awaitable[T]]


class Shard(msgspec.Struct, frozen=True):
    """A database to ask, and those of the person's organisations whose data it holds."""

    database: Database
    organizations: tuple[int, ...] = ()


class Missing(msgspec.Struct, frozen=True):
    """A part that did not answer: whose data it would have held, and until when it is known to have answered.

    `part`: its label; empty: the organisations are in no topology, so nobody knows where their data are. `since`: the
    last good answer this server had from it; None: none since this server started.
    """

    part: str
    organizations: tuple[int, ...]
    since: datetime | None = None


class Answers(msgspec.Struct, Generic[T], frozen=True):
    """What the parts that answered said, and those that did not, both in the order they were asked in."""

    found: tuple[T, ...]
    missing: tuple[Missing, ...]


def shards_of(pools: Pools, organizations: Iterable[int]) -> tuple[list[Shard], list[Missing]]:
    """Return the shards of these organisations, and what is missing as the shard of some is not known."""
    held: dict[Database, list[int]] = {}
    homeless: list[int] = []
    for number in sorted(set(organizations)):
        try:
            held.setdefault(pools.shard_of(number), []).append(number)
        except OrganizationUnknown:
            homeless.append(number)
    shards = [Shard(database, tuple(numbers)) for database, numbers in held.items()]
    return shards, [Missing("", tuple(homeless))] if homeless else []


async def ask_every(
    pools: Pools, access: Access, shards: Sequence[Shard], ask: Ask[T], *, patience: float | None = None
) -> Answers[T]:
    """Return what `ask` gives in each shard, in a recorded reading of its own, all at once.

    `patience`: see `pools.connection`. What `ask` raises is raised when all have ended, but PartMissing: it is told.
    """

    async def ask_one(shard: Shard) -> T | Missing:
        try:
            async with reading(pools, shard.database, access, patience=patience) as connection:
                given = await ask(connection, shard.database)
        except PartMissing:
            return missing_part(pools, shard.database, shard.organizations)
        return given

    answers = await asyncio.gather(*map(ask_one, shards), return_exceptions=True)
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
    return Answers(
        tuple(one for one in answers if not isinstance(one, (Missing, BaseException))),
        tuple(one for one in answers if isinstance(one, Missing)),
    )


def missing_part(pools: Pools, database: Database, organizations: Collection[int]) -> Missing:
    """Return that the database did not answer, about these organisations."""
    return Missing(database.label, tuple(sorted(organizations)), pools.last_well(database))
