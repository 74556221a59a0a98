"""Check a database's audit trail against its seals, and the seals against what the other side was told of them."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
import psycopg

from trustmed.audit.seals import (
    FIRST_PREVIOUS,
    Anchor,
    Finding,
    Row,
    Seal,
    digest_of,
    mark,
    row_sha256,
    seal_sha256,
    split_marks,
)
from trustmed.db.queries import load

sql = load(__package__)
AT_ONCE: Final = 2000
MOST_FINDINGS: Final = 10_000
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
UUID_TIME_BITS: Final = 80


class Dropped(msgspec.Struct, frozen=True):
    """A part of the trail that went as past keeping; `partly`: how many of its rows a seal had beside others."""

    part: str
    until_at: datetime
    rows: int
    last_seal: int
    partly: dict[str, int]


class Verdict(msgspec.Struct):
    """What the check found. `unsealed` rows, since `unsealed_since`, may still have been altered unseen."""

    seals: int = 0
    rows: int = 0
    dropped_rows: int = 0
    unsealed: int = 0
    unsealed_since: datetime | None = None
    anchors: int = 0
    anchored_through: int | None = None
    findings: list[Finding] = msgspec.field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        return not self.findings


def check_trail(
    connection: psycopg.Connection,
    anchors: Sequence[Anchor] = (),
    on_progress: Callable[[Verdict], None] = lambda _: None,
) -> Verdict:
    """Read the whole trail once, as one snapshot, and return what was found. `connection` is in autocommit."""
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read, read only")
        return _Check(connection, anchors, on_progress).run()


class _Check:
    """One run: walks seals and rows side by side, in the order in which they were sealed."""

    def __init__(
        self, connection: psycopg.Connection, anchors: Sequence[Anchor], on_progress: Callable[[Verdict], None]
    ) -> None:
        self.connection = connection
        self.on_progress = on_progress
        self.anchors: dict[int, list[Anchor]] = {}
        for anchor in anchors:
            self.anchors.setdefault(anchor.number, []).append(anchor)
        self.dropped = [Dropped(*row) for row in connection.execute(sql["dropped"]).fetchall()]
        self.verdict = Verdict(anchors=len(anchors))
        self.missing: dict[UUID, int] = {}
        self.inserted: dict[UUID, tuple[int | None, Row]] = {}

    def run(self) -> Verdict:
        last: Seal | None = None
        rows = _Rows(self.connection)
        for seal in self._seals():
            if last is None or seal.history != last.history:
                self._close_history(rows)
                rows.open(seal.history)
            self._check_seal(seal, last)
            self._check_rows(seal, rows.through(int(seal.through_transaction)))
            self._check_anchors(seal)
            last = seal
            self.verdict.seals += 1
            if not seal.number % 50:
                self.on_progress(self.verdict)
        self._check_tail(rows, last)
        self._name_moved()
        self._check_anchors_beyond(last.number if last else 0)
        return self.verdict

    def _find(self, finding: Finding) -> None:
        if len(self.verdict.findings) < MOST_FINDINGS:
            self.verdict.findings.append(finding)

    def _seals(self) -> Iterator[Seal]:
        with self.connection.cursor("seals") as cursor:
            cursor.itersize = 100
            for row in cursor.execute(sql["seals"]):
                yield Seal(*row)

    def _check_seal(self, seal: Seal, last: Seal | None) -> None:
        expected = last.number + 1 if last else 1
        if seal.number != expected:
            missing = f"{expected}–{seal.number - 1}" if seal.number - 1 > expected else str(expected)
            self._find(Finding("seal_missing", expected, at=_moment(seal.sealed_at), detail=missing))
        elif seal.previous != (last.hash if last else FIRST_PREVIOUS).hex() or int(seal.after_transaction) != (
            int(last.through_transaction) if last and last.history == seal.history else 0
        ):
            self._find(Finding("chain_broken", seal.number, at=_moment(seal.sealed_at)))
        if seal_sha256(seal) != seal.hash:
            self._find(Finding("seal_changed", seal.number, at=_moment(seal.sealed_at)))

    def _check_rows(self, seal: Seal, found: list[Row]) -> None:
        self.verdict.rows += len(found)
        digests = [row_sha256(row) for row in found]
        if digest_of(digests) == seal.rows_sha256:
            return
        marks = split_marks(seal.marks)
        explained = self._dropped_of(seal, len(marks.keys() - {UUID(row.id) for row in found}))
        named = explained
        for row, digest in zip(found, digests, strict=True):
            key = UUID(row.id)
            kept = marks.pop(key, None)
            if kept is None:
                self.inserted[key] = (seal.number, row)
                named = True
            elif mark(row, digest)[16:] != kept:
                self._find(Finding("changed", seal.number, key, _moment(row.at)))
                named = True
        if not explained:
            for key in marks:
                self.missing[key] = seal.number
                named = True
        if not named:
            self._find(Finding("seal_changed", seal.number, at=_moment(seal.sealed_at)))

    def _dropped_of(self, seal: Seal, missing: int) -> bool:
        """Whether the rows a seal lacks, as many as these, went with parts that were dropped; counts them."""
        whole = any(seal.number <= part.last_seal and _moment(seal.last_at) < part.until_at for part in self.dropped)
        gone = seal.rows if whole else sum(part.partly.get(str(seal.number), 0) for part in self.dropped)
        if not gone or gone != missing:
            return False
        self.verdict.dropped_rows += gone
        return True

    def _check_anchors(self, seal: Seal) -> None:
        for anchor in self.anchors.pop(seal.number, ()):
            if anchor.token != UUID(seal.token):
                self._find(Finding("cut", seal.number, at=anchor.at))
            elif anchor.hash != seal.hash:
                self._find(Finding("rewritten", seal.number, at=anchor.at))
            else:
                self.verdict.anchored_through = seal.number

    def _check_anchors_beyond(self, last: int) -> None:
        """The other side knows seals after the last one there is: rows are gone, or a backup was restored."""
        for number in sorted(self.anchors):
            if number > last:
                self._find(Finding("cut", number, at=self.anchors[number][0].at))

    def _close_history(self, rows: "_Rows") -> None:
        for row in rows.rest():
            self.inserted[UUID(row.id)] = (None, row)

    def _check_tail(self, rows: "_Rows", last: Seal | None) -> None:
        """Count the rows after the last seal; those of a history that was closed do not belong there."""
        present = self.connection.execute(sql["history_now"]).fetchone()
        now = present[0] if present else 1
        if last is None or last.history != now:
            self._close_history(rows)
            rows.open(now)
        for row in rows.rest():
            self.verdict.unsealed += 1
            at = _moment(row.at)
            self.verdict.unsealed_since = min(self.verdict.unsealed_since or at, at)
        for key, at in self.connection.execute(sql["of_no_history"], {"most": MOST_FINDINGS}).fetchall():
            self._find(Finding("history_unknown", None, key, at))

    def _name_moved(self) -> None:
        """A row that one seal lacks and that stands elsewhere was moved; the rest is missing or inserted."""
        for key, number in self.missing.items():
            place = self.inserted.pop(key, None)
            if place is not None:
                self._find(Finding("moved", number, key, _moment(place[1].at), _place_words(place[0])))
                continue
            elsewhere = self.connection.execute(sql["row_elsewhere"], {"id": key}).fetchone()
            kind = "moved" if elsewhere else "missing"
            self._find(Finding(kind, number, key, elsewhere[0] if elsewhere else _time_in(key)))
        for key, (number, row) in self.inserted.items():
            self._find(Finding("inserted", number, key, _moment(row.at)))


class _Rows:
    """The rows of one history in the order of seals, read as they are asked for."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        self._rows: Iterator[Row] = iter(())
        self._next: Row | None = None

    def open(self, history: int) -> None:
        self._rows = self._read(history)
        self._next = next(self._rows, None)

    def through(self, transaction: int) -> list[Row]:
        found: list[Row] = []
        while self._next is not None and int(self._next.transaction) <= transaction:
            found.append(self._next)
            self._next = next(self._rows, None)
        return found

    def rest(self) -> Iterator[Row]:
        while self._next is not None:
            yield self._next
            self._next = next(self._rows, None)

    def _read(self, history: int) -> Iterator[Row]:
        with self._connection.cursor(f"rows_{history}") as cursor:
            cursor.itersize = AT_ONCE
            for row in cursor.execute(sql["rows_in_order"], {"history": history}):
                yield Row(*row)


def _moment(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds)


def _time_in(key: UUID) -> datetime | None:
    """Return the time an id of version 7 begins with."""
    return EPOCH + timedelta(milliseconds=key.int >> UUID_TIME_BITS) if key.version == 7 else None


def _place_words(seal: int | None) -> str | None:
    return None if seal is None else f"{seal}"


def anchors_of(connection: psycopg.Connection, origin: str) -> list[Anchor]:
    """Return what this database was told of the chain of `origin`, the oldest first."""
    rows: list[Any] = connection.execute(sql["anchors"], {"origin": origin}).fetchall()
    return [Anchor(*row) for row in rows]
