"""Comparing the recent rows of a link at both ends: what a hole swallowed, counters may never show.

A row's time is that of its UUIDv7 key.
"""

import time
from collections.abc import Callable
from uuid import UUID

import psycopg
from psycopg import sql

from trustmed.db.keys import least_key
from trustmed.topology.flows import Flow
from trustmed.topology.links import Link
from trustmed.topology.native.carried import carried_columns, column_list, table_identifier
from trustmed.topology.native.merge import GHOST, same_key_in_json
from trustmed.topology.watch.facts import Recent

WINDOW_SECONDS = 15 * 60
SETTLED_SECONDS = 2
ATTEMPTS = 3
VISIBLE_SECONDS = 0.3
# Bodies and signatures are told by their digests and keys; hashing them every few seconds would read gigabytes.
HEAVY = {"content"}

OURS = sql.SQL("organization_id = any (%(organizations)s)")
"""What is the whole region's, as publications of dictionaries are, has no organisation."""

Digest = tuple[int, int]


def different_recent(
    source: psycopg.Connection, target: psycopg.Connection, link: Link, flushed: Callable[[], bool]
) -> tuple[Recent, ...]:
    """Tables whose rows of the last 15 minutes differ though `flushed` (all written before it is applied).

    A table being written is compared again; undecided after ATTEMPTS, it counts as equal until the next time.
    """
    now = _clock(source)
    bounds = (least_key(now - WINDOW_SECONDS), least_key(now - SETTLED_SECONDS))
    suspects = [flow for flow in link.flows if flow.recent_by]
    try:
        return _compared(source, target, link, flushed, suspects, bounds)
    except (psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled):
        return ()  # a table under maintenance is compared the next time


def _compared(
    source: psycopg.Connection,
    target: psycopg.Connection,
    link: Link,
    flushed: Callable[[], bool],
    suspects: list[Flow],
    bounds: tuple[UUID, UUID],
) -> tuple[Recent, ...]:
    found: dict[str, Recent] = {}
    for attempt in range(ATTEMPTS):
        before = {flow.table: _digest(source, source, link, flow, bounds) for flow in suspects}
        if attempt and not flushed():
            return ()
        there = {flow.table: _digest(source, target, link, flow, bounds) for flow in suspects}
        suspects = [flow for flow in suspects if before[flow.table] != there[flow.table]]
        if attempt and suspects:
            time.sleep(VISIBLE_SECONDS)  # a commit is sent before it is seen at home
        after = {flow.table: _digest(source, source, link, flow, bounds) for flow in suspects}
        stable = [flow for flow in suspects if before[flow.table] == after[flow.table]]
        # Only what was applied before the target was read counts, hence the mark between the two readings.
        if attempt:
            found = {f.table: Recent(f.table, before[f.table][0], there[f.table][0]) for f in stable}
            if len(stable) == len(suspects):
                break
        if not suspects:
            break
    return tuple(found.values())


def _digest(
    columns_of: psycopg.Connection,
    connection: psycopg.Connection,
    link: Link,
    flow: Flow,
    bounds: tuple[UUID, UUID],
) -> Digest:
    """Rows that a repair found absent at the source and left are not counted: they are known of."""
    columns = [name for name in carried_columns(columns_of, flow.table) if name not in HEAVY]
    statement = sql.SQL(
        "select count(*), coalesce(sum(hash_record_extended(row({columns}), 0)), 0) from {table} t "
        "where {ours} and {key} >= %(first)s and {key} < %(last)s "
        "and not exists (select from replication.quarantine q where q.link = %(link)s and q.relation = %(table)s "
        "and q.reason = %(ghost)s and {same})"
    ).format(
        columns=column_list(columns),
        table=table_identifier(flow.table),
        ours=OURS if "organization_id" in columns else sql.SQL("true"),
        key=sql.Identifier(flow.recent_by or "id"),
        same=same_key_in_json(flow.key, "t"),
    )
    values = {
        "organizations": list(link.organizations),
        "first": bounds[0],
        "last": bounds[1],
        "link": link.name,
        "table": flow.table,
        "ghost": GHOST,
    }
    row = connection.execute(statement, values).fetchone()
    return (row[0], int(row[1])) if row else (0, 0)


def _clock(source: psycopg.Connection) -> float:
    """Keys bear the time of where they were made: whether it is right does not matter here."""
    row = source.execute("select extract(epoch from clock_timestamp())::float8").fetchone()
    return row[0] if row else time.time()
