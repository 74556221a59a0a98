"""The positions of the consumers of one source database, stored in that database, and the state of its slot."""

from collections.abc import Iterable, Mapping

import msgspec
import psycopg
from psycopg.rows import class_row

from trustmed.db.queries import load
from trustmed.db.rows import find_rows
from trustmed.errors import Broken
from trustmed.feed.changes import Change, to_json
from trustmed.feed.effect import Effect, change_key
from trustmed.topology.watched import FEED_PUBLICATION, FEED_SLOT
from trustmed.wal.stream import SlotBusy, SlotMissing, format_lsn, parse_lsn, slot_lost_error

QUERIES = load(__package__)


class PublicationIncomplete(Broken):
    """The feed's publication is missing or lacks tables that effects need."""


class Parked(msgspec.Struct, frozen=True):
    """A change to park. `attempts` 0: it was not tried and waits behind another change of its key."""

    change: Change
    error: str
    attempts: int
    wait: float


class Position(msgspec.Struct, frozen=True):
    """The stored position of a consumer. `publication`: the mark under which its tables were published then."""

    consumer: str
    lsn: int
    publication: str | None


class Slot(msgspec.Struct, frozen=True):
    """The feed's slot. `wal_lsn`: the end of the server's WAL."""

    confirmed_flush_lsn: str
    active: bool
    active_pid: int | None
    invalidation_reason: str
    wal_lsn: str


def usable_slot(connection: psycopg.Connection, source: str) -> Slot:
    """Return the source's slot if it can be read. Raises SlotMissing, SlotLost, SlotBusy."""
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
            f"Ленту {source} уже читает процесс {slot.active_pid}. Второй не нужен и ждёт, пока тот закончит.",
            f"Process {slot.active_pid} reads the feed of {source}. One is enough; this one waits.",
        )
    return slot


def publication_marks(connection: psycopg.Connection, source: str, effects: Iterable[Effect]) -> dict[str, str]:
    """Return for each effect a mark of how its tables are published. Raises PublicationIncomplete.

    The mark changes if the publication, or a table in it, was removed and added again: changes were missed meanwhile.
    """
    effects = tuple(effects)
    tables = sorted({table for effect in effects for table in effect.tables})
    rows = find_rows(connection, QUERIES["publication"], {"publication": FEED_PUBLICATION, "tables": tables})
    marks: dict[str, str | None] = {row["name"]: row["mark"] for row in rows}
    missing = ", ".join(table for table, mark in marks.items() if mark is None)
    if missing:
        raise PublicationIncomplete(
            f"Публикация {FEED_PUBLICATION} в {source} не содержит {missing} (или передаёт секции вместо таблицы). "
            "Выполните trustmed topology apply.",
            f"Publication {FEED_PUBLICATION} of {source} lacks {missing} (or publishes partitions, not their root). "
            "Run trustmed topology apply.",
        )
    return {effect.name: " ".join(f"{table}:{marks[table]}" for table in sorted(effect.tables)) for effect in effects}


def find_positions(connection: psycopg.Connection) -> dict[str, Position]:
    """Return the stored position of each consumer."""
    rows = find_rows(connection, QUERIES["positions"])
    return {row["consumer"]: Position(row["consumer"], parse_lsn(row["lsn"]), row["publication"]) for row in rows}


def begin_anew(connection: psycopg.Connection, consumer: str, lsn: int, publication: str) -> None:
    """Store the position of a consumer that was rebuilt, wherever it stood before."""
    values = {"consumer": consumer, "lsn": format_lsn(lsn), "publication": publication}
    connection.execute(QUERIES["begin_anew"], values)


def save_position(
    connection: psycopg.Connection,
    consumer: str,
    lsn: int,
    changes: int,
    publication: str,
    parked: Iterable[Parked] = (),
) -> None:
    """Store the new position and the changes parked on the way to it: both or neither."""
    values = {"consumer": consumer, "lsn": format_lsn(lsn), "changes": changes, "publication": publication}
    with connection.transaction():
        for one in parked:
            connection.execute(QUERIES["park"], _parked_values(consumer, one))
        connection.execute(QUERIES["save_position"], values)


def save_error(connection: psycopg.Connection, consumer: str, error: str) -> None:
    """Store what holds the consumer up; its next saved position clears it."""
    connection.execute(QUERIES["save_error"], {"consumer": consumer, "error": error})


def parked_keys(connection: psycopg.Connection) -> Mapping[str, set[str]]:
    """Return the keys that have parked changes, by consumer."""
    found: dict[str, set[str]] = {}
    for row in find_rows(connection, QUERIES["parked_keys"]):
        found.setdefault(row["consumer"], set()).add(row["key"])
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
