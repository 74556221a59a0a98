"""What a server's own JSON log says of each subscription: the catalogues hold counters, the words are here.

Needs `log_destination = jsonlog`, `logging_collector = on`, `lc_messages = C` on the server.
"""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

import msgspec
import psycopg

from trustmed.db.queries import load

QUERIES = load(__package__)
TAIL_BYTES = 128 * 1024
Kind = Literal["started", "error", "disabled by error", "disabled by hand", "skipped"]

_STARTED = re.compile(r'worker for subscription "([^"]+)".* has started')
_NAMED = re.compile(r'subscription "([^"]+)"')
_ORIGIN = re.compile(r'replication origin "pg_(\d+)"')
_SKIPPED = "completed skipping transaction"
_STOPPED_BY_HAND = "because the subscription was disabled"
_STOPPED_BY_ERROR = "has been disabled because of an error"


class LogLine(msgspec.Struct, frozen=True):
    """A line that concerns a subscription; `age` in seconds by the server's own clock, when its log was read."""

    age: float
    kind: Kind
    words: str


class Tail(msgspec.Struct, frozen=True):
    """The newest records, oldest first. `now`: the clock as the log writes it. `trouble`: why it cannot be read."""

    records: tuple[dict[str, Any], ...] = ()
    now: str = ""
    trouble: str | None = None


def read_tail(connection: psycopg.Connection) -> Tail:
    """What the server wrote last. `connection` is the monitor's, to the server's `postgres` database.

    A server without a readable log can still be watched: only the words are missing.
    """
    try:
        rows = connection.execute(QUERIES["log_tail"], {"bytes": TAIL_BYTES}).fetchall()
    except psycopg.OperationalError:
        if connection.closed:
            raise
        return Tail(trouble="no answer in time")
    except psycopg.Error as error:
        return Tail(trouble=" ".join(str(error).split()))
    if not rows:
        return Tail(trouble="no *.json in log_directory (log_destination = jsonlog)")
    return Tail(tuple(record for content, _ in rows for record in _records(content)), rows[-1][1])


def _records(content: bytes) -> Iterator[dict[str, Any]]:
    for line in content.decode("utf-8", "replace").split("\n"):
        try:
            record = json.loads(line)
        except ValueError:
            continue  # the first line of the piece that was read, cut in the middle
        if isinstance(record, dict) and {"timestamp", "pid"} <= record.keys():
            yield record


def lines_by_subscription(tail: Tail, names: dict[int, str]) -> dict[str, list[LogLine]]:
    """The lines of each subscription, oldest first. `names`: subscriptions by oid."""
    workers: dict[int, str] = {}
    found: dict[str, list[LogLine]] = {}
    for record in tail.records:
        message = record.get("message", "")
        if started := _STARTED.search(message):
            workers[record["pid"]] = started[1]
        name = _subscription(record, workers, names)
        kind = _kind(record, message, started is not None)
        if name and kind:
            found.setdefault(name, []).append(LogLine(_age(tail.now, record["timestamp"]), kind, _words(record)))
    return found


def _subscription(record: dict[str, Any], workers: dict[int, str], names: dict[int, str]) -> str | None:
    if origin := _ORIGIN.search(record.get("context", "")):
        return names.get(int(origin[1]))
    if named := _NAMED.search(record.get("message", "")):
        return named[1]
    if str(record.get("backend_type", "")).startswith("logical replication"):
        return workers.get(record["pid"])
    return None


def _kind(record: dict[str, Any], message: str, started: bool) -> Kind | None:
    if started:
        return "started"
    if _STOPPED_BY_ERROR in message:
        return "disabled by error"
    if _SKIPPED in message:
        return "skipped"
    if _STOPPED_BY_HAND in message:
        return "disabled by hand"
    return "error" if record.get("error_severity") in ("ERROR", "FATAL", "PANIC") else None


def _words(record: dict[str, Any]) -> str:
    parts = [record.get("message", ""), record.get("detail", ""), record.get("hint", "")]
    return " ".join(" ".join(part for part in parts if part).split())[:1000]


def _age(now: str, at: str) -> float:
    """Seconds between two times of one log: date and time of day; the zone's name is that of the log itself."""
    here, there = (datetime.fromisoformat("T".join(text.split()[:2])) for text in (now, at))
    return (here - there).total_seconds()
