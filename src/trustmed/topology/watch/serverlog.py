"""What a server's own JSON log says of each subscription: the catalogues hold counters only, the words are in the log.

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
from trustmed.db.rows import find_rows

QUERIES = load(__package__)
TAIL_BYTES = 128 * 1024
MOST_WORDS = 1000  # characters of an error that are shown
Kind = Literal["started", "error", "disabled by error", "disabled by hand", "skipped"]

ABOUT_ROWS = ("22", "23", "40")
"""Classes of SQLSTATE whose errors quote rows: wrong data, constraints, conflicts of rows that a link brought."""
QUOTED_VALUE = re.compile(r': ".*"$', re.DOTALL)

_STARTED = re.compile(r'worker for subscription "([^"]+)".* has started')
_NAMED = re.compile(r'subscription "([^"]+)"')
_ORIGIN = re.compile(r'replication origin "pg_(\d+)"')
_SKIPPED = "completed skipping transaction"
_STOPPED_BY_HAND = "because the subscription was disabled"
_STOPPED_BY_ERROR = "has been disabled because of an error"


class LogLine(msgspec.Struct, frozen=True):
    """A line about a subscription. `age`: seconds before the log was read, by the server's own clock."""

    age: float
    kind: Kind
    words: str


class Tail(msgspec.Struct, frozen=True):
    """The newest records, oldest first. `now`: the time as the log writes it. `trouble`: why it cannot be read."""

    records: tuple[dict[str, Any], ...] = ()
    now: str = ""
    trouble: str | None = None


def read_tail(connection: psycopg.Connection) -> Tail:
    """Read the end of the server's log. `connection` is the monitor's, to the server's `postgres` database.

    A server whose log cannot be read can still be watched: only the words are missing then.
    """
    try:
        rows = find_rows(connection, QUERIES["log_tail"], {"bytes": TAIL_BYTES})
    except psycopg.OperationalError:
        if connection.closed:
            raise
        return Tail(trouble="no answer in time")
    except psycopg.Error as error:
        return Tail(trouble=" ".join(str(error).split()))
    if not rows:
        return Tail(trouble="no *.json in log_directory (log_destination = jsonlog)")
    return Tail(tuple(record for row in rows for record in _records(row["content"])), rows[-1]["now"])


def _records(content: bytes) -> Iterator[dict[str, Any]]:
    for line in content.decode("utf-8", "replace").split("\n"):
        try:
            record = json.loads(line)
        except ValueError:
            continue  # the first line: the piece that was read begins in its middle
        if isinstance(record, dict) and {"timestamp", "pid"} <= record.keys():
            yield record


def lines_by_subscription(tail: Tail, names: dict[int, str]) -> dict[str, list[LogLine]]:
    """Return the lines about each subscription, oldest first. `names`: subscriptions by oid."""
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
    """Return what the record says, without the rows and values that errors about rows quote."""
    message, detail = record.get("message", ""), record.get("detail", "")
    if str(record.get("state_code", "")).startswith(ABOUT_ROWS):
        message, detail = QUOTED_VALUE.sub("", message), ""
    parts = [message, detail, record.get("hint", "")]
    return " ".join(" ".join(part for part in parts if part).split())[:MOST_WORDS]


def _age(now: str, at: str) -> float:
    """Return the seconds between two times of one log, whose zone, the third word, is the same for both."""
    here, there = (datetime.fromisoformat("T".join(text.split()[:2])) for text in (now, at))
    return (here - there).total_seconds()
