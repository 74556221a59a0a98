"""What the region's pages do with dictionaries. The command line does the same over `held`."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

from psycopg import AsyncConnection
from psycopg.rows import class_row, dict_row

from trustmed.db.queries import load
from trustmed.region.nsi.versions.difference import EXAMPLES, Pair, difference_of
from trustmed.region.nsi.versions.errors import DictionaryUnknown, TurnedMeanwhile, VersionUnknown
from trustmed.region.nsi.versions.model import (
    Column,
    DictionaryLine,
    Difference,
    EntryLine,
    EntryPage,
    Publication,
    SiteSpread,
    VersionLine,
)
from trustmed.region.nsi.versions.spread import spread_of
from trustmed.region.nsi.versions.turning import to_publish, to_roll_back
from trustmed.region.pools import Pools
from trustmed.schema import Place

QUERIES = load(__package__)
PAGE: Final = 50


async def dictionaries(pools: Pools) -> list[DictionaryLine]:
    """Every dictionary of the region, by OID. Raises PartMissing."""
    async with _region(pools) as connection:
        return await _rows(connection, "dictionaries", {"oid": None}, DictionaryLine)


async def dictionary(pools: Pools, oid_or_alias: str) -> DictionaryLine:
    """One dictionary, by any of its OIDs. Raises DictionaryUnknown, PartMissing."""
    async with _region(pools) as connection:
        oid = await _resolved(connection, oid_or_alias)
        return (await _rows(connection, "dictionaries", {"oid": oid}, DictionaryLine))[0]


async def versions(pools: Pools, oid: str) -> list[VersionLine]:
    """The versions held, the newest first. Raises DictionaryUnknown, PartMissing."""
    async with _region(pools) as connection:
        return await _versions(connection, await _resolved(connection, oid))


async def publications(pools: Pools, oid: str) -> list[Publication]:
    """Every turn of the pointer, the oldest first. Raises DictionaryUnknown, PartMissing."""
    async with _region(pools) as connection:
        return await _rows(connection, "publications", {"oid": await _resolved(connection, oid)}, Publication)


async def difference(pools: Pools, oid: str, before: str | None, after: str, *, examples: int = EXAMPLES) -> Difference:
    """What version `after` has otherwise than `before` (None: everything is new); `examples` rows of each kind.

    Raises DictionaryUnknown, VersionUnknown, PartMissing.
    """
    async with _region(pools) as connection:
        oid = await _resolved(connection, oid)
        held = {line.version: line for line in await _versions(connection, oid)}
        earlier, later = compared(oid, held, before, after)
        values = different_rows_values(oid, before, after, earlier, later)
        pairs = await _rows(connection, "different_rows", values, Pair)
    return difference_of(oid, before, after, (earlier, later), pairs, examples)


async def publish(pools: Pools, oid: str, version: str | None, author: str, reason: str | None = None) -> Publication:
    """Put a version (None: the newest held) in force.

    Raises DictionaryUnknown, VersionUnknown, AlreadyInForce, TurnedMeanwhile, PartMissing.
    """
    async with _region(pools) as connection:
        oid = await _resolved(connection, oid)
        held = await _versions(connection, oid)
        current = next((line.version for line in held if line.is_current), None)
        chosen = to_publish(oid, (line.version for line in held), current, version)
        return await _turn(connection, turn_values(oid, chosen, current, "published", author, reason))


async def rollback(pools: Pools, oid: str, author: str, reason: str | None = None) -> Publication:
    """Put the version published before the one in force in force again.

    Raises DictionaryUnknown, NothingBefore, TurnedMeanwhile, PartMissing.
    """
    async with _region(pools) as connection:
        oid = await _resolved(connection, oid)
        turns = await _rows(connection, "publications", {"oid": oid}, Publication)
        chosen = to_roll_back(oid, turns)
        return await _turn(connection, turn_values(oid, chosen, turns[-1].version, "rolled_back", author, reason))


async def spread(pools: Pools) -> list[SiteSpread]:
    """Every site of the topology with what it was last seen to hold. Raises PartMissing."""
    async with _region(pools) as connection, connection.cursor() as cursor:
        holdings = await (await cursor.execute(QUERIES["holdings"])).fetchall()
        seen = await (await cursor.execute(QUERIES["sites_seen"])).fetchall()
        current = await (await cursor.execute(QUERIES["current_versions"])).fetchall()
    return spread_of(pools.topology, holdings, dict(seen), dict(current))


async def entries(
    pools: Pools, oid: str, version: str, search: str = "", after: str = "", *, limit: int = PAGE
) -> EntryPage:
    """A page of rows whose name has, or whose code begins with, `search`. Raises DictionaryUnknown, PartMissing."""
    async with _region(pools) as connection:
        oid = await _resolved(connection, oid)
        values = {"oid": oid, "version": version, **_words(search), "after": after, "limit": limit + 1}
        found = await _rows(connection, "entries", values, EntryLine)
    page = found[:limit]
    return EntryPage(tuple(page), page[-1].key if len(found) > limit else None)


def version_line(row: Mapping[str, Any]) -> VersionLine:
    """A row of query `versions`."""
    fields = row["fields"] or ()
    columns = tuple(
        Column(one["field"], one.get("alias") or one["field"], one.get("dataType") or "VARCHAR") for one in fields
    )
    return VersionLine(columns=columns, **{key: value for key, value in row.items() if key != "fields"})


def compared(
    oid: str, held: Mapping[str, VersionLine], before: str | None, after: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns of two versions. Raises VersionUnknown."""
    for version in (before, after):
        if version is not None and version not in held:
            raise VersionUnknown(oid, version)
    earlier = () if before is None else tuple(column.field for column in held[before].columns)
    return earlier, tuple(column.field for column in held[after].columns)


