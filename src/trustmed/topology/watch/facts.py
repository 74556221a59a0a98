"""What a probe finds, as values; judging them is `topology.judge`, and pure."""

from uuid import UUID

import msgspec

from trustmed.topology.watch.serverlog import LogLine


class SlotFacts(msgspec.Struct, frozen=True):
    """Positions are bytes of WAL from the beginning of the server's history. `failover`: slots made here have it."""

    active: bool
    wal_status: str | None
    invalidation_reason: str | None
    confirmed: int | None
    failover: bool = True


class SubscriptionFacts(msgspec.Struct, frozen=True):
    """`missing` counts updates and deletes that found no row: a hole shows only there. `applied`: origin's position.

    `publications` are those it takes, `place` the (host, port, database) it connects to, None where that is not known.
    `finished`: its mark says that the target was made whole and goes on from this very slot; `interrupted`: that a
    repair of it was cut short.
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
    """`trouble` is set where the server could not be asked; `refused` if it was there and let nobody in.

    `wordless`: why its log cannot be read.
    """

    slots: dict[str, SlotFacts] = {}
    subscriptions: dict[str, SubscriptionFacts] = {}
    position: int = 0
    trouble: str | None = None
    refused: bool = False
    wordless: str | None = None


class Beat(msgspec.Struct, frozen=True):
    seq: int
    token: UUID
    at: float
    changes: int
    target_position: int | None


class Recent(msgspec.Struct, frozen=True):
    """A table whose recent rows differ at the two ends while all that was written has been applied."""

    table: str
    source_rows: int
    target_rows: int


class LinkFacts(msgspec.Struct, frozen=True):
    """What is found at both ends of one link. Beats are by seq, oldest first; lag is None if the last one never came.

    `drift` names columns and tables that do not meet; `newer` migrations of the source that the target lacks; `altered`
    what the publication does not send as it shall. `passed`: the target confirmed the last heartbeat without having it.
    `loss`: a cause and words, found earlier on this slot.
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
    different: tuple[Recent, ...] = ()
    publication: bool = True
    altered: tuple[str, ...] = ()
    passed: bool = False
    loss: tuple[str, str] | None = None
    trouble: str | None = None
