"""Work with the dictionaries a region holds, written once: generators that yield queries and receive their rows.

The region's pages run it over an asynchronous pool (`service`), one request among many; commands, imports and the seed
run it over one synchronous connection (`sync_service`), whose COPY, locks and transactions they go on using. Neither
can use the other's connection, so all queries and decisions are here, and each side only carries queries to its
connection.
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
from trustmed.region.nsi.versions.spread import SiteHolding, spread_of
from trustmed.region.nsi.versions.targets import publication_target, rollback_target
from trustmed.topology.file.spec import Topology

QUERIES: Final = load(__package__)
PAGE: Final = 50

Columns = tuple[tuple[str, ...], tuple[str, ...]]
"""Columns of the earlier and of the later version."""


class NamedQuery(msgspec.Struct, frozen=True):
    """A query of this package. `row` builds a row from its columns, by name; None: rows are named tuples."""

    name: str
    values: Mapping[str, object] = {}
    row: Callable[..., Any] | None = None


T = TypeVar("T")
Work = Generator[NamedQuery, list[Any], T]


def find_dictionaries(oid: str | None = None) -> Work[list[DictionaryLine]]:
    """Return every dictionary of the region, by OID; or only one, by its own OID."""
    return (yield NamedQuery("dictionaries", {"oid": oid}, DictionaryLine))


def find_dictionary(oid_or_alias: str) -> Work[DictionaryLine]:
    """Return one dictionary, by any of its OIDs. Raises DictionaryUnknown."""
    oid = yield from find_own_oid(oid_or_alias)
    return (yield from find_dictionaries(oid))[0]


def find_own_oid(oid_or_alias: str) -> Work[str]:
    """Return the dictionary's own OID, given any of its OIDs. Raises DictionaryUnknown."""
    rows = yield NamedQuery("own_oid", {"oid": oid_or_alias})
    if not rows:
        raise DictionaryUnknown(oid_or_alias)
    return rows[0].oid


def find_versions(oid: str) -> Work[list[VersionLine]]:
    """Return the versions held, the newest first. Raises DictionaryUnknown."""
    return (yield _versions((yield from find_own_oid(oid))))


def find_publications(oid: str) -> Work[list[Publication]]:
    """Return every change of the version in force, the oldest first. Raises DictionaryUnknown."""
    return (yield _publications((yield from find_own_oid(oid))))


def find_difference(oid: str, before: str | None, after: str, examples: int = EXAMPLES) -> Work[Difference]:
    """Return how version `after` differs from `before` (None: everything is new), with `examples` rows of each kind.

    Raises DictionaryUnknown, VersionUnknown.
    """
    oid = yield from find_own_oid(oid)
    versions = {line.version: line for line in (yield _versions(oid))}
    for version in (before, after):
        if version is not None and version not in versions:
            raise VersionUnknown(oid, version)
    earlier = () if before is None else tuple(column.field for column in versions[before].columns)
    later = tuple(column.field for column in versions[after].columns)
    return (yield from find_difference_of_columns(oid, before, after, (earlier, later), examples))


def find_difference_of_columns(
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
    pairs = yield NamedQuery("different_rows", values, Pair)
    return difference_of(oid, before, after, columns, pairs, examples)


def publish(oid: str, version: str | None, author: str, reason: str | None = None) -> Work[Publication]:
    """Put a version (None: the newest held) in force.

    Raises DictionaryUnknown, VersionUnknown, AlreadyInForce, TurnedMeanwhile.
    """
    oid = yield from find_own_oid(oid)
    versions = yield _versions(oid)
    current = next((line.version for line in versions if line.is_current), None)
    chosen = publication_target(oid, (line.version for line in versions), current, version)
    return (yield from _put_in_force(oid, chosen, current, "published", author, reason))


def roll_back(oid: str, author: str, reason: str | None = None) -> Work[Publication]:
    """Put the version before the one in force back in force.

    Raises DictionaryUnknown, NothingBefore, TurnedMeanwhile.
    """
    oid = yield from find_own_oid(oid)
    history = yield _publications(oid)
    chosen = rollback_target(oid, history)
    return (yield from _put_in_force(oid, chosen, history[-1].version, "rolled_back", author, reason))


def find_spread(topology: Topology) -> Work[list[SiteSpread]]:
    """Return every site of the topology with what it was last seen to hold."""
    holdings = yield NamedQuery("holdings", row=SiteHolding)
    sites_seen = yield NamedQuery("sites_seen")
    dictionaries = yield NamedQuery("current_versions")
    seen_at = {row.site: row.at for row in sites_seen}
    current = {row.oid: row.current_version for row in dictionaries}
    return spread_of(topology, holdings, seen_at, current)


def find_entries(oid: str, version: str, search: str = "", after: str = "", *, limit: int = PAGE) -> Work[EntryPage]:
    """Return a page of rows whose name contains `search` or whose code begins with it. Raises DictionaryUnknown."""
    oid = yield from find_own_oid(oid)
    values = {"oid": oid, "version": version, **_search_values(search), "after": after, "limit": limit + 1}
    found = yield NamedQuery("entries", values, EntryLine)
    page = found[:limit]
    return EntryPage(tuple(page), page[-1].key if len(found) > limit else None)


def find_newest_passport(oid: str) -> Work[dict[str, Any] | None]:
    """Return the passport of a dictionary's newest whole version, by any of its OIDs; None if there is none."""
    rows = yield NamedQuery("own_oid", {"oid": oid})
    found = (yield NamedQuery("newest_passport", {"oid": rows[0].oid})) if rows else []
    return found[0].passport if found else None


def find_all_versions() -> Work[Mapping[tuple[str, str], bool]]:
    """Map (OID or alias, version) of everything held to whether it is an extract."""
    rows = yield NamedQuery("all_versions")
    return {(row.name, row.version): row.is_extract for row in rows}


def _versions(own_oid: str) -> NamedQuery:
    return NamedQuery("versions", {"oid": own_oid}, _version_line)


def _publications(own_oid: str) -> NamedQuery:
    return NamedQuery("publications", {"oid": own_oid}, Publication)


def _put_in_force(
    oid: str, version: str, before: str | None, kind: str, author: str, reason: str | None
) -> Work[Publication]:
    values = {
        "oid": oid,
        "version": version,
        "before_version": before,
        "kind": kind,
        "author": author,
        "reason": (reason or "").strip() or None,
    }
    publications = yield NamedQuery("put_in_force", values, Publication)
    if not publications:
        raise TurnedMeanwhile(oid)
    return publications[0]


def _version_line(*, fields: list[dict[str, Any]] | None, **columns: Any) -> VersionLine:
    described = tuple(
        Column(one["field"], one.get("alias") or one["field"], one.get("dataType") or "VARCHAR") for one in fields or ()
    )
    return VersionLine(columns=described, **columns)


def _search_values(search: str) -> dict[str, str]:
    """Return the values to search by, with the wildcards of ILIKE escaped."""
    words = search.strip()[:200]
    return {"words": words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_"), "beginning": words}
