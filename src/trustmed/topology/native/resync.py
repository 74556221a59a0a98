"""Making a link whole again without emptying its target: an exported snapshot, a staged copy, a merge, a new slot.

Steps: set the publication to what the link carries, as far as both ends have it; drop the old subscription and slot;
begin a new epoch, which gives the new slot its name; create the slot, which exports the snapshot of its consistent
point; copy every table within that snapshot into a stage at the target, and merge it; create a subscription on the new
slot, set its origin to the consistent point, and enable it. Until that last step the subscription bears the mark
UNFINISHED, so that a run that was killed is seen and the next one starts over.

Never create the subscription with connect = false: what it receives before its first refresh is lost.
"""

import re
from collections.abc import Generator
from contextlib import contextmanager

import msgspec
import psycopg
from psycopg import sql

from trustmed.db.rows import find_row, find_value, find_values
from trustmed.errors import Unavailable
from trustmed.topology.connect import server_conninfo
from trustmed.topology.flows import HEARTBEAT
from trustmed.topology.links import Link, PublishedTable
from trustmed.topology.native.carried import (
    PUBLICATION_OPTIONS,
    column_list,
    common_columns,
    common_tables,
    rows_filter,
    table_identifier,
    tables_sql,
)
from trustmed.topology.native.marks import UNFINISHED, set_mark, whole_mark
from trustmed.topology.native.merge import Merged, merge_table, scope_of
from trustmed.topology.native.session import Session
from trustmed.topology.native.slots import drop_slot
from trustmed.topology.native.subscribe import create_subscription, drop_subscription


class ResyncBusy(Unavailable):
    """Another process is repairing the same link."""


class Resynced(msgspec.Struct, frozen=True):
    """The new slot, and what was done to each table."""

    slot: str
    tables: tuple[Merged, ...]


def holds_rows(target: psycopg.Connection, link: Link, tables: tuple[str, ...] | None = None) -> bool:
    """Return whether the target has rows of this link already, which a plain initial copy would collide with.

    Heartbeats count too: a link that was removed leaves them. `tables`: look at these only.
    """
    for table in (item.table for item in link.published) if tables is None else tables:
        statement = sql.SQL("select exists (select from {} t where {})").format(
            table_identifier(table), scope_of(target, link, table)
        )
        if find_value(target, statement):
            return True
    return False


def resync(session: Session, link: Link, *, remove_ghosts: bool = False) -> Resynced:
    """Make the target equal to the source, and let the link stream on from there.

    Rows of the target that differ go to replication.quarantine; so do copies of rows the source lacks, which are
    removed only with `remove_ghosts`. Raises ServerUnreachable, ResyncBusy, psycopg.Error.
    """
    source = session.at(link.source.server, link.source.name)
    target = session.at(link.target.server, link.target.name)
    with _repair_lock(target, link):
        tables = common_tables(source, target, link.published)
        _publish(source, link, tables)
        slot = _begin_history(source, target, link)
        conninfo = server_conninfo(
            session.topology, session.topology.server_named(link.source.server), link.source.name, "administrator",
            f"resync {link.name}", replication="database",
        )  # fmt: skip
        # PostgreSQL drops the snapshot at the next command of this connection: keep it idle until the copy is done.
        with psycopg.connect(conninfo, autocommit=True) as exporter:
            point, snapshot = _export(exporter, slot)
            merged = _copy_and_merge(source, target, link, tables, snapshot, remove_ghosts)
        with target.transaction():
            oid = create_subscription(target, session.topology, link, slot, copy_data=False, enabled=False)
            set_mark(target, link, UNFINISHED)
        # An origin is named after its subscription; it can only be set before a worker uses it, hence "enable" after.
        target.execute("select pg_replication_origin_advance(%s, %s::pg_lsn)", (f"pg_{oid}", point))
        with target.transaction():
            target.execute(sql.SQL("alter subscription {} enable").format(sql.Identifier(link.name)))
            set_mark(target, link, whole_mark(link, slot))
    return Resynced(slot, merged)


