"""Figures for Prometheus, read from the databases every few seconds, so that a scrape never waits for them."""

from collections.abc import Collection
from typing import Final

from prometheus_client import CollectorRegistry, Gauge

from trustmed.hot.copies import HotCopies
from trustmed.region.links.model import TONES, FeedOfDatabase, Overview
from trustmed.region.links.service import overview
from trustmed.region.pools import Pools
from trustmed.schema import Place
from trustmed.topology.watch.status import LinkState
from trustmed.web.tasks import repeat

SECONDS: Final = 5.0


class RegionGauges:
    """The gauges; `show` sets them all from one overview of the region and drops the labels that are not in it."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, text: str, *labels: str) -> Gauge:
            return Gauge(f"trustmed_{name}", text, labels, registry=registry)

        self._lag = gauge("link_lag_seconds", "How far behind a link is", "link")
        self._bytes = gauge("link_lag_bytes", "How much log a link has yet to carry", "link")
        self._state = gauge("link_state", "1 for the state a link is in", "link", "state")
        self._feed = gauge("feed_lag_bytes", "How much log the change feed has yet to read", "database", "consumer")
        self._parked = gauge("feed_parked", "Changes that wait for another try", "database", "consumer")
        self._part = gauge("part_up", "1 for a part of the region that answers", "part")
        self._documents = gauge("registry_documents", "Registered documents, by statistics")

    def show(self, found: Overview) -> None:
        for gauge in (self._lag, self._bytes, self._state, self._feed, self._parked, self._part):
            gauge.clear()
        for link in found.links:
            self._show_link(link)
        for feed in found.feed:
            self._show_feed(feed)
        for part in found.parts:
            self._part.labels(part.name).set(part.up)
        if found.documents is not None:
            self._documents.set(found.documents)

    def _show_link(self, link: LinkState) -> None:
        if link.lag_ms is not None:
            self._lag.labels(link.link).set(link.lag_ms / 1000)
        if link.lag_bytes is not None:
            self._bytes.labels(link.link).set(link.lag_bytes)
        for state in TONES:
            self._state.labels(link.link, state).set(state == link.state)

    def _show_feed(self, feed: FeedOfDatabase) -> None:
        for position in feed.positions:
            self._feed.labels(feed.database, position.consumer).set(position.lag_bytes)
            self._parked.labels(feed.database, position.consumer).set(position.parked)


async def keep_showing(gauges: RegionGauges, pools: Pools, hot: HotCopies, awaited: Collection[Place]) -> None:
    """Set the gauges every few seconds, for ever. `awaited`: see `overview`."""

    async def look() -> None:
        gauges.show(await overview(pools, hot, awaited))

    await repeat(look, SECONDS, "gauges_not_read")
