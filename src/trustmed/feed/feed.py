"""The feed of one source database: at least once, in commit order, with a durable position for each consumer.

A position is saved only after its effects are durable, a few times a second: what a crash makes the feed read again has
its effect again, and that changes nothing. The slot is confirmed only up to the least saved position. A consumer that
cannot work is left behind while the others go on, and read from the slot again when it can.
"""

import threading
import time
from collections.abc import Sequence
from functools import partial

import msgspec
import psycopg
import structlog

from trustmed.errors import TrustMedError, Unavailable
from trustmed.feed import delivery, metrics, positions
from trustmed.feed.changes import Assembly, Change, from_json
from trustmed.feed.consumer import Consumer, Stalled, prepare
from trustmed.feed.effect import Effect, Surroundings, change_key
from trustmed.feed.positions import QUERIES
from trustmed.feed.visible import await_visible
from trustmed.hot.drops import HotRealms
from trustmed.schema import Place
from trustmed.topology.watched import FEED_PUBLICATION, FEED_SLOT
from trustmed.wal.pgoutput import decode
from trustmed.wal.stream import Data, Keepalive, SlotBusy, SlotStream, SourceLost, open_stream, parse_lsn

MOST_CHANGES = 500
MOST_BYTES = 8 << 20
IDLE_SECONDS = 0.25
SAVE_SECONDS = 10.0
DURABLE_SECONDS = 0.2
LATE_SECONDS = 0.5
LINGER_SECONDS = 0.01
FENCE_SECONDS = 1.0
FRESH_SECONDS = 2.0
RETRY_SECONDS = 2.0
LONGEST_BACKOFF = 5.0

log = structlog.get_logger("trustmed.feed")


class Source(msgspec.Struct, frozen=True):
    """A database of the region whose changes are read, as role trustmed_feed."""

    name: str
    conninfo: str
    places: frozenset[Place]


class PublicationChanged(Unavailable):
    """The publication was taken away in between: changes may have gone by unseen."""


class Batch(msgspec.Struct, frozen=True):
    """Changes in commit order, and the `transactions` (32 bits) they are of.

    `position`: all committed before it is in this batch or earlier ones.
    """

    changes: Sequence[Change]
    position: int
    reply_wanted: bool
    transactions: frozenset[int] = frozenset()


class _Resume(Exception):
    """A consumer that was left behind can work again: read from the slot anew."""


