"""Ask several databases of the region about one person at once; name those that are silent and what they hold."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Generic, TypeVar

import msgspec
from psycopg import AsyncConnection

from trustmed.region.access.model import Access
from trustmed.region.access.service import open_reading
from trustmed.region.pools import OrganizationUnknown, PartMissing, Pools
from trustmed.topology.file.spec import Database

T = TypeVar("T")
Ask = Callable[[AsyncConnection, Database], Awaitable[T]]


class Shard(msgspec.Struct, frozen=True):
    """A database to ask, and which of the person's organisations have their data in it."""

    database: Database
    organizations: tuple[int, ...] = ()


class Missing(msgspec.Struct, frozen=True):
    """A part of the region that did not answer, and the organisations whose data are missing with it.

    `part`: its label; empty if the topology does not have the organisations, so where their data are is unknown.
    `since`: when this server last had an answer from it; None if it never had one.
    """

    part: str
    organizations: tuple[int, ...]
    since: datetime | None = None


class Answers(msgspec.Struct, Generic[T], frozen=True):
    """The answers, and the parts that did not answer, both in the order they were asked in."""

    found: tuple[T, ...]
    missing: tuple[Missing, ...]


def shards_of(pools: Pools, organizations: Iterable[int]) -> tuple[list[Shard], list[Missing]]:
    """Return the shards of these organisations, and as missing the organisations whose shard is unknown."""
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
    """Call `ask` on all shards at once, on each within a recorded reading of its own, and return the answers.

    `patience`: see `pools.connection`. An error of `ask` is raised once all calls have ended; for PartMissing the part
    is listed as missing instead.
    """

    async def ask_one(shard: Shard) -> T | Missing:
        try:
            async with open_reading(pools, shard.database, access, patience=patience) as connection:
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
    """Describe a database that did not answer about these organisations."""
    return Missing(database.label, tuple(sorted(organizations)), pools.last_answer(database))
