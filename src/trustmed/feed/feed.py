"""The feed of one source database: at least once, in commit order, with a durable position for each consumer.

The engine knows no room: what shall be done about changes is handed to it as effects.
"""

import threading
import time
from collections.abc import Sequence
from functools import partial

import msgspec
import psycopg
import structlog

from trustmed.errors import TrustMedError
from trustmed.feed import metrics, positions
from trustmed.feed.consumer import prepare_consumers
from trustmed.feed.effect import Effect, Surroundings
from trustmed.feed.positions import QUERIES
from trustmed.feed.session import Resume, Session
from trustmed.hot.drops import HotRealms
from trustmed.outline import outline
from trustmed.schema import Place
from trustmed.topology.watched import FEED_PUBLICATION, FEED_SLOT
from trustmed.wal.stream import SlotBusy, SourceLost, open_stream, parse_lsn

FIRST_BACKOFF, LONGEST_BACKOFF = 0.1, 5.0  # between sessions that fail

log = structlog.get_logger("trustmed.feed")


class Source(msgspec.Struct, frozen=True):
    """A database of the region whose changes are read, as role trustmed_feed."""

    name: str
    conninfo: str
    places: frozenset[Place]


def run(source: Source, effects: Sequence[Effect], hot: HotRealms, stop: threading.Event) -> None:
    """Feed the effects of this source until `stop` is set; log every failure, wait, and try again."""
    mine = tuple(effect for effect in effects if effect.place in source.places)
    backoff = FIRST_BACKOFF
    while not stop.is_set():
        started = time.monotonic()
        try:
            _read(source, mine, hot, stop)
        except Resume:
            continue
        except Exception as error:  # the feed of a source must outlive any error, and log it
            if time.monotonic() - started > LONGEST_BACKOFF:
                backoff = FIRST_BACKOFF
            _report(source, mine, error, backoff)
            stop.wait(backoff)
            backoff = min(backoff * 2, LONGEST_BACKOFF)


def _report(source: Source, effects: Sequence[Effect], error: Exception, backoff: float) -> None:
    metrics.FAILURES.labels(source.name).inc()
    known = isinstance(error, (TrustMedError, psycopg.Error, OSError))
    words = error.ru if isinstance(error, TrustMedError) else outline(error)
    log.warning("feed_interrupted", source=source.name, error=error, again_in=backoff, exc_info=not known)
    if isinstance(error, SlotBusy):
        return
    try:
        with psycopg.connect(source.conninfo, autocommit=True) as connection:
            for effect in effects:
                positions.save_error(connection, effect.name, words)
    except psycopg.Error as second:
        log.warning("error_not_recorded", source=source.name, error=second)


def _read(source: Source, effects: Sequence[Effect], hot: HotRealms, stop: threading.Event) -> None:
    try:
        connection = _connect(source.conninfo)
    except psycopg.OperationalError as error:
        raise SourceLost(
            f"База {source.name} недоступна: {str(error).strip()}. Лента переподключится сама.",
            f"Database {source.name} cannot be reached: {str(error).strip()}. The feed reconnects by itself.",
        ) from error
    with connection:
        slot = positions.usable_slot(connection, source.name)
        surroundings = Surroundings(source.name, connection, hot, partial(_connect, source.conninfo))
        consumers = prepare_consumers(surroundings, effects, slot)
        with open_stream(source.conninfo, source.name, FEED_SLOT, FEED_PUBLICATION) as stream:
            for consumer in consumers:
                connection.execute(QUERIES["clear_error"], {"consumer": consumer.name})
            log.info("feed_reading", source=source.name, consumers=[consumer.name for consumer in consumers])
            start = parse_lsn(slot.confirmed_flush_lsn)
            Session(surroundings, consumers, stream, start).run(stop)


def _connect(conninfo: str) -> psycopg.Connection:
    connection = psycopg.connect(conninfo, autocommit=True)
    # Tables of 16 partitions: planning each statement anew costs more than running it.
    connection.execute("set plan_cache_mode = force_generic_plan")
    return connection
