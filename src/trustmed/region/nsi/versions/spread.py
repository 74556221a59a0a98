"""How far dictionaries have spread: which version each site was last seen to point at."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from trustmed.region.nsi.versions.model import Holding, SiteSpread
from trustmed.topology.file.spec import Topology


def spread_of(
    topology: Topology,
    holdings: Iterable[tuple[str, str, str, datetime]],
    seen: Mapping[str, datetime],
    current: Mapping[str, str],
) -> list[SiteSpread]:
    """Return the topology's sites, in its order. `holdings`: (site, OID, version, since). `current`: OID -> version."""
    by_site: dict[str, list[Holding]] = {}
    for site, oid, version, since in holdings:
        by_site.setdefault(site, []).append(Holding(oid, version, since))
    return [
        _spread(site.name, site.title, seen.get(site.name), by_site.get(site.name, []), current)
        for site in topology.site
    ]


def _spread(
    name: str, title: str, seen_at: datetime | None, holdings: list[Holding], current: Mapping[str, str]
) -> SiteSpread:
    there = {holding.oid: holding.version for holding in holdings}
    behind = sorted(oid for oid in current.keys() | there.keys() if there.get(oid) != current.get(oid))
    return SiteSpread(name, title, seen_at, tuple(holdings), tuple(behind))
