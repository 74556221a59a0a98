"""The work of the link monitor: probe every link, and store the states for the region's pages.

It also asks every site which versions of dictionaries are in force there.
"""

import threading
import time
from collections.abc import Callable

import psycopg
import structlog

from trustmed.schema import Place
from trustmed.topology.file.spec import Topology
from trustmed.topology.watch.connections import WatchConnections
from trustmed.topology.watch.holdings import watch_holdings
from trustmed.topology.watch.probe import probe
from trustmed.topology.watch.status import LinkState, store_states

log = structlog.get_logger()
COMPARE_EVERY = 3  # rows are compared in every third probe
SPREAD_SHARE = 0.8  # of the time between two probes, over which its questions are spread
LEAST_PAUSE_SECONDS = 0.1


def watch(
    topology: Topology,
    every_seconds: float = 3,
    *,
    stop: threading.Event,
    on_states: Callable[[tuple[LinkState, ...]], None] = lambda states: None,
) -> None:
    """Probe and store until `stop` is set. If the registry's database is down, say so in the log and go on."""
    connections = WatchConnections(topology)
    try:
        number = 0
        while not stop.is_set():
            started = time.monotonic()
            compare = number % COMPARE_EVERY == 0
            states = probe(topology, connections, compare_rows=compare, spread=every_seconds * SPREAD_SHARE)
            _store(topology, connections, states)
            watch_holdings(topology, connections)
            on_states(states)
            number += 1
            stop.wait(max(LEAST_PAUSE_SECONDS, every_seconds - (time.monotonic() - started)))
    finally:
        connections.close()


def _store(topology: Topology, connections: WatchConnections, states: tuple[LinkState, ...]) -> None:
    registry = topology.database_of(Place.REGISTRY)
    try:
        store_states(connections.at(registry.server, registry.name), states)
    except psycopg.Error as error:
        log.warning("link states not stored", server=registry.server, error=error)
