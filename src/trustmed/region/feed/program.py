"""The feed as a program: a thread for each database of the region that has changes to tell."""

import threading
from collections.abc import Sequence

from trustmed.region.feed.effect import Effect
from trustmed.region.feed.effects import EFFECTS
from trustmed.region.feed.feed import Source, run
from trustmed.region.hot.drops import HotRealms
from trustmed.topology.connect import cache_url, conninfo
from trustmed.topology.spec import Database, Topology
from trustmed.topology.watched import WATCHED


def sources(topology: Topology) -> tuple[Source, ...]:
    """The databases to read. Raises SecretMissing."""
    return tuple(
        Source(database.label, conninfo(topology, database, "trustmed_feed", "feed"), database.places)
        for database in watched_databases(topology)
    )


def watched_databases(topology: Topology) -> tuple[Database, ...]:
    """The region's databases with tables the feed watches."""
    return tuple(one for one in topology.databases() if one.site is None and one.places & WATCHED.keys())


def run_all(topology: Topology, stop: threading.Event, effects: Sequence[Effect] = EFFECTS) -> None:
    """Feed all effects from all databases until `stop`. Raises SecretMissing."""
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