def run(source: Source, effects: Sequence[Effect], hot: HotRealms, stop: threading.Event) -> None:
    """Feed the effects of this source until `stop`; every failure is said, waited out and tried again."""
    mine = tuple(effect for effect in effects if effect.place in source.places)
    backoff = 0.1
    while not stop.is_set():
        started = time.monotonic()
        try:
            _session(source, mine, hot, stop)
        except _Resume:
            continue
        except Exception as error:  # the feed of a source must outlive anything, and say it
            if time.monotonic() - started > LONGEST_BACKOFF:
                backoff = 0.1
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
        consumers = prepare(surroundings, effects, slot)
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
            batch = gather(self.stream, self.assembly)
            if self.consumers and batch.transactions:
                await_visible(self.surroundings.connection, self.source.name, batch.transactions)
            for consumer in self.consumers:
                self._take(consumer, batch)
            self._save_due()
            self._confirm(batch)
            self._fence()
            self._retries()
        self._save_all()
        self.stream.confirm(self._durable())

    def _take(self, consumer: Consumer, batch: Batch) -> None:
        if consumer.stalled is not None:
            return
        changes = consumer.wanted(batch.changes)
        if changes:
            with metrics.EFFECT_SECONDS.labels(self.source.name, consumer.name).time():
                try:
                    aside = delivery.deliver(self.surroundings, consumer.effect, changes, consumer.parked)
                except delivery.EffectHeld as error:
                    self._stall(consumer, changes, error)
                    return
            consumer.unsaved += len(changes)
            _measure(self.source, consumer, changes)
            if aside:
                consumer.position = max(consumer.position, batch.position)
                self._save(consumer, aside)
        consumer.position = max(consumer.position, batch.position)

    def _stall(self, consumer: Consumer, changes: Sequence[Change], error: delivery.EffectHeld) -> None:
        log.warning("effect_waits", source=self.source.name, consumer=consumer.name, error=error.ru)
        metrics.FAILURES.labels(self.source.name).inc()
        positions.save_error(self.surroundings.connection, consumer.name, error.ru)
        consumer.stalled = Stalled(tuple(changes), time.monotonic() + 0.5, 0.5)

    def _check_publication(self, consumer: Consumer) -> None:
        """A slot reads on in silence while its publication is gone.

        Raises PublicationIncomplete, PublicationChanged.
        """
        connection = self.surroundings.connection
        marks = positions.publication_marks(connection, self.source.name, [consumer.effect])
        if marks[consumer.name] != consumer.publication:
            connection.execute(QUERIES["forget_position"], {"consumer": consumer.name})
            raise PublicationChanged(
                f"Публикация ленты в {self.source.name} пересоздана. {consumer.name} строится заново.",
                f"The feed's publication of {self.source.name} was made anew. {consumer.name} is rebuilt.",
            )

    def _save(self, consumer: Consumer, aside: Sequence[positions.Parked] = ()) -> None:
        connection = self.surroundings.connection
        self._check_publication(consumer)
        positions.save(connection, consumer.name, consumer.position, consumer.unsaved, consumer.publication, aside)
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
        """What had effects lately; a save of every batch would cost more than the effects."""
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
        """About once a second: who has had everything that was committed when the fence was set?

        A fence reached late, behind much work or by a process that was stopped, says nothing of what came since.
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

    def _retries(self) -> None:
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
            wait = min(stalled.wait * 2, 30.0)
            consumer.stalled = Stalled(stalled.changes, time.monotonic() + wait, wait)
            return
        self._save_all()
        raise _Resume


def gather(stream: SlotStream, assembly: Assembly) -> Batch:
    """What has come, up to a limit: some whole transactions, or a piece of a large one (it is committed already)."""
    changes: list[Change] = []
    transactions: set[int] = set()
    size, reply_wanted, timeout = 0, False, IDLE_SECONDS
    while len(changes) < MOST_CHANGES and size < MOST_BYTES:
        message = stream.receive(timeout)
        if message is None:
            break
        if isinstance(message, Keepalive):
            assembly.passed(message.wal_end)
            reply_wanted |= message.reply_wanted
        elif isinstance(message, Data):
            size += len(message.payload)
            changes += assembly.take(decode(message.payload))
            if assembly.current is not None:
                transactions.add(assembly.current.xid)
        timeout = _patience(assembly, changes)
    return Batch(changes, assembly.position, reply_wanted, frozenset(transactions))


def _patience(assembly: Assembly, changes: Sequence[Change]) -> float:
    """Seconds to wait for more: a transaction is committed before it is sent, so the rest of it is on its way."""
    if assembly.current is not None:
        return IDLE_SECONDS
    return LINGER_SECONDS if _late(changes) else 0.0


def _late(changes: Sequence[Change]) -> bool:
    """Whether these are so old that a fuller batch is worth more than haste."""
    return bool(changes) and time.time() - changes[-1].at.timestamp() > LATE_SECONDS


def retry_parked(surroundings: Surroundings, consumer: Consumer) -> None:
    """Try what is due; a key whose changes are all done flows again."""
    connection = surroundings.connection
    rows = connection.execute(QUERIES["parked_due"], {"consumer": consumer.name}).fetchall()
    for _id, key, _change, _attempts, due in rows:
        if due and _key_done(surroundings, consumer, key):
            consumer.parked.discard(key)
            log.info("key_flows_again", consumer=consumer.name, source=surroundings.source)


def _key_done(surroundings: Surroundings, consumer: Consumer, key: str) -> bool:
    connection = surroundings.connection
    rows = connection.execute(QUERIES["parked_of_key"], {"consumer": consumer.name, "key": key}).fetchall()
    for number, text, attempts in rows:
        try:
            error = delivery.retry(surroundings, consumer.effect, from_json(text))
        except delivery.EffectHeld as held:
            positions.save_error(connection, consumer.name, held.ru)
            return False
        if error is not None:
            values = {"id": number, "error": error, "wait": delivery.next_wait(attempts + 1)}
            connection.execute(QUERIES["postpone"], values)
            return False
        connection.execute(QUERIES["unpark"], {"id": number})
    return True


def _measure(source: Source, consumer: Consumer, changes: Sequence[Change]) -> None:
    metrics.CHANGES.labels(source.name, consumer.name).inc(len(changes))
    metrics.LAG_SECONDS.labels(source.name, consumer.name).observe(max(time.time() - changes[-1].at.timestamp(), 0))


def _wal_lsn(connection: psycopg.Connection) -> int:
    row = connection.execute(QUERIES["wal_lsn"]).fetchone()
    return parse_lsn(row[0]) if row else 0
