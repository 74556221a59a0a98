"""Prometheus gauges of how many dictionaries at each site are not in the version in force at the region."""

from typing import Final

from prometheus_client import CollectorRegistry, Gauge

from trustmed.region.nsi.versions.model import SiteSpread
from trustmed.region.nsi.versions.service import find_spread
from trustmed.region.pools import PartMissing, Pools
from trustmed.web.tasks import repeat

SECONDS: Final = 10.0


class SpreadGauges:
    """The gauges, which `show` sets all at once; a site that was never seen has none."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._behind = Gauge(
            "trustmed_nsi_behind", "Dictionaries in another version than the region's", ("site",), registry=registry
        )
        self._seen = Gauge(
            "trustmed_nsi_seen_timestamp_seconds",
            "When the site's versions were last seen",
            ("site",),
            registry=registry,
        )

    def show(self, sites: list[SiteSpread]) -> None:
        self._behind.clear()
        self._seen.clear()
        for one in sites:
            if one.seen_at is not None:
                self._behind.labels(one.site).set(len(one.behind))
                self._seen.labels(one.site).set(one.seen_at.timestamp())


async def keep_showing(gauges: SpreadGauges, pools: Pools) -> None:
    """Update the gauges every SECONDS, for ever. While the database is down there are none."""

    async def look() -> None:
        try:
            gauges.show(await find_spread(pools))
        except PartMissing:
            gauges.show([])

    await repeat(look, SECONDS, "gauges_not_read")
