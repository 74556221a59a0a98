"""Where the consumers of one source database stand, and its slot; kept in that database."""

from collections.abc import Iterable, Mapping

import msgspec
import psycopg
from psycopg.rows import class_row

from trustmed.db.queries import load
from trustmed.errors import Broken
from trustmed.feed.changes import Change, to_json
from trustmed.feed.effect import Effect, change_key
from trustmed.topology.watched import FEED_PUBLICATION, FEED_SLOT
from trustmed.wal.stream import SlotBusy, SlotMissing, format_lsn, parse_lsn, slot_lost_error

QUERIES = load(__package__)


class PublicationIncomplete(Broken):
    """The feed's publication is not there or lacks tables that effects need."""


class Parked(msgspec.Struct, frozen=True):
    """A change to be set aside. `attempts` 0: it was not tried, it waits behind another of its key."""

    change: Change
    error: str
    attempts: int
    wait: float


class Position(msgspec.Struct, frozen=True):
    consumer: str
    lsn: int
    publication: str | None


class Slot(msgspec.Struct, frozen=True):
    confirmed_flush_lsn: str
    active: bool
    active_pid: int | None
    invalidation_reason: str
    wal_lsn: str


def usable_slot(connection: psycopg.Connection, source: str) -> Slot:
    """The source's slot. Raises SlotMissing, SlotLost, SlotBusy."""
    with connection.cursor(row_factory=class_row(Slot)) as cursor:
        slot = cursor.execute(QUERIES["slot"], {"slot": FEED_SLOT}).fetchone()
    if slot is None:
        raise SlotMissing(
            f"В {source} нет слота {FEED_SLOT}. Выполните trustmed topology apply.",
            f"{source} has no slot {FEED_SLOT}. Run trustmed topology apply.",
        )
    if slot.invalidation_reason:
        raise slot_lost_error(source, slot.invalidation_reason)
    if slot.active:
        raise SlotBusy(
            f"Ленту {source} уже читает процесс {slot.active_pid}. Жду, пока он закончит; второй не нужен.",
            f"Process {slot.active_pid} reads the feed of {source}. Waiting for it; a second one is not needed.",
        )
    return slot


def publication_marks(connection: psycopg.Connection, source: str, effects: Iterable[Effect]) -> dict[str, str]:
    """For each effect, what its tables are published by. Raises PublicationIncomplete."""
    effects = tuple(effects)
    tables = sorted({table for effect in effects for table in effect.tables})
    rows = connection.execute(QUERIES["publication"], {"publication": FEED_PUBLICATION, "tables": tables})
    marks: dict[str, str | None] = dict(rows.fetchall())
    missing = ", ".join(table for table, mark in marks.items() if mark is None)
    if missing:
        raise PublicationIncomplete(
            f"Публикация {FEED_PUBLICATION} в {source} не содержит {missing} (или не по корню секций). "
            "Выполните trustmed topology apply.",
            f"Publication {FEED_PUBLICATION} of {source} lacks {missing} (or is not by partition root). "
            "Run trustmed topology apply.",
        )
    return {effect.name: " ".join(f"{table}:{marks[table]}" for table in sorted(effect.tables)) for effect in effects}


def positions(connection: psycopg.Connection) -> dict[str, Position]:
    rows = connection.execute(QUERIES["positions"]).fetchall()
    return {consumer: Position(consumer, parse_lsn(lsn), publication) for consumer, lsn, publication in rows}


def begin_anew(connection: psycopg.Connection, consumer: str, lsn: int, publication: str) -> None:
    values = {"consumer": consumer, "lsn": format_lsn(lsn), "publication": publication}
    connection.execute(QUERIES["begin_anew"], values)


def save(
    connection: psycopg.Connection,
    consumer: str,
    lsn: int,
    changes: int,
    publication: str,
    parked: Iterable[Parked] = (),
) -> None:
    """The new position together with what was set aside on the way to it: both or neither."""
    values = {"consumer": consumer, "lsn": format_lsn(lsn), "changes": changes, "publication": publication}
    with connection.transaction():
        for one in parked:
            connection.execute(QUERIES["park"], _parked_values(consumer, one))
        connection.execute(QUERIES["save_position"], values)


def save_error(connection: psycopg.Connection, consumer: str, error: str) -> None:
    connection.execute(QUERIES["save_error"], {"consumer": consumer, "error": error})


def parked_keys(connection: psycopg.Connection) -> Mapping[str, set[str]]:
    """The keys with something set aside, by consumer."""
    found: dict[str, set[str]] = {}
    for consumer, key in connection.execute(QUERIES["parked_keys"]).fetchall():
        found.setdefault(consumer, set()).add(key)
    return found


def _parked_values(consumer: str, one: Parked) -> dict[str, object]:
    return {
        "consumer": consumer,
        "lsn": format_lsn(one.change.lsn),
        "relation": one.change.table,
        "key": change_key(one.change),
        "change": to_json(one.change),
        "error": one.error,
        "attempts": one.attempts,
        "wait": one.wait,
    }
