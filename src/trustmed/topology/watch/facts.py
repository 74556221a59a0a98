"""What a probe finds, as values; `judge` makes a state of them."""

from uuid import UUID

import msgspec

from trustmed.topology.watch.serverlog import LogLine

READY = "r"
"""The state, in pg_subscription_rel, of a table whose initial copy is complete."""


class SlotFacts(msgspec.Struct, frozen=True):
    """A replication slot. `confirmed`: bytes of WAL since the server's beginning. `failover`: our own slots have it."""

    active: bool
    wal_status: str | None
    invalidation_reason: str | None
    confirmed: int | None
    failover: bool = True


class SubscriptionFacts(msgspec.Struct, frozen=True):
    """A subscription. `applied`: the position of its origin, as bytes of the source's WAL.

    `missing` counts updates and deletes that found no row: nothing else tells of such a hole. `publications`: those it
    subscribes to; `place`: the (host, port, database) it connects to, None if unknown. Its mark says either `finished`
    (the target was made whole and goes on from this very slot) or `interrupted` (a repair was cut short).
    """

    oid: int
    enabled: bool
    slot: str | None
    worker: bool
    errors: int
    missing: int
    applied: int | None
    publications: tuple[str, ...] = ()
    place: tuple[str | None, str | None, str | None] | None = None
    finished: bool = True
    interrupted: bool = False
    log: tuple[LogLine, ...] = ()


class ServerFacts(msgspec.Struct, frozen=True):
    """A server. `trouble`: why it could not be asked; `refused`: it answered, and refused the connection.

    `position`: bytes of its WAL; `log_trouble`: why its log cannot be read.
    """

    slots: dict[str, SlotFacts] = {}
    subscriptions: dict[str, SubscriptionFacts] = {}
    position: int = 0
    trouble: str | None = None
    refused: bool = False
    log_trouble: str | None = None


class Beat(msgspec.Struct, frozen=True):
    """A heartbeat; the columns of `replication.heartbeat` with `at` in seconds and the target's position in bytes."""

    seq: int
    token: UUID
    at: float
    changes: int
    target_position: int | None


class RecentDifference(msgspec.Struct, frozen=True):
    """A table whose recent rows differ at the two ends although everything written has been applied."""

    table: str
    source_rows: int
    target_rows: int


class LinkFacts(msgspec.Struct, frozen=True):
    """What is found at both ends of one link. Beats are by seq, oldest first; `lag_ms` is None if the last never came.

    `drift`: columns and tables that differ. `newer`: migrations of the source that the target lacks. `altered`: tables
    that the publication does not send as it should. `beat_skipped`: the target confirmed the last heartbeat without
    having it. `loss`: the cause and words of a loss found earlier on this slot.
    """

    source: ServerFacts
    target: ServerFacts
    table_states: dict[str, str] = {}
    missing_tables: tuple[str, ...] = ()
    drift: tuple[str, ...] = ()
    newer: tuple[str, ...] = ()
    source_beats: tuple[Beat, ...] = ()
    target_beats: tuple[Beat, ...] = ()
    lag_ms: float | None = None
    different: tuple[RecentDifference, ...] = ()
    publication: bool = True
    altered: tuple[str, ...] = ()
    beat_skipped: bool = False
    loss: tuple[str, str] | None = None
    trouble: str | None = None
