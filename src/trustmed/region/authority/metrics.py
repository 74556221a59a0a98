"""Days left of certificates, for Prometheus, read from the registry now and then."""

from datetime import UTC, datetime
from typing import Final

from prometheus_client import CollectorRegistry, Gauge

from trustmed.region.authority.ends import find_ends
from trustmed.region.authority.model import End
from trustmed.region.pools import Pools
from trustmed.web.tasks import repeat

SECONDS: Final = 60.0


class EndGauge:
    """The gauge; `show` sets it for every bearer and drops those that are gone."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._days = Gauge(
            "trustmed_certificate_days_left", "Days until the last certificate ends", ("bearer",), registry=registry
        )

    def show(self, ends: list[End], at: datetime) -> None:
        self._days.clear()
        for end in ends:
            self._days.labels(end.label).set(end.days_left(at))


async def keep_showing(gauge: EndGauge, pools: Pools) -> None:
    """Set the gauge every minute, for ever."""

    async def look() -> None:
        gauge.show(await find_ends(pools), datetime.now(UTC))

    await repeat(look, SECONDS, "certificates_not_read")
