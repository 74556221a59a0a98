"""The change feed as a program: the list of all effects, and a thread for each database of the region it reads."""

import threading
from collections.abc import Sequence
from typing import Final

from trustmed.feed.effect import Effect
from trustmed.feed.feed import Source, run
from trustmed.hot.drops import HotRealms
from trustmed.region.booking.effects.conflicts import BOOKING_CONFLICTS
from trustmed.region.booking.effects.hot import DROP_HOT_SLOTS
from trustmed.region.booking.effects.requests import CARRY_OUT_REQUESTS
from trustmed.region.facts.effects import EXTRACT_FACTS
from trustmed.region.index.effects import LINK_PATIENTS
from trustmed.region.record.copies import DROP_HOT_RECORD
from trustmed.region.registry.copies import DROP_HOT_DOCUMENTS
from trustmed.topology.connect import cache_url, conninfo
from trustmed.topology.file.spec import Topology

EFFECTS: Final[tuple[Effect, ...]] = (
    LINK_PATIENTS,
    EXTRACT_FACTS,
    DROP_HOT_DOCUMENTS,
    *DROP_HOT_RECORD,
    CARRY_OUT_REQUESTS,
    BOOKING_CONFLICTS,
    DROP_HOT_SLOTS,
)
"""What the region does about changes. A batch of changes reaches the effects in this order."""


def sources(topology: Topology) -> tuple[Source, ...]:
    """Return the databases to read. Raises SecretMissing."""
    return tuple(
        Source(database.label, conninfo(topology, database, "trustmed_feed", "feed"), database.places)
        for database in topology.watched_databases()
    )


def run_feed(topology: Topology, stop: threading.Event, effects: Sequence[Effect] = EFFECTS) -> None:
    """Feed all effects from all databases until `stop` is set. Raises SecretMissing."""
    hot = HotRealms(cache_url(topology))
    threads = [
        threading.Thread(target=run, args=(source, effects, hot, stop), name=f"feed {source.name}")
        for source in sources(topology)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    hot.close()
