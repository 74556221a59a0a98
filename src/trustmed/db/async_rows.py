"""Rows of a query by name, over an asynchronous connection: as values, as structs, as dictionaries."""

from typing import Any, TypeVar

from psycopg import AsyncConnection
from psycopg.abc import Params, QueryNoTemplate
from psycopg.rows import class_row, dict_row, scalar_row

Struct = TypeVar("Struct")


async def find_value(connection: AsyncConnection, query: QueryNoTemplate, values: Params | None = None) -> Any:
    """Return the first column of the first row, None if there is no row."""
    async with connection.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(query, values)
        return await cursor.fetchone()


async def find_values(connection: AsyncConnection, query: QueryNoTemplate, values: Params | None = None) -> list[Any]:
    """Return the first column of every row."""
    async with connection.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(query, values)
        return await cursor.fetchall()


async def find_rows(
    connection: AsyncConnection, query: QueryNoTemplate, values: Params | None = None
) -> list[dict[str, Any]]:
    """Return every row by names of columns."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query, values)
        return await cursor.fetchall()


async def find_struct(
    connection: AsyncConnection, struct: type[Struct], query: QueryNoTemplate, values: Params | None = None
) -> Struct | None:
    """Return the first row as a `struct`, whose fields bear the names of the columns; None if there is no row."""
    async with connection.cursor(row_factory=class_row(struct)) as cursor:
        await cursor.execute(query, values)
        return await cursor.fetchone()


async def find_structs(
    connection: AsyncConnection, struct: type[Struct], query: QueryNoTemplate, values: Params | None = None
) -> list[Struct]:
    """Return every row as a `struct`, whose fields bear the names of the columns."""
    async with connection.cursor(row_factory=class_row(struct)) as cursor:
        await cursor.execute(query, values)
        return await cursor.fetchall()
