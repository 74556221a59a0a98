"""What the region's pages do with dictionaries: `work` over the region's pool. All can also raise PartMissing."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Concatenate, ParamSpec, TypeVar

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import kwargs_row, namedtuple_row
from psycopg.types.json import set_json_loads

from trustmed.region.nsi.versions import work
from trustmed.region.nsi.versions.model import SiteSpread
from trustmed.region.nsi.versions.work import QUERIES, Work
from trustmed.region.pools import Pools
from trustmed.schema import Place

P = ParamSpec("P")
T = TypeVar("T")


@asynccontextmanager
async def connect_to_dictionaries(pools: Pools) -> AsyncGenerator[AsyncConnection]:
    """Connect to the region's database of dictionaries. Raises PartMissing."""
    async with pools.connection(pools.of_place(Place.NSI)) as connection:
        yield connection


async def carry_out(pools: Pools, task: Work[T]) -> T:
    """Run the queries of `task` against the dictionaries' database, all over one connection."""
    async with connect_to_dictionaries(pools) as connection, connection.cursor() as cursor:
        set_json_loads(msgspec.json.decode, cursor)  # faster than the default: thousands of rows may differ
        try:
            query = next(task)
            while True:
                cursor.row_factory = kwargs_row(query.row) if query.row else namedtuple_row
                await cursor.execute(QUERIES[query.name], query.values)
                query = task.send(await cursor.fetchall())
        except StopIteration as end:
            return end.value


def _over_pools(task_of: Callable[P, Work[T]]) -> Callable[Concatenate[Pools, P], Awaitable[T]]:
    async def over_pools(pools: Pools, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await carry_out(pools, task_of(*args, **kwargs))

    return over_pools


find_dictionaries = _over_pools(work.find_dictionaries)
find_dictionary = _over_pools(work.find_dictionary)
find_versions = _over_pools(work.find_versions)
find_publications = _over_pools(work.find_publications)
find_difference = _over_pools(work.find_difference)
find_entries = _over_pools(work.find_entries)
publish = _over_pools(work.publish)
roll_back = _over_pools(work.roll_back)


async def find_spread(pools: Pools) -> list[SiteSpread]:
    """Return every site of the topology with what it was last seen to hold."""
    return await carry_out(pools, work.find_spread(pools.topology))
