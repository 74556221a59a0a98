"""The feed of one source database: at least once, in commit order, with a durable position for each consumer.

A position is saved only after its effects are durable, a few times a second: after a crash the feed reads some changes
again and applies their effects again, which changes nothing. The slot is confirmed only up to the least saved position.
A consumer that cannot work is left behind while the others go on; when it can, the slot is read again from there.
"""

import threading
import time
from collections.abc import Sequence
from functools import partial

import msgspec
import psycopg
import structlog

from trustmed.db.rows import find_rows, find_value
from trustmed.errors import TrustMedError, Unavailable
from trustmed.feed import delivery, metrics, positions
from trustmed.feed.changes import Assembly, Change, from_json
from trustmed.feed.consumer import Consumer, Stalled, prepare_consumers
from trustmed.feed.effect import Effect, Surroundings, change_key
from trustmed.feed.positions import QUERIES
from trustmed.feed.visible import wait_until_visible
from trustmed.hot.drops import HotRealms
from trustmed.schema import Place
from trustmed.topology.watched import FEED_PUBLICATION, FEED_SLOT
from trustmed.wal.pgoutput import decode
from trustmed.wal.stream import Data, Keepalive, SlotBusy, SlotStream, SourceLost, open_stream, parse_lsn

MOST_CHANGES = 500  # of a batch
MOST_BYTES = 8 << 20  # of a batch
IDLE_SECONDS = 0.25  # to wait for a message when nothing has come
SAVE_SECONDS = 10.0  # between saves of all positions
DURABLE_SECONDS = 0.2  # between saves of the positions of consumers that had changes
LATE_SECONDS = 0.5  # changes older than this wait LINGER_SECONDS for a fuller batch
LINGER_SECONDS = 0.01
FENCE_SECONDS = 1.0  # between two fences
FRESH_SECONDS = 2.0  # a fence reached later than this tells nothing
RETRY_SECONDS = 2.0  # between looks at parked changes
FIRST_BACKOFF, LONGEST_BACKOFF = 0.1, 5.0  # between sessions that fail
FIRST_STALL, LONGEST_STALL = 0.5, 30.0  # between tries of a consumer that was left behind

log = structlog.get_logger("trustmed.feed")


class Source(msgspec.Struct, frozen=True):
    """A database of the region whose changes are read, as role trustmed_feed."""

    name: str
    conninfo: str
    places: frozenset[Place]


class PublicationChanged(Unavailable):
    """The publication was removed and made again: changes may have been missed."""


class Batch(msgspec.Struct, frozen=True):
    """Changes in commit order, and the numbers (32 bits) of their transactions.

    `position`: everything committed before it is in this batch or in earlier ones.
    """

    changes: Sequence[Change]
    position: int
    reply_wanted: bool
    transactions: frozenset[int] = frozenset()


class _Resume(Exception):
    """A consumer that was left behind can work again: start reading the slot anew."""


def run(source: Source, effects: Sequence[Effect], hot: HotRealms, stop: threading.Event) -> None:
    """Feed the effects of this source until `stop` is set; log every failure, wait, and try again."""
    mine = tuple(effect for effect in effects if effect.place in source.places)
    backoff = FIRST_BACKOFF
    while not stop.is_set():
        started = time.monotonic()
        try:
            _session(source, mine, hot, stop)
        except _Resume:
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
    words = error.ru if isinstance(error, TrustMedError) else f"{type(error).__name__}: {error}"
    log.warning("feed_interrupted", source=source.name, error=words, again_in=backoff, exc_info=not known)
    if isinstance(error, SlotBusy):
        return
    try:
        with psycopg.connect(source.conninfo, autocommit=True) as connection:
            for effect in effects:
                positions.save_error(connection, effect.name, words)
    except psycopg.Error as second:
        log.warning("error_not_recorded", source=source.name, error=str(second).strip())


def _session(source: Source, effects: Sequence[Effect], hot: HotRealms, stop: threading.Event) -> None:
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
            _Session(source, surroundings, consumers, stream, start).run(stop)


def _connect(conninfo: str) -> psycopg.Connection:
    connection = psycopg.connect(conninfo, autocommit=True)
    # Tables of 16 partitions: planning each statement anew costs more than running it.
    connection.execute("set plan_cache_mode = force_generic_plan")
    return connection