def _publish(source: psycopg.Connection, link: Link, published: tuple[PublishedTable, ...]) -> None:
    """Set the publication to what is going to be copied, so that the same rows are streamed.

    `apply` may not have done it yet: a repair may come first.
    """
    name, tables = sql.Identifier(link.name), tables_sql(source, published)
    with source.transaction():
        if source.execute("select from pg_publication where pubname = %s", (link.name,)).fetchone() is None:
            statement = sql.SQL("create publication {} for table {} with ({})")
            source.execute(statement.format(name, tables, PUBLICATION_OPTIONS))
        else:
            source.execute(sql.SQL("alter publication {} set ({})").format(name, PUBLICATION_OPTIONS))
            source.execute(sql.SQL("alter publication {} set table {}").format(name, tables))


def _begin_history(source: psycopg.Connection, target: psycopg.Connection, link: Link) -> str:
    """Drop the old subscription and slots and begin a new epoch; return the new slot's name, never used before."""
    old = _old_slots(source, target, link)
    drop_subscription(target, link.name)
    for name in old:
        drop_slot(source, name)
    used = max((int(name.rpartition("_")[2]) for name in old), default=0)
    # A database restored from a backup has an old epoch: its slots' names and the target's may be ahead of it.
    statement = "update replication.incarnation set epoch = greatest(epoch, %s) + 1 returning epoch"
    return f"{link.name}_{find_value(source, statement, (used,))}"


def _old_slots(source: psycopg.Connection, target: psycopg.Connection, link: Link) -> list[str]:
    names = find_values(source, "select slot_name from pg_replication_slots")
    names += find_values(target, "select subslotname from pg_subscription where subname = %s", (link.name,))
    return [name for name in {name for name in names if name} if re.fullmatch(rf"{link.name}_\d+", name)]


def _export(exporter: psycopg.Connection, slot: str) -> tuple[str, str]:
    """Create the slot; return its consistent point and the snapshot of that point."""
    statement = sql.SQL("CREATE_REPLICATION_SLOT {} LOGICAL pgoutput (SNAPSHOT 'export', FAILOVER true)")
    row = find_row(exporter, statement.format(sql.Identifier(slot)))
    assert row is not None  # noqa: S101
    return row["consistent_point"], row["snapshot_name"]


def _copy_and_merge(
    source: psycopg.Connection,
    target: psycopg.Connection,
    link: Link,
    tables: tuple[PublishedTable, ...],
    snapshot: str,
    remove_ghosts: bool,
) -> tuple[Merged, ...]:
    staged: list[tuple[str, str, list[str]]] = []
    with source.transaction():
        source.execute("set transaction isolation level repeatable read read only")
        source.execute(sql.SQL("set transaction snapshot {}").format(sql.Literal(snapshot)))
        for position, published in enumerate(tables):
            columns, stage = common_columns(source, target, published.table), f"stage_{position}"
            _stage_table(source, target, published, columns, stage)
            staged.append((published.table, stage, columns))
    with target.transaction():
        merged = [merge_table(target, link, table, stage, columns, remove_ghosts) for table, stage, columns in staged]
    return tuple(item for item in merged if item.table != HEARTBEAT)


def _stage_table(
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
    # Autovacuum never sees temporary tables: without this the merge would be planned for an empty one.
    target.execute(sql.SQL("analyze {}").format(identifier))


@contextmanager
def _repair_lock(target: psycopg.Connection, link: Link) -> Generator[None]:
    key = (f"trustmed resync {link.name}",)
    if not find_value(target, "select pg_try_advisory_lock(hashtextextended(%s, 0))", key):
        raise ResyncBusy(
            f"Связь {link.name} уже восстанавливает другой процесс. Дождитесь, пока он закончит.",
            f"Another process is repairing link {link.name}. Wait until it ends.",
        )
    try:
        yield
    finally:
        if not target.closed:
            target.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", key)
