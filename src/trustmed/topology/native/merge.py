"""Merging a staged copy of a table into the target of a link; whatever gives way is kept in quarantine."""

import msgspec
import psycopg
from psycopg import sql

from trustmed.topology.flows import HEARTBEAT, key_of
from trustmed.topology.links import Link
from trustmed.topology.native.carried import column_list, table_identifier

GHOST = "absent at source"


class Merged(msgspec.Struct, frozen=True):
    """Rows of one table: `added`, `changed` (the former ones quarantined), `ghosts` the source does not have."""

    table: str
    added: int
    changed: int
    ghosts: int


def scope_of(target: psycopg.Connection, link: Link, table: str) -> sql.Composable:
    """Which rows (of alias t) this link answers for: a site's are those of its organisations."""
    if table == HEARTBEAT:
        return sql.SQL("t.link = {}").format(sql.Literal(link.name))
    tenant = target.execute(
        "select exists (select from pg_attribute where attrelid = %s::regclass and attname = 'organization_id')",
        (table,),
    ).fetchone()
    if link.site is None or tenant != (True,):
        return sql.SQL("true")
    numbers = sql.SQL(", ").join(map(sql.Literal, link.organizations))
    return sql.SQL("t.organization_id = any (array[{}])").format(numbers)


def merge_table(
    target: psycopg.Connection, link: Link, table: str, stage: str, columns: list[str], remove_ghosts: bool
) -> Merged:
    """Within the caller's transaction. The stage holds every row the source has, in `columns`."""
    key = key_of(table)
    parts: dict[str, sql.Composable] = {
        "t": table_identifier(table),
        "s": sql.Identifier("pg_temp", stage),
        "key": column_list(list(key)),
        "columns": column_list(columns),
        "same_key": sql.SQL(" and ").join(sql.SQL("t.{0} = s.{0}").format(sql.Identifier(name)) for name in key),
        "there": _row("t", columns),
        "staged": _row("s", columns),
        "new": _row("excluded", columns),
        "scope": scope_of(target, link, table),
        "link": sql.Literal(link.name),
        "relation": sql.Literal(table),
        "same_kept": same_in_json(key, "s"),
        "assignments": sql.SQL(", ").join(sql.SQL("{0} = excluded.{0}").format(sql.Identifier(c)) for c in columns),
    }
    if table == HEARTBEAT:
        target.execute(_REMOVE_GHOSTS.format(**parts))
        return Merged(table, _merge(target, parts)[0], 0, 0)
    target.execute(_GHOSTS_RETURNED.format(**parts))
    target.execute(_KEEP_DIFFERENT.format(**parts))
    target.execute(_KEEP_GHOSTS.format(**parts))
    row = target.execute(_COUNT_GHOSTS.format(**parts)).fetchone()
    if remove_ghosts:
        target.execute(_REMOVE_GHOSTS.format(**parts))
    added, changed = _merge(target, parts)
    return Merged(table, added, changed, row[0] if row else 0)


def _merge(target: psycopg.Connection, parts: dict[str, sql.Composable]) -> tuple[int, int]:
    row = target.execute(_MERGE.format(**parts)).fetchone()
    return (row[0], row[1]) if row else (0, 0)


def same_in_json(key: tuple[str, ...], alias: str) -> sql.Composed:
    """Whether the quarantined row q has the key of the row `alias`."""
    return sql.SQL(" and ").join(
        sql.SQL("q.content ->> {} = {}::text").format(sql.Literal(name), sql.Identifier(alias, name)) for name in key
    )


def _row(alias: str, columns: list[str]) -> sql.Composed:
    names = sql.SQL(", ").join(sql.Identifier(alias, column) for column in columns)
    return sql.SQL("row({})").format(names)


# A row already kept is not kept again: a repair may be run twice.
_KEEP_DIFFERENT = sql.SQL("""
insert into replication.quarantine (link, relation, reason, content)
select {link}, {relation}, 'differs', to_jsonb(t)
from {t} t join {s} s on {same_key}
where {there} is distinct from {staged}
  and not exists (
      select from replication.quarantine q
      where q.link = {link} and q.relation = {relation} and q.reason = 'differs' and q.content = to_jsonb(t)
  )
""")

# The source was restored again, now from a newer backup: what it lacked is there.
_GHOSTS_RETURNED = sql.SQL("""
update replication.quarantine q set reason = 'absent at source once, then there again'
from {s} s
where q.link = {link} and q.relation = {relation} and q.reason = 'absent at source' and {same_kept}
""")

_KEEP_GHOSTS = sql.SQL("""
insert into replication.quarantine (link, relation, reason, content)
select {link}, {relation}, 'absent at source', to_jsonb(t)
from {t} t
where {scope} and not exists (select from {s} s where {same_key})
  and not exists (
      select from replication.quarantine q
      where q.link = {link} and q.relation = {relation} and q.reason = 'absent at source' and q.content = to_jsonb(t)
  )
""")

_COUNT_GHOSTS = sql.SQL("""
select count(*) from {t} t where {scope} and not exists (select from {s} s where {same_key})
""")

_REMOVE_GHOSTS = sql.SQL("""
delete from {t} t where {scope} and not exists (select from {s} s where {same_key})
""")

_MERGE = sql.SQL("""
with merged as (
    insert into {t} as t ({columns}) select {columns} from {s}
    on conflict ({key}) do update set {assignments} where {there} is distinct from {new}
    returning old is null as added
)
select count(*) filter (where added), count(*) filter (where not added) from merged
""")