class _Session:
    """One connection's life: the loop and its clocks."""

    def __init__(
        self,
        source: Source,
        surroundings: Surroundings,
        consumers: Sequence[Consumer],
        stream: SlotStream,
        start: int,
    ) -> None:
        self.source = source
        self.surroundings = surroundings
        self.consumers = consumers
        self.stream = stream
        self.assembly = Assembly(start)
        self.confirmed = start
        self.fence: int | None = None
        self.fence_set = 0.0
        self.next_fence = 0.0
        self.next_save = time.monotonic() + SAVE_SECONDS
        self.next_durable = 0.0
        self.next_retry = 0.0

    def run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            batch = gather_batch(self.stream, self.assembly)
            if self.consumers and batch.transactions:
                wait_until_visible(self.surroundings.connection, self.source.name, batch.transactions)
            for consumer in self.consumers:
                self._take(consumer, batch)
            self._save_due()
            self._confirm(batch)
            self._fence()
            self._retry_due()
        self._save_all()
        self.stream.confirm(self._durable())

    def _take(self, consumer: Consumer, batch: Batch) -> None:
        if consumer.stalled is not None:
            return
        changes = consumer.changes_to_apply(batch.changes)
        if changes:
            with metrics.EFFECT_SECONDS.labels(self.source.name, consumer.name).time():
                try:
                    aside = delivery.deliver(self.surroundings, consumer.effect, changes, consumer.parked)
                except delivery.EffectHeld as error:
                    self._stall(consumer, changes, error)
                    return
            consumer.unsaved += len(changes)
            _record_metrics(self.source, consumer, changes)
            if aside:
                consumer.position = max(consumer.position, batch.position)
                self._save(consumer, aside)
        consumer.position = max(consumer.position, batch.position)

    def _stall(self, consumer: Consumer, changes: Sequence[Change], error: delivery.EffectHeld) -> None:
        log.warning("effect_waits", source=self.source.name, consumer=consumer.name, error=error.ru)
        metrics.FAILURES.labels(self.source.name).inc()
        positions.save_error(self.surroundings.connection, consumer.name, error.ru)
        consumer.stalled = Stalled(tuple(changes), time.monotonic() + FIRST_STALL, FIRST_STALL)

    def _check_publication(self, consumer: Consumer) -> None:
        """Check that the publication is still the same: a slot reads on silently while its publication is gone.

        Raises PublicationIncomplete, PublicationChanged.
        """
        connection = self.surroundings.connection
        marks = positions.publication_marks(connection, self.source.name, [consumer.effect])
        if marks[consumer.name] != consumer.publication:
            connection.execute(QUERIES["forget_position"], {"consumer": consumer.name})
            raise PublicationChanged(
                f"Публикация ленты в {self.source.name} пересоздана. {consumer.name} перестраивается.",
                f"The feed's publication in {self.source.name} was made again. {consumer.name} is being rebuilt.",
            )

    def _save(self, consumer: Consumer, aside: Sequence[positions.Parked] = ()) -> None:
        connection = self.surroundings.connection
        self._check_publication(consumer)
        positions.save_position(
            connection, consumer.name, consumer.position, consumer.unsaved, consumer.publication, aside
        )
        consumer.saved, consumer.unsaved = consumer.position, 0
        consumer.parked.update(change_key(one.change) for one in aside)
        for one in aside:
            log.warning("change_parked", consumer=consumer.name, table=one.change.table, error=one.error)

    def _save_all(self) -> None:
        for consumer in self.consumers:
            if consumer.stalled is None and consumer.position > consumer.saved:
                self._save(consumer)
        self.next_save = time.monotonic() + SAVE_SECONDS

    def _save_due(self) -> None:
        """Save consumers that had changes lately. To save after every batch would cost more than the effects."""
        now = time.monotonic()
        if now < self.next_durable:
            return
        self.next_durable = now + DURABLE_SECONDS
        for consumer in self.consumers:
            if consumer.unsaved and consumer.stalled is None:
                self._save(consumer)

    def _durable(self) -> int:
        return min((consumer.saved for consumer in self.consumers), default=self.assembly.position)

    def _confirm(self, batch: Batch) -> None:
        if batch.reply_wanted or time.monotonic() > self.next_save:
            self._save_all()
        durable = self._durable()
        if batch.reply_wanted or durable > self.confirmed or batch.position > self.confirmed:
            self.stream.confirm(durable)
            self.confirmed = durable

    def _fence(self) -> None:
        """About once a second, tell the effects that have had everything committed when the fence was set.

        A fence that is reached late, after much work or by a process that was stopped, tells nothing of later changes.
        """
        if self.fence is None and time.monotonic() >= self.next_fence:
            self.fence_set = time.monotonic()
            self.fence = _wal_lsn(self.surroundings.connection)
            self.next_fence = self.fence_set + FENCE_SECONDS
        if self.fence is None:
            return
        metrics.LAG_BYTES.labels(self.source.name).set(max(self.fence - self.assembly.position, 0))
        if self.assembly.position >= self.fence:
            self.fence = None
            for consumer in self.consumers:
                if consumer.stalled is None and not consumer.parked:
                    self._check_publication(consumer)
                    if time.monotonic() - self.fence_set < FRESH_SECONDS:
                        consumer.effect.caught_up(self.surroundings)

    def _retry_due(self) -> None:
        for consumer in self.consumers:
            self._retry_stalled(consumer)
        if time.monotonic() < self.next_retry:
            return
        self.next_retry = time.monotonic() + RETRY_SECONDS
        for consumer in self.consumers:
            metrics.PARKED.labels(self.source.name, consumer.name).set(len(consumer.parked))
            if consumer.parked and consumer.stalled is None:
                retry_parked(self.surroundings, consumer)

    def _retry_stalled(self, consumer: Consumer) -> None:
        stalled = consumer.stalled
        if stalled is None or time.monotonic() < stalled.next_try:
            return
        try:
            delivery.deliver(self.surroundings, consumer.effect, stalled.changes, consumer.parked)
        except delivery.EffectHeld as error:
            positions.save_error(self.surroundings.connection, consumer.name, error.ru)
            wait = min(stalled.wait * 2, LONGEST_STALL)
            consumer.stalled = Stalled(stalled.changes, time.monotonic() + wait, wait)
            return
        self._save_all()
        raise _Resume


