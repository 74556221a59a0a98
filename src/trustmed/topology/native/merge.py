"""Merge a staged copy of a table into the target of a link; rows that give way are kept in quarantine."""

import msgspec
import psycopg
from psycopg import sql

from trustmed.db.rows import find_row, find_value
from trustmed.topology.flows import HEARTBEAT, key_columns
from trustmed.topology.links import Link
from trustmed.topology.native.carried import column_list, table_identifier

GHOST = "absent at source"


class Merged(msgspec.Struct, frozen=True):
    """Row counts of a table: `added`, `changed` (the old ones are in quarantine), `ghosts` (absent at the source)."""

    table: str
    added: int
    changed: int
    ghosts: int


def scope_of(target: psycopg.Connection, link: Link, table: str) -> sql.Composable:
    """Return the condition, on alias t, of the rows this link brings: a site's are those of its organisations."""
    if table == HEARTBEAT:
        return sql.SQL("t.link = {}").format(sql.Literal(link.name))
    by_organization = find_value(
        target,
        "select exists (select from pg_attribute where attrelid = %s::regclass and attname = 'organization_id')",
        (table,),
    )
    if link.site is None or not by_organization:
        return sql.SQL("true")
    numbers = sql.SQL(", ").join(map(sql.Literal, link.organizations))
    return sql.SQL("t.organization_id = any (array[{}])").format(numbers)


def merge_table(
    target: psycopg.Connection, link: Link, table: str, stage: str, columns: list[str], remove_ghosts: bool
) -> Merged:
    """Merge `stage`, which holds every row of the source in `columns`, within the caller's transaction."""
    key = key_columns(table)
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
        "same_kept": same_key_in_json(key, "s"),
        "assignments": sql.SQL(", ").join(sql.SQL("{0} = excluded.{0}").format(sql.Identifier(c)) for c in columns),
    }
    if table == HEARTBEAT:
        target.execute(_REMOVE_GHOSTS.format(**parts))
        return Merged(table, _merge(target, parts)["added"], 0, 0)
    target.execute(_GHOSTS_RETURNED.format(**parts))
    target.execute(_KEEP_DIFFERENT.format(**parts))
    target.execute(_KEEP_GHOSTS.format(**parts))
    ghosts = find_value(target, _COUNT_GHOSTS.format(**parts))
    if remove_ghosts:
        target.execute(_REMOVE_GHOSTS.format(**parts))
    merged = _merge(target, parts)
    return Merged(table, merged["added"], merged["changed"], ghosts)


def _merge(target: psycopg.Connection, parts: dict[str, sql.Composable]) -> dict[str, int]:
    return find_row(target, _MERGE.format(**parts)) or {"added": 0, "changed": 0}


def same_key_in_json(key: tuple[str, ...], alias: str) -> sql.Composed:
    """Return the condition that the quarantined row q has the key of the row `alias`."""
    return sql.SQL(" and ").join(
        sql.SQL("q.content ->> {} = {}::text").format(sql.Literal(name), sql.Identifier(alias, name)) for name in key
    )


def _row(alias: str, columns: list[str]) -> sql.Composed:
    names = sql.SQL(", ").join(sql.Identifier(alias, column) for column in columns)
    return sql.SQL("row({})").format(names)


# A repair may run twice: a row that is in quarantine already is not put there again.
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

# A source that was restored again, from a newer backup, has rows that it lacked before: they are ghosts no more.
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

# RETURNING old (PostgreSQL 18): an inserted row has no old one.
_MERGE = sql.SQL("""
with merged as (
    insert into {t} as t ({columns}) select {columns} from {s}
    on conflict ({key}) do update set {assignments} where {there} is distinct from {new}
    returning old is null as added
)
select count(*) filter (where added) as added, count(*) filter (where not added) as changed from merged
""")
