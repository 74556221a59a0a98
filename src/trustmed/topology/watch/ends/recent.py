"""Compare the recent rows of a link at both ends: counters may never show what a hole has swallowed.

The time of a row is that of its UUIDv7 key.
"""

import time
from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

import psycopg
from psycopg import sql

from trustmed.db.keys import least_key
from trustmed.db.queries import load
from trustmed.db.rows import find_row, find_value
from trustmed.topology.flows import Flow
from trustmed.topology.links import Link
from trustmed.topology.native.carried import column_list, common_columns, table_identifier
from trustmed.topology.native.merge import GHOST, same_key_in_json
from trustmed.topology.watch.facts import RecentDifference

QUERIES = load(__package__)
WINDOW_SECONDS = 15 * 60
SETTLED_SECONDS = 2
ATTEMPTS = 3
VISIBLE_SECONDS = 0.3
# Contents of documents and signatures are not compared: digests and keys tell them apart, and hashing them every few
# seconds would read gigabytes.
HEAVY = {"content"}

OWN_ROWS = sql.SQL("organization_id = any (%(organizations)s)")
"""Rows of the whole region, such as publications of dictionaries, have no organisation and are compared all."""


class Digest(NamedTuple):
    """The rows compared: their number and the sum of their hashes, which does not depend on their order."""

    rows: int
    hashes: int


def different_recent(
    source: psycopg.Connection, target: psycopg.Connection, link: Link, flushed: Callable[[], bool]
) -> tuple[RecentDifference, ...]:
    """Return the tables whose rows of the last 15 minutes differ although everything written has been applied.

    `flushed` sends a heartbeat and says whether it arrived. A table that is being written is compared again; if it is
    undecided after ATTEMPTS, it counts as equal until the next time.
    """
    now = _clock(source)
    bounds = (least_key(now - WINDOW_SECONDS), least_key(now - SETTLED_SECONDS))
    try:
        columns = {flow.table: _compared_columns(source, target, flow) for flow in link.flows if flow.recent_by}
        suspects = [flow for flow in link.flows if columns.get(flow.table)]
        return _compare(source, target, link, flushed, suspects, columns, bounds)
    except (psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled):
        return ()  # somebody holds a lock on a table: it is compared the next time


def _compare(
    source: psycopg.Connection,
    target: psycopg.Connection,
    link: Link,
    flushed: Callable[[], bool],
    suspects: list[Flow],
    columns: dict[str, list[str]],
    bounds: tuple[UUID, UUID],
) -> tuple[RecentDifference, ...]:
    def digests(end: psycopg.Connection) -> dict[str, Digest]:
        return {flow.table: _digest(end, link, flow, columns[flow.table], bounds) for flow in suspects}

    found: dict[str, RecentDifference] = {}
    for attempt in range(ATTEMPTS):
        before = digests(source)
        if attempt and not flushed():
            return ()
        there = digests(target)
        suspects = [flow for flow in suspects if before[flow.table] != there[flow.table]]
        if attempt and suspects:
            time.sleep(VISIBLE_SECONDS)  # PostgreSQL sends a commit before other sessions of the source see it
        after = digests(source)
        stable = [flow for flow in suspects if before[flow.table] == after[flow.table]]
        # The first attempt only selects suspects: without a heartbeat between the two readings it proves nothing.
        if attempt:
            found = {f.table: RecentDifference(f.table, before[f.table].rows, there[f.table].rows) for f in stable}
            if len(stable) == len(suspects):
                break
        if not suspects:
            break
    return tuple(found.values())


def _compared_columns(source: psycopg.Connection, target: psycopg.Connection, flow: Flow) -> list[str]:
    """Return the columns of both ends that are compared; none of a table that either end does not have yet."""
    return [name for name in common_columns(source, target, flow.table) if name not in HEAVY]


def _digest(
    connection: psycopg.Connection, link: Link, flow: Flow, columns: list[str], bounds: tuple[UUID, UUID]
) -> Digest:
    """Digest the recent rows of a table, except those that a repair found absent at the source and left there."""
    values = {
        "organizations": list(link.organizations) if "organization_id" in columns else None,
        "first": bounds[0],
        "last": bounds[1],
        "link": link.name,
        "table": flow.table,
        "ghost": GHOST,
        "columns": columns,
        "by_key": flow.recent_by,
        "key": list(flow.key),
    }
    try:
        row = find_row(connection, QUERIES["digest"], values)
    except psycopg.errors.UndefinedFunction:  # a database of the former release, which lets the monitor read rows
        row = find_row(connection, _digest_by_reading(flow, columns), values)
    return Digest(row["rows"], int(row["hashes"])) if row else Digest(0, 0)


def _digest_by_reading(flow: Flow, columns: list[str]) -> sql.Composed:
    return sql.SQL(
        "select count(*) as rows, coalesce(sum(hash_record_extended(row({columns}), 0)), 0) as hashes from {table} t "
        "where {own_rows} and {key} >= %(first)s and {key} < %(last)s "
        "and not exists (select from replication.quarantine q where q.link = %(link)s and q.relation = %(table)s "
        "and q.reason = %(ghost)s and {same})"
    ).format(
        columns=column_list(columns),
        table=table_identifier(flow.table),
        own_rows=OWN_ROWS if "organization_id" in columns else sql.SQL("true"),
        key=sql.Identifier(flow.recent_by or "id"),
        same=same_key_in_json(flow.key, "t"),
    )


def _clock(source: psycopg.Connection) -> float:
    """Return the source's own time: its rows' keys bear it, right or wrong."""
    return find_value(source, "select extract(epoch from clock_timestamp())::float8")
