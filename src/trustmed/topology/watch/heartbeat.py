"""Heartbeats of a link: marks written at its source, which only the link itself can bring to its target."""

import time

import msgspec
import psycopg

from trustmed.db.queries import load
from trustmed.db.rows import find_row, find_structs, find_value
from trustmed.topology.links import Link
from trustmed.topology.watch.facts import Beat

QUERIES = load(__package__)
BEAT_SECONDS = 2.0
BEAT_ATTEMPTS = 10
VISIBLE_SECONDS, VISIBLE_PAUSE_SECONDS = 1.5, 0.1
# A healthy link brings the mark within milliseconds; a slow one is not to be asked all the time.
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, PAUSE_GROWTH = 0.001, 0.05, 1.5


class BeatResult(msgspec.Struct, frozen=True):
    """What became of a heartbeat. `lag_ms`: time until it was seen at the target, None if it was not seen in time.

    `skipped`: the target does not have it although it has confirmed the log beyond it.
    """

    lag_ms: float | None
    skipped: bool = False


def send_beat(
    source: psycopg.Connection,
    target: psycopg.Connection,
    link: Link,
    applied: int | None,
    *,
    seconds: float = BEAT_SECONDS,
) -> BeatResult:
    """Write a heartbeat and wait for it. A disabled link gets heartbeats too: they will tell what it has missed."""
    mark = _write_beat(source, link, applied)
    started, pause = time.perf_counter(), FIRST_PAUSE_SECONDS
    beyond = find_value(source, QUERIES["position"])
    while not _has_arrived(target, mark):
        if time.perf_counter() - started > seconds:
            confirmed = _confirmed_position(source, target, link)
            # Whatever the target has confirmed can be read there: a mark that cannot will never come.
            skipped = confirmed is not None and confirmed > beyond and not _has_arrived(target, mark)
            return BeatResult(None, skipped)
        time.sleep(pause)
        pause = min(LONGEST_PAUSE_SECONDS, pause * PAUSE_GROWTH)
    return BeatResult((time.perf_counter() - started) * 1000)


def _write_beat(source: psycopg.Connection, link: Link, applied: int | None) -> dict[str, object]:
    """Write a mark and return its key. Two monitors may choose one number at once: the later one takes the next."""
    values = {"link": link.name, "tables": [flow.table for flow in link.flows], "applied": applied}
    for attempt in range(BEAT_ATTEMPTS):
        try:
            row = find_row(source, QUERIES["beat"], values)
        except psycopg.errors.UniqueViolation:
            if attempt == BEAT_ATTEMPTS - 1:
                raise
        else:
            assert row is not None  # noqa: S101
            return {"link": link.name, **row}
    raise AssertionError


def _has_arrived(target: psycopg.Connection, mark: dict[str, object]) -> bool:
    return find_value(target, QUERIES["beat_seen"], mark)


def _confirmed_position(source: psycopg.Connection, target: psycopg.Connection, link: Link) -> int | None:
    slot = find_value(target, QUERIES["slot_of_subscription"], {"subscription": link.name})
    return find_value(source, QUERIES["slot_position"], {"slot": slot})


def find_source_beats(source: psycopg.Connection, link: Link, there: tuple[Beat, ...]) -> tuple[Beat, ...]:
    """Return the source's marks, among them those that the target has (`there`), if they are written there at all.

    PostgreSQL sends a commit before other sessions of the source can see it, on a busy machine long before: hence the
    waiting.
    """
    deadline = time.monotonic() + VISIBLE_SECONDS
    while True:
        found = find_beats(source, link)
        known, oldest = {beat.token for beat in found}, min((beat.seq for beat in found), default=0)
        if all(beat.token in known for beat in there if beat.seq >= oldest) or time.monotonic() > deadline:
            return found
        time.sleep(VISIBLE_PAUSE_SECONDS)


def find_beats(connection: psycopg.Connection, link: Link) -> tuple[Beat, ...]:
    """Return all marks of the link at one end, oldest first."""
    return tuple(find_structs(connection, Beat, QUERIES["beats"], {"link": link.name}))
