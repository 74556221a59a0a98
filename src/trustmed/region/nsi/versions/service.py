"""What the region's pages do with dictionaries: `work` over the region's pool. All can also raise PartMissing."""

from collections.abc import Awaitable, Callable
from typing import Concatenate, ParamSpec, TypeVar

import msgspec
from psycopg.rows import kwargs_row, tuple_row
from psycopg.types.json import set_json_loads

from trustmed.region.nsi.versions import work
from trustmed.region.nsi.versions.model import SiteSpread
from trustmed.region.nsi.versions.work import QUERIES, Work
from trustmed.region.pools import Pools
from trustmed.schema import Place

P = ParamSpec("P")
T = TypeVar("T")


async def carry_out(pools: Pools, asked: Work[T]) -> T:
    """Run the queries of `asked` against the dictionaries' database, all over one connection."""
    async with pools.connection(pools.of_place(Place.NSI)) as connection, connection.cursor() as cursor:
        set_json_loads(msgspec.json.decode, cursor)  # faster than the default: thousands of rows may differ
        try:
            query = next(asked)
            while True:
                cursor.row_factory = kwargs_row(query.row) if query.row else tuple_row
                await cursor.execute(QUERIES[query.name], query.values)
                query = asked.send(await cursor.fetchall())
        except StopIteration as end:
            return end.value


def _over_pools(work: Callable[P, Work[T]]) -> Callable[Concatenate[Pools, P], Awaitable[T]]:
    async def over_pools(pools: Pools, /, *given: P.args, **named: P.kwargs) -> T:
        return await carry_out(pools, work(*given, **named))

    return over_pools


dictionaries = _over_pools(work.dictionaries)
dictionary = _over_pools(work.dictionary)
versions = _over_pools(work.versions)
publications = _over_pools(work.publications)
difference = _over_pools(work.difference)
publish = _over_pools(work.publish)
rollback = _over_pools(work.rollback)
entries = _over_pools(work.entries)


async def spread(pools: Pools) -> list[SiteSpread]:
    """Return every site of the topology with what it was last seen to hold."""
    return await carry_out(pools, work.spread(pools.topology))