def gather_batch(stream: SlotStream, assembly: Assembly) -> Batch:
    """Read what has come, up to a limit: some whole transactions, or a piece of a large one (committed already)."""
    changes: list[Change] = []
    transactions: set[int] = set()
    size, reply_wanted, timeout = 0, False, IDLE_SECONDS
    while len(changes) < MOST_CHANGES and size < MOST_BYTES:
        message = stream.receive(timeout)
        if message is None:
            break
        if isinstance(message, Keepalive):
            assembly.advance(message.wal_end)
            reply_wanted |= message.reply_wanted
        elif isinstance(message, Data):
            size += len(message.payload)
            changes += assembly.take(decode(message.payload))
            if assembly.current is not None:
                transactions.add(assembly.current.xid)
        timeout = _seconds_to_wait(assembly, changes)
    return Batch(changes, assembly.position, reply_wanted, frozenset(transactions))


def _seconds_to_wait(assembly: Assembly, changes: Sequence[Change]) -> float:
    """Return the seconds to wait for more: only committed transactions are sent, so the rest of one is on its way."""
    if assembly.current is not None:
        return IDLE_SECONDS
    return LINGER_SECONDS if _is_late(changes) else 0.0


def _is_late(changes: Sequence[Change]) -> bool:
    """Return whether the changes are so old that a fuller batch is better than haste."""
    return bool(changes) and time.time() - changes[-1].at.timestamp() > LATE_SECONDS


def retry_parked(surroundings: Surroundings, consumer: Consumer) -> None:
    """Try the parked changes that are due; a key whose changes are all done is no longer parked."""
    connection = surroundings.connection
    for row in find_rows(connection, QUERIES["parked_due"], {"consumer": consumer.name}):
        key = row["key"]
        if row["due"] and _finish_key(surroundings, consumer, key):
            consumer.parked.discard(key)
            log.info("key_flows_again", consumer=consumer.name, source=surroundings.source)


def _finish_key(surroundings: Surroundings, consumer: Consumer, key: str) -> bool:
    """Try the parked changes of a key in order; return whether all are done."""
    connection = surroundings.connection
    for row in find_rows(connection, QUERIES["parked_of_key"], {"consumer": consumer.name, "key": key}):
        try:
            error = delivery.retry(surroundings, consumer.effect, from_json(row["change"]))
        except delivery.EffectHeld as held:
            positions.save_error(connection, consumer.name, held.ru)
            return False
        if error is not None:
            values = {"id": row["id"], "error": error, "wait": delivery.next_wait(row["attempts"] + 1)}
            connection.execute(QUERIES["postpone"], values)
            return False
        connection.execute(QUERIES["unpark"], {"id": row["id"]})
    return True


def _record_metrics(source: Source, consumer: Consumer, changes: Sequence[Change]) -> None:
    metrics.CHANGES.labels(source.name, consumer.name).inc(len(changes))
    metrics.LAG_SECONDS.labels(source.name, consumer.name).observe(max(time.time() - changes[-1].at.timestamp(), 0))


def _wal_lsn(connection: psycopg.Connection) -> int:
    return parse_lsn(find_value(connection, QUERIES["wal_lsn"]))
