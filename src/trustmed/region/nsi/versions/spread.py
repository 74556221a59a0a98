"""How far dictionaries have spread: which version each site was last seen to point at."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from trustmed.region.nsi.versions.model import Holding, SiteSpread
from trustmed.topology.file.spec import Topology


class SiteHolding(msgspec.Struct, frozen=True):
    """The version of a dictionary that a site was last seen to point at."""

    site: str
    oid: str
    version: str
    since: datetime


def spread_of(
    topology: Topology,
    holdings: Iterable[SiteHolding],
    seen_at: Mapping[str, datetime],
    current: Mapping[str, str],
) -> list[SiteSpread]:
    """Return the topology's sites, in its order. `seen_at`: site -> its last answer. `current`: OID -> version."""
    by_site: dict[str, list[Holding]] = {}
    for one in holdings:
        by_site.setdefault(one.site, []).append(Holding(one.oid, one.version, one.since))
    return [
        _site_spread(site.name, site.title, seen_at.get(site.name), by_site.get(site.name, []), current)
        for site in topology.site
    ]


def _site_spread(
    name: str, title: str, seen_at: datetime | None, holdings: list[Holding], current: Mapping[str, str]
) -> SiteSpread:
    there = {holding.oid: holding.version for holding in holdings}
    behind = sorted(oid for oid in current.keys() | there.keys() if there.get(oid) != current.get(oid))
    return SiteSpread(name, title, seen_at, tuple(holdings), tuple(behind))
