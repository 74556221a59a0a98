"""Heartbeats of a link: marks written at its source that only the link itself can bring to its target."""

import time

import msgspec
import psycopg

from trustmed.db.queries import load
from trustmed.topology.links import Link
from trustmed.topology.watch.facts import Beat

QUERIES = load(__package__)
BEAT_SECONDS = 2.0
BEAT_ATTEMPTS = 10
VISIBLE_SECONDS = 1.5


class Sent(msgspec.Struct, frozen=True):
    """A heartbeat: milliseconds until it was seen at the target, None if it was not in time.

    `passed`: it was not, although the target has confirmed the log beyond it.
    """

    lag: float | None
    passed: bool = False


def send_beat(
    source: psycopg.Connection,
    target: psycopg.Connection,
    link: Link,
    applied: int | None,
    *,
    seconds: float = BEAT_SECONDS,
) -> Sent:
    """Send one and wait for it. A link that is off gets its marks too: they tell of what it misses meanwhile."""
    mark = _sent(source, link, applied)
    started, pause = time.perf_counter(), 0.001
    beyond = source.execute(QUERIES["position"]).fetchone()
    while not _seen(target, mark):
        if time.perf_counter() - started > seconds:
            confirmed = _confirmed(source, target, link)
            # What is confirmed is readable: if the mark is not, it never will be.
            return Sent(None, passed=bool(beyond and confirmed and confirmed > beyond[0]) and not _seen(target, mark))
        time.sleep(pause)
        pause = min(0.05, pause * 1.5)
    return Sent((time.perf_counter() - started) * 1000)


def _sent(source: psycopg.Connection, link: Link, applied: int | None) -> dict[str, object]:
    """The key of a new mark. Two monitors at once want the same number: the later one takes the next."""
    values = {"link": link.name, "tables": [flow.table for flow in link.flows], "applied": applied}
    for attempt in range(BEAT_ATTEMPTS):
        try:
            row = source.execute(QUERIES["beat"], values).fetchone()
        except psycopg.errors.UniqueViolation:
            if attempt == BEAT_ATTEMPTS - 1:
                raise
        else:
            assert row is not None  # noqa: S101
            return {"link": link.name, "seq": row[0], "token": row[1]}
    raise AssertionError


def _seen(target: psycopg.Connection, mark: dict[str, object]) -> bool:
    return target.execute(QUERIES["beat_seen"], mark).fetchone() == (True,)


def _confirmed(source: psycopg.Connection, target: psycopg.Connection, link: Link) -> int | None:
    slot = target.execute(QUERIES["slot_of_subscription"], {"subscription": link.name}).fetchone()
    row = source.execute(QUERIES["slot_position"], {"slot": slot and slot[0]}).fetchone()
    return row[0] if row else None


def find_source_beats(source: psycopg.Connection, link: Link, there: tuple[Beat, ...]) -> tuple[Beat, ...]:
    """The source's marks. A commit is sent before it is seen at home, on a busy machine long before: wait for that."""
    deadline = time.monotonic() + VISIBLE_SECONDS
    while True:
        found = beats(source, link)
        known, oldest = {beat.token for beat in found}, min((beat.seq for beat in found), default=0)
        if all(beat.token in known for beat in there if beat.seq >= oldest) or time.monotonic() > deadline:
            return found
        time.sleep(0.1)


def beats(connection: psycopg.Connection, link: Link) -> tuple[Beat, ...]:
    """All marks of the link at one end, oldest first."""
    return tuple(Beat(*row) for row in connection.execute(QUERIES["beats"], {"link": link.name}).fetchall())
