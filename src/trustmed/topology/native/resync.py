"""Making a link whole again without emptying its target: an exported snapshot, a staged copy, a merge, a new slot.

Steps: the publication is set to what the link carries; a new epoch and with it a new slot name; the old subscription
and slot go; the new slot exports the snapshot of its consistent point; every table is copied within that snapshot into
a stage at the target and merged; a subscription is created on the new slot, its origin set to the consistent point, and
enabled. Until that last step the subscription bears the mark UNFINISHED, so a run that was killed is seen, and the next
one starts over.

A subscription created with connect = false must never be used here: what it receives before its first refresh is lost.
"""

import re
from collections.abc import Generator
from contextlib import contextmanager

import msgspec
import psycopg
from psycopg import sql

from trustmed.db.queries import load
from trustmed.errors import Unavailable
from trustmed.topology.connect import server_conninfo
from trustmed.topology.flows import HEARTBEAT
from trustmed.topology.links import Link, PublishedTable
from trustmed.topology.native.carried import (
    PUBLICATION_OPTIONS,
    carried_columns,
    column_list,
    rows_filter,
    table_identifier,
    tables_sql,
)
from trustmed.topology.native.marks import UNFINISHED, set_mark, whole
from trustmed.topology.native.merge import Merged, merge_table, scope_of
from trustmed.topology.native.session import Session
from trustmed.topology.native.slots import drop_slot
from trustmed.topology.native.subscribe import create_subscription, drop_subscription

QUERIES = load(__package__)


class ResyncBusy(Unavailable):
    """Another process repairs the same link."""


class Resynced(msgspec.Struct, frozen=True):
    """What a resync did, table by table."""

    slot: str
    tables: tuple[Merged, ...]


def holds_rows(target: psycopg.Connection, link: Link, tables: tuple[str, ...] | None = None) -> bool:
    """Whether the target has rows of this link already: a plain initial copy would collide with them.

    Heartbeats count too: a link that was removed leaves them. `tables`: only these are looked at.
    """
    for table in (item.table for item in link.published) if tables is None else tables:
        statement = sql.SQL("select exists (select from {} t where {})").format(
            table_identifier(table), scope_of(target, link, table)
        )
        if target.execute(statement).fetchone() == (True,):
            return True
    return False


def resync(session: Session, link: Link, *, remove_ghosts: bool = False) -> Resynced:
    """Make the target equal to the source and the link stream on from there.

    Rows of the target that differ are kept in replication.quarantine; rows the source lacks are kept there too, and
    removed only with `remove_ghosts`. Raises ServerUnreachable, ResyncBusy, psycopg.Error.
    """
    source = session.at(link.source.server, link.source.name)
    target = session.at(link.target.server, link.target.name)
    with _alone(target, link):
        _publish(source, link)
        slot = _begin_history(source, target, link)
        conninfo = server_conninfo(
            session.topology, session.topology.server_named(link.source.server), link.source.name, "administrator",
            f"resync {link.name}", replication="database",
        )  # fmt: skip
        # The snapshot lives as long as nothing else is asked of this connection.
        with psycopg.connect(conninfo, autocommit=True) as exporter:
            point, snapshot = _export(exporter, slot)
            tables = _copy_and_merge(source, target, link, snapshot, remove_ghosts)
        with target.transaction():
            oid = create_subscription(target, session.topology, link, slot, copy_data=False, enabled=False)
            set_mark(target, link, UNFINISHED)
        target.execute("select pg_replication_origin_advance(%s, %s::pg_lsn)", (f"pg_{oid}", point))
        with target.transaction():
            target.execute(sql.SQL("alter subscription {} enable").format(sql.Identifier(link.name)))
            set_mark(target, link, whole(link, slot))
    return Resynced(slot, tables)


