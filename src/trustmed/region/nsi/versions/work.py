"""Work with the dictionaries a region holds, written once: generators that yield queries and receive their rows.

The region's pages run it over an asynchronous pool (`service`), one request among many; commands, imports and the seed
run it over one synchronous connection (`held`), whose COPY, locks and transactions they go on using. Neither can use
the other's connection, so all queries and decisions are here, and each side only carries queries to its connection.
"""

from collections.abc import Callable, Generator, Mapping
from typing import Any, Final, TypeVar

import msgspec

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
from trustmed.topology.file.spec import Topology

QUERIES: Final = load(__package__)
PAGE: Final = 50

Columns = tuple[tuple[str, ...], tuple[str, ...]]
"""Columns of the earlier and of the later version."""


class Query(msgspec.Struct, frozen=True):
    """A query of this package. `row` builds a row from its columns, by name; None: rows are tuples."""

    name: str
    values: Mapping[str, object] = {}
    row: Callable[..., Any] | None = None


T = TypeVar("T")
Work = Generator[Query, list[Any], T]


def dictionaries(oid: str | None = None) -> Work[list[DictionaryLine]]:
    """Return every dictionary of the region, by OID; or only one, by its own OID."""
    return (yield Query("dictionaries", {"oid": oid}, DictionaryLine))


def dictionary(oid_or_alias: str) -> Work[DictionaryLine]:
    """Return one dictionary, by any of its OIDs. Raises DictionaryUnknown."""
    oid = yield from own_oid(oid_or_alias)
    return (yield from dictionaries(oid))[0]


def own_oid(oid_or_alias: str) -> Work[str]:
    """Return the dictionary's own OID, given any of its OIDs. Raises DictionaryUnknown."""
    rows = yield Query("resolve_oid", {"oid": oid_or_alias})
    if not rows:
        raise DictionaryUnknown(oid_or_alias)
    return rows[0][0]


def versions(oid: str) -> Work[list[VersionLine]]:
    """Return the versions held, the newest first. Raises DictionaryUnknown."""
    oid = yield from own_oid(oid)
    return (yield Query("versions", {"oid": oid}, _version_line))


def publications(oid: str) -> Work[list[Publication]]:
    """Return every change of the version in force, the oldest first. Raises DictionaryUnknown."""
    oid = yield from own_oid(oid)
    return (yield Query("publications", {"oid": oid}, Publication))


def difference(oid: str, before: str | None, after: str, examples: int = EXAMPLES) -> Work[Difference]:
    """Return how version `after` differs from `before` (None: everything is new), with `examples` rows of each kind.

    Raises DictionaryUnknown, VersionUnknown.
    """
    oid = yield from own_oid(oid)
    held = {line.version: line for line in (yield from versions(oid))}
    for version in (before, after):
        if version is not None and version not in held:
            raise VersionUnknown(oid, version)
    earlier = () if before is None else tuple(column.field for column in held[before].columns)
    later = tuple(column.field for column in held[after].columns)
    return (yield from difference_of_columns(oid, before, after, (earlier, later), examples))


def difference_of_columns(
    oid: str, before: str | None, after: str, columns: Columns, examples: int = EXAMPLES
) -> Work[Difference]:
    """Do the same for versions that are known to exist, given their columns."""
    earlier, later = columns
    values = {
        "oid": oid,
        "before": before,
        "after": after,
        "columns_added": [column for column in later if column not in earlier],
        "columns_withdrawn": [column for column in earlier if column not in later],
    }
    pairs = yield Query("different_rows", values, Pair)
    return difference_of(oid, before, after, columns, pairs, examples)


def publish(oid: str, version: str | None, author: str, reason: str | None = None) -> Work[Publication]:
    """Put a version (None: the newest held) in force.

    Raises DictionaryUnknown, VersionUnknown, AlreadyInForce, TurnedMeanwhile.
    """
    oid = yield from own_oid(oid)
    held = yield from versions(oid)
    current = next((line.version for line in held if line.is_current), None)
    chosen = to_publish(oid, (line.version for line in held), current, version)
    return (yield from _turn(oid, chosen, current, "published", author, reason))


def rollback(oid: str, author: str, reason: str | None = None) -> Work[Publication]:
    """Put the version before the one in force back in force.

    Raises DictionaryUnknown, NothingBefore, TurnedMeanwhile.
    """
    oid = yield from own_oid(oid)
    turns = yield from publications(oid)
    chosen = to_roll_back(oid, turns)
    return (yield from _turn(oid, chosen, turns[-1].version, "rolled_back", author, reason))


def spread(topology: Topology) -> Work[list[SiteSpread]]:
    """Return every site of the topology with what it was last seen to hold."""
    holdings = yield Query("holdings")
    seen = yield Query("sites_seen")
    current = yield Query("current_versions")
    return spread_of(topology, holdings, dict(seen), dict(current))


def entries(oid: str, version: str, search: str = "", after: str = "", *, limit: int = PAGE) -> Work[EntryPage]:
    """Return a page of rows whose name contains `search` or whose code begins with it. Raises DictionaryUnknown."""
    oid = yield from own_oid(oid)
    values = {"oid": oid, "version": version, **_words(search), "after": after, "limit": limit + 1}
    found = yield Query("entries", values, EntryLine)
    page = found[:limit]
    return EntryPage(tuple(page), page[-1].key if len(found) > limit else None)


def newest_passport(oid: str) -> Work[dict[str, Any] | None]:
    """Return the passport of a dictionary's newest whole version, by any of its OIDs; None if there is none."""
    rows = yield Query("resolve_oid", {"oid": oid})
    found = (yield Query("newest_passport", {"oid": rows[0][0]})) if rows else []
    return found[0][0] if found else None


def all_held() -> Work[Mapping[tuple[str, str], bool]]:
    """Map (OID or alias, version) of everything held to whether it is an extract."""
    rows = yield Query("all_held")
    return {(name, version): extract for name, version, extract in rows}


def _turn(oid: str, version: str, before: str | None, kind: str, author: str, reason: str | None) -> Work[Publication]:
    values = {
        "oid": oid,
        "version": version,
        "before_version": before,
        "kind": kind,
        "author": author,
        "reason": (reason or "").strip() or None,
    }
    turned = yield Query("turn", values, Publication)
    if not turned:
        raise TurnedMeanwhile(oid)
    return turned[0]


def _version_line(*, fields: list[dict[str, Any]] | None, **columns: Any) -> VersionLine:
    described = tuple(
        Column(one["field"], one.get("alias") or one["field"], one.get("dataType") or "VARCHAR") for one in fields or ()
    )
    return VersionLine(columns=described, **columns)


def _words(search: str) -> dict[str, str]:
    """Return the values to search by, with the wildcards of ILIKE escaped."""
    words = search.strip()[:200]
    return {"words": words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_"), "beginning": words}