def different_rows_values(
    oid: str, before: str | None, after: str, earlier: tuple[str, ...], later: tuple[str, ...]
) -> dict[str, object]:
    """Parameters of query `different_rows`."""
    return {
        "oid": oid,
        "before": before,
        "after": after,
        "columns_added": [column for column in later if column not in earlier],
        "columns_withdrawn": [column for column in earlier if column not in later],
    }


def turn_values(
    oid: str, version: str, before: str | None, kind: str, author: str, reason: str | None
) -> dict[str, object]:
    """Parameters of query `turn`."""
    words = reason.strip() if reason else ""
    return {
        "oid": oid,
        "version": version,
        "before_version": before,
        "kind": kind,
        "author": author,
        "reason": words or None,
    }


def _region(pools: Pools) -> AbstractAsyncContextManager[AsyncConnection]:
    return pools.connection(pools.of_place(Place.NSI))


async def _resolved(connection: AsyncConnection, oid: str) -> str:
    row = await (await connection.execute(QUERIES["resolve_oid"], {"oid": oid})).fetchone()
    if row is None:
        raise DictionaryUnknown(oid)
    return row[0]


async def _versions(connection: AsyncConnection, oid: str) -> list[VersionLine]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(QUERIES["versions"], {"oid": oid})
        return [version_line(row) for row in await cursor.fetchall()]


async def _turn(connection: AsyncConnection, values: dict[str, object]) -> Publication:
    found = await _rows(connection, "turn", values, Publication)
    if not found:
        raise TurnedMeanwhile(str(values["oid"]))
    return found[0]


async def _rows(connection: AsyncConnection, query: str, values: Mapping[str, object], kind: type) -> list[Any]:
    async with connection.cursor(row_factory=class_row(kind)) as cursor:
        await cursor.execute(QUERIES[query], values)
        return await cursor.fetchall()


def _words(search: str) -> dict[str, str]:
    """What to look for; signs that ILIKE takes for patterns mean themselves."""
    words = search.strip()[:200]
    return {"words": words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_"), "beginning": words}