def _publish(source: psycopg.Connection, link: Link) -> None:
    """What is copied and what will stream must be the same rows: a repair may come before an apply."""
    name, tables = sql.Identifier(link.name), tables_sql(source, link.published)
    with source.transaction():
        if source.execute("select from pg_publication where pubname = %s", (link.name,)).fetchone() is None:
            made = sql.SQL("create publication {} for table {} with ({})")
            source.execute(made.format(name, tables, PUBLICATION_OPTIONS))
        else:
            source.execute(sql.SQL("alter publication {} set ({})").format(name, PUBLICATION_OPTIONS))
            source.execute(sql.SQL("alter publication {} set table {}").format(name, tables))


def _begin_history(source: psycopg.Connection, target: psycopg.Connection, link: Link) -> str:
    """Take down what there was; the name of the new slot, never used before."""
    old = _old_slots(source, target, link)
    drop_subscription(target, link.name)
    for name in old:
        drop_slot(source, name)
    used = max((int(name.rpartition("_")[2]) for name in old), default=0)
    row = source.execute(
        "update replication.incarnation set epoch = greatest(epoch, %s) + 1 returning epoch", (used,)
    ).fetchone()
    assert row is not None  # noqa: S101
    return f"{link.name}_{row[0]}"


def _old_slots(source: psycopg.Connection, target: psycopg.Connection, link: Link) -> list[str]:
    names = source.execute("select slot_name from pg_replication_slots").fetchall()
    names += target.execute("select subslotname from pg_subscription where subname = %s", (link.name,)).fetchall()
    return [name for name in {name for (name,) in names if name} if re.fullmatch(rf"{link.name}_\d+", name)]


def _export(exporter: psycopg.Connection, slot: str) -> tuple[str, str]:
    statement = sql.SQL("CREATE_REPLICATION_SLOT {} LOGICAL pgoutput (SNAPSHOT 'export', FAILOVER true)")
    row = exporter.execute(statement.format(sql.Identifier(slot))).fetchone()
    assert row is not None  # noqa: S101
    _, point, snapshot, _ = row
    return point, snapshot


def _copy_and_merge(
    source: psycopg.Connection, target: psycopg.Connection, link: Link, snapshot: str, remove_ghosts: bool
) -> tuple[Merged, ...]:
    staged: list[tuple[str, str, list[str]]] = []
    with source.transaction():
        source.execute("set transaction isolation level repeatable read read only")
        source.execute(sql.SQL("set transaction snapshot {}").format(sql.Literal(snapshot)))
        for position, published in enumerate(link.published):
            columns, stage = carried_columns(source, published.table), f"stage_{position}"
            _stage(source, target, published, columns, stage)
            staged.append((published.table, stage, columns))
    with target.transaction():
        merged = [merge_table(target, link, table, stage, columns, remove_ghosts) for table, stage, columns in staged]
    return tuple(item for item in merged if item.table != HEARTBEAT)


def _stage(
    source: psycopg.Connection, target: psycopg.Connection, published: PublishedTable, columns: list[str], stage: str
) -> None:
    identifier, listed = sql.Identifier("pg_temp", stage), column_list(columns)
    table = table_identifier(published.table)
    target.execute(sql.SQL("drop table if exists {}").format(identifier))
    target.execute(
        sql.SQL("create temporary table {} as select {} from {} with no data").format(
            sql.Identifier(stage), listed, table
        )
    )
    rows = sql.SQL("copy (select {} from {} where {}) to stdout").format(listed, table, rows_filter(published))
    into = sql.SQL("copy {} ({}) from stdin").format(identifier, listed)
    with source.cursor().copy(rows) as reading, target.cursor().copy(into) as writing:
        for block in reading:
            writing.write(block)
    target.execute(sql.SQL("analyze {}").format(identifier))


@contextmanager
def _alone(target: psycopg.Connection, link: Link) -> Generator[None]:
    key = (f"trustmed resync {link.name}",)
    if target.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", key).fetchone() != (True,):
        raise ResyncBusy(
            f"Связь {link.name} уже восстанавливает другой процесс. Дождитесь его окончания.",
            f"Link {link.name} is being repaired by another process. Wait until it ends.",
        )
    try:
        yield
    finally:
        if not target.closed:
            target.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", key)
