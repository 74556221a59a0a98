"""Rows of a query by name: as values, as structs, as dictionaries."""

from typing import Any, TypeVar

import psycopg
from psycopg.abc import Params, QueryNoTemplate
from psycopg.rows import class_row, dict_row, scalar_row

Struct = TypeVar("Struct")


def find_value(connection: psycopg.Connection, query: QueryNoTemplate, values: Params | None = None) -> Any:
    """Return the first column of the first row, None if there is no row."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(query, values).fetchone()


def find_values(connection: psycopg.Connection, query: QueryNoTemplate, values: Params | None = None) -> list[Any]:
    """Return the first column of every row."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(query, values).fetchall()


def find_row(
    connection: psycopg.Connection, query: QueryNoTemplate, values: Params | None = None
) -> dict[str, Any] | None:
    """Return the first row by names of columns, None if there is no row."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, values).fetchone()


def find_rows(
    connection: psycopg.Connection, query: QueryNoTemplate, values: Params | None = None
) -> list[dict[str, Any]]:
    """Return every row by names of columns."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, values).fetchall()


def find_structs(
    connection: psycopg.Connection, struct: type[Struct], query: QueryNoTemplate, values: Params | None = None
) -> list[Struct]:
    """Return every row as a `struct`, whose fields bear the names of the columns."""
    with connection.cursor(row_factory=class_row(struct)) as cursor:
        return cursor.execute(query, values).fetchall()
