"""Gather the state of the region: show what answers, name what does not."""

import asyncio
from collections.abc import Awaitable, Collection
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

from trustmed.db.async_rows import find_structs
from trustmed.db.queries import load
from trustmed.hot.copies import HotCopies
from trustmed.region.authority.ends import find_ends
from trustmed.region.links.model import FeedOfDatabase, FeedPosition, Overview, Part
from trustmed.region.pools import GLANCE_SECONDS, PartMissing, Pools
from trustmed.region.registry.service import about_how_many
from trustmed.schema import Place
from trustmed.topology.file.spec import Database
from trustmed.topology.links import links
from trustmed.topology.watch.status import LinkState

QUERIES = load(__package__)
SILENCE: Final = timedelta(seconds=15)
"""After so long without a check the monitor counts as silent."""

T = TypeVar("T")


async def overview(pools: Pools, hot: HotCopies, awaited: Collection[Place]) -> Overview:
    """Return the whole state; a part that is down is in `parts` with its cause, and nothing is raised for it.

    `awaited`: the places whose changes some effect of the feed uses.
    """
    databases, states, count, feeds, ends = await asyncio.gather(
        parts(pools),
        _result_or_missing(link_states(pools)),
        _result_or_missing(about_how_many(pools)),
        feed(pools, awaited),
        _result_or_missing(find_ends(pools)),
    )
    shown = states if isinstance(states, tuple) else ()
    return Overview(
        links=_links_with_states(pools, shown),
        feed=feeds,
        parts=(*databases, _hot_part(hot)),
        documents=count if isinstance(count, int) else None,
        silent=bool(shown) and _is_silent(shown),
        links_known=isinstance(states, tuple),
        certificates=tuple(ends) if isinstance(ends, list) else (),
    )


async def link_states(pools: Pools) -> tuple[LinkState, ...]:
    """Return the states the monitor last wrote. Raises PartMissing."""
    async with pools.connection(pools.of_place(Place.REGISTRY), patience=GLANCE_SECONDS) as connection:
        return tuple(await find_structs(connection, LinkState, QUERIES["link_states"]))


async def all_links(pools: Pools) -> tuple[LinkState, ...]:
    """Return every link of the topology with its state. Raises PartMissing."""
    return _links_with_states(pools, await link_states(pools))


async def feed(pools: Pools, awaited: Collection[Place]) -> tuple[FeedOfDatabase, ...]:
    """Return the state of the change feed of every database that answers."""
    databases = pools.topology.watched_databases()
    found = await asyncio.gather(*(_result_or_missing(_feed_of(pools, database, awaited)) for database in databases))
    return tuple(one for one in found if isinstance(one, FeedOfDatabase))


async def parts(pools: Pools) -> tuple[Part, ...]:
    """Return every database of the region and whether it answers."""
    return tuple(await asyncio.gather(*(_part(pools, database) for database in pools.databases())))


async def _part(pools: Pools, database: Database) -> Part:
    missing = await _result_or_missing(_touch(pools, database))
    if missing is None:
        return Part(database.label, True)
    return Part(database.label, False, missing.ru, missing.en)


async def _touch(pools: Pools, database: Database) -> None:
    async with pools.connection(database, patience=GLANCE_SECONDS) as connection:
        await connection.execute("select 1")


async def _feed_of(pools: Pools, database: Database, awaited: Collection[Place]) -> FeedOfDatabase:
    async with pools.connection(database, patience=GLANCE_SECONDS) as connection:
        positions = tuple(await find_structs(connection, FeedPosition, QUERIES["feed_positions"]))
        return FeedOfDatabase(database.label, positions, not database.places.isdisjoint(awaited))


async def _result_or_missing(work: Awaitable[T]) -> T | PartMissing:
    try:
        return await work
    except PartMissing as missing:
        return missing


def _links_with_states(pools: Pools, states: tuple[LinkState, ...]) -> tuple[LinkState, ...]:
    by_name = {state.link: state for state in states}
    return tuple(
        by_name.get(link.name) or LinkState(link.name, link.source.label, link.target.label, link.site, "unknown")
        for link in links(pools.topology)
    )


def _is_silent(states: tuple[LinkState, ...]) -> bool:
    newest = max((state.checked_at for state in states if state.checked_at), default=None)
    return newest is None or datetime.now(UTC) - newest > SILENCE


def _hot_part(hot: HotCopies) -> Part:
    if hot.is_up:
        return Part("redis", True)
    return Part(
        "redis",
        False,
        "Redis не настроен или не отвечает: списки документов и сеансы читаются из базы, всё работает, но медленнее.",
        "Redis is not set up or does not answer: lists and sessions are read from the database, all works, slower.",
    )
