"""One connection to a source: give changes to consumers, save positions, confirm the slot, try failures again.

A position is saved only after its effects are durable, a few times a second: after a crash the feed reads some changes
again and applies their effects again, which changes nothing. The slot is confirmed only up to the least saved position.
A consumer that cannot work is left behind while the others go on; when it can, the slot is read again from there.
"""

import threading
import time
from collections.abc import Sequence

import psycopg
import structlog

from trustmed.db.rows import find_value
from trustmed.errors import Unavailable
from trustmed.feed import delivery, metrics, positions
from trustmed.feed.batch import Batch, gather_batch
from trustmed.feed.changes import Assembly, Change
from trustmed.feed.consumer import Consumer, Stalled
from trustmed.feed.effect import Surroundings, change_key
from trustmed.feed.parked import retry_parked
from trustmed.feed.positions import QUERIES
from trustmed.feed.visible import wait_until_visible
from trustmed.wal.stream import SlotStream, parse_lsn

SAVE_SECONDS = 10.0  # between saves of all positions
DURABLE_SECONDS = 0.2  # between saves of the positions of consumers that had changes
FENCE_SECONDS = 1.0  # between two fences
FRESH_SECONDS = 2.0  # a fence reached later than this tells nothing
RETRY_SECONDS = 2.0  # between looks at parked changes
FIRST_STALL, LONGEST_STALL = 0.5, 30.0  # between tries of a consumer that was left behind

log = structlog.get_logger("trustmed.feed")


class PublicationChanged(Unavailable):
    """The publication was removed and made again: changes may have been missed."""


class Resume(Exception):
    """A consumer that was left behind can work again: start reading the slot anew."""


class Session:
    """The loop of one connection, and its clocks."""

    def __init__(
        self,
        surroundings: Surroundings,
        consumers: Sequence[Consumer],
        stream: SlotStream,
        start: int,
    ) -> None:
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
                wait_until_visible(self.surroundings.connection, self.surroundings.source, batch.transactions)
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
            with metrics.EFFECT_SECONDS.labels(self.surroundings.source, consumer.name).time():
                try:
                    aside = delivery.deliver(self.surroundings, consumer.effect, changes, consumer.parked)
                except delivery.EffectHeld as error:
                    self._stall(consumer, changes, error)
                    return
            consumer.unsaved += len(changes)
            _record_metrics(self.surroundings.source, consumer, changes)
            if aside:
                consumer.position = max(consumer.position, batch.position)
                self._save(consumer, aside)
        consumer.position = max(consumer.position, batch.position)

    def _stall(self, consumer: Consumer, changes: Sequence[Change], error: delivery.EffectHeld) -> None:
        log.warning("effect_waits", source=self.surroundings.source, consumer=consumer.name, error=error)
        metrics.FAILURES.labels(self.surroundings.source).inc()
        positions.save_error(self.surroundings.connection, consumer.name, error.ru)
        consumer.stalled = Stalled(tuple(changes), time.monotonic() + FIRST_STALL, FIRST_STALL)

    def _check_publication(self, consumer: Consumer) -> None:
        """Check that the publication is still the same: a slot reads on silently while its publication is gone.

        Raises PublicationIncomplete, PublicationChanged.
        """
        connection, source = self.surroundings.connection, self.surroundings.source
        marks = positions.publication_marks(connection, source, [consumer.effect])
        if marks[consumer.name] != consumer.publication:
            connection.execute(QUERIES["forget_position"], {"consumer": consumer.name})
            raise PublicationChanged(
                f"Публикация ленты в {source} пересоздана. {consumer.name} перестраивается.",
                f"The feed's publication in {source} was made again. {consumer.name} is being rebuilt.",
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
            log.warning("change_parked", consumer=consumer.name, table=one.change.table)

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
        metrics.LAG_BYTES.labels(self.surroundings.source).set(max(self.fence - self.assembly.position, 0))
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
            metrics.PARKED.labels(self.surroundings.source, consumer.name).set(len(consumer.parked))
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
        raise Resume


def _record_metrics(source: str, consumer: Consumer, changes: Sequence[Change]) -> None:
    metrics.CHANGES.labels(source, consumer.name).inc(len(changes))
    metrics.LAG_SECONDS.labels(source, consumer.name).observe(max(time.time() - changes[-1].at.timestamp(), 0))


def _wal_lsn(connection: psycopg.Connection) -> int:
    return parse_lsn(find_value(connection, QUERIES["wal_lsn"]))
