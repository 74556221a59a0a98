"""The part of a table that a link carries, as SQL: its name, columns, rows."""

import re
from collections.abc import Set
from typing import LiteralString, cast

import msgspec
import psycopg
from psycopg import sql

from trustmed.db.queries import load
from trustmed.db.rows import find_rows, find_value, find_values
from trustmed.topology.links import PublishedTable

QUERIES = load(__package__)
# PostgreSQL stores a row filter parsed and prints it in its own words: these are the two that `rows_filter` writes.
_OWN = re.compile(r"\(organization_id = ANY \(ARRAY\[([\d, ]+)\]\)\)")
_BEAT = re.compile(r"\(link = '([a-z0-9_]+)'::text\)")
PUBLICATION_OPTIONS = sql.SQL("publish = 'insert, update, delete', publish_via_partition_root = true")


def table_identifier(table: str) -> sql.Identifier:
    return sql.Identifier(*table.split("."))


def carried_columns(connection: psycopg.Connection, table: str) -> list[str]:
    """Return all columns but generated ones, which are computed again at the other end.

    Empty for a table that is not there.
    """
    return find_values(connection, QUERIES["carried_columns"], {"table": table})


def common_columns(source: psycopg.Connection, target: psycopg.Connection, table: str) -> list[str]:
    """Return the columns that the source can send and the target can take: either end may not be upgraded yet."""
    there = set(carried_columns(target, table))
    return [name for name in carried_columns(source, table) if name in there]


def common_tables(
    source: psycopg.Connection, target: psycopg.Connection, tables: tuple[PublishedTable, ...]
) -> tuple[PublishedTable, ...]:
    """Return those of the tables that both ends have, without the columns that the target lacks."""
    found = []
    for table in tables:
        if common := common_columns(source, target, table.table):
            left_out = tuple(sorted(set(carried_columns(source, table.table)) - set(common)))
            found.append(msgspec.structs.replace(table, left_out=left_out))
    return tuple(found)


def holds_values(connection: psycopg.Connection, published: PublishedTable, columns: Set[str]) -> bool:
    """Return whether any published row has something else in these columns than a row written without them gets."""
    defaults = find_rows(connection, QUERIES["column_defaults"], {"table": published.table})
    filled = [
        sql.SQL("{} is distinct from ({})").format(
            sql.Identifier(row["name"]), sql.SQL(cast("LiteralString", row["default"]))
        )
        for row in defaults
        if row["name"] in columns
    ]
    statement = sql.SQL("select exists (select from {} where ({}) and ({}))").format(
        table_identifier(published.table), rows_filter(published), sql.SQL(" or ").join(filled)
    )
    return find_value(connection, statement)


def column_list(columns: list[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def rows_filter(published: PublishedTable) -> sql.Composable:
    """Return the row filter as an expression, "true" where all rows are carried."""
    if published.organizations:
        numbers = sql.SQL(", ").join(map(sql.Literal, published.organizations))
        return sql.SQL("organization_id = any (array[{}])").format(numbers)
    if published.link is not None:
        return sql.SQL("link = {}").format(sql.Literal(published.link))
    return sql.SQL("true")


def published_sql(connection: psycopg.Connection, published: PublishedTable) -> sql.Composed:
    """Return the table as CREATE PUBLICATION takes it."""
    left_out = published.left_out or ()
    columns = column_list([name for name in carried_columns(connection, published.table) if name not in left_out])
    text = sql.SQL("{} ({})").format(table_identifier(published.table), columns)
    if published.organizations or published.link is not None:
        text += sql.SQL(" where ({})").format(rows_filter(published))
    return text


def tables_sql(connection: psycopg.Connection, tables: tuple[PublishedTable, ...]) -> sql.Composed:
    """Return all tables of a publication, as CREATE PUBLICATION takes them."""
    return sql.SQL(", ").join(published_sql(connection, table) for table in tables)


class FoundPublication(msgspec.Struct, frozen=True):
    """A publication as the catalogue shows it. `proper`: its options are those of PUBLICATION_OPTIONS."""

    name: str
    proper: bool
    tables: tuple[PublishedTable, ...]


def find_publications(connection: psycopg.Connection) -> list[FoundPublication]:
    """Return the publications of the connection's database, by name, each with its tables in order."""
    return [
        FoundPublication(
            row["name"], row["proper"], tuple(sorted(published_table(*table) for table in row["tables"] or ()))
        )
        for row in find_rows(connection, QUERIES["publications"])
    ]


def published_table(table: str, rows: str | None, columns: list[str] | None) -> PublishedTable:
    """Return a table of a publication from what the catalogue shows, see query `publications`."""
    left_out = None if columns is None else tuple(columns)
    if rows is None:
        return PublishedTable(table, left_out=left_out)
    if own := _OWN.fullmatch(rows):
        return PublishedTable(table, tuple(int(number) for number in own[1].split(",")), left_out=left_out)
    if beat := _BEAT.fullmatch(rows):
        return PublishedTable(table, link=beat[1], left_out=left_out)
    return PublishedTable(table, other_rows=rows, left_out=left_out)
