"""Column values of a change: kept as the server's text, converted to Python only when somebody reads them."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from uuid import UUID

import msgspec

from trustmed.errors import Broken
from trustmed.wal.pgoutput import UNCHANGED, Column, Unchanged, Value, Values

Typed = bool | int | float | str | bytes | UUID | Decimal | dt.date | dt.datetime

# The session's settings that make the text unambiguous; `typed_value` relies on them.
TEXT_SETTINGS = "-c datestyle=ISO,YMD -c timezone=UTC -c extra_float_digits=3 -c bytea_output=hex"


class ValueNotSent(Broken):
    """The change lacks a column's value: a wide value was left as it was, or there is no such column."""


def _timestamp(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


# Oids of built-in types are the same in every version of PostgreSQL.
_TYPES: dict[int, Callable[[str], Typed]] = {
    16: lambda text: text == "t",  # boolean
    17: lambda text: bytes.fromhex(text.removeprefix("\\x")),  # bytea
    20: int,  # bigint
    21: int,  # smallint
    23: int,  # integer
    26: int,  # oid
    700: float,  # real
    701: float,  # double precision
    1082: dt.date.fromisoformat,
    1114: _timestamp,  # timestamp without time zone
    1184: _timestamp,  # timestamptz
    1700: Decimal,  # numeric
    2950: UUID,
}


def typed_value(value: bytes, type_oid: int) -> Typed:
    """Return the value of a column of this built-in type, or its text if the type is not known here.

    Raises ValueError where Python has no such value (a date before Christ, infinity).
    """
    text = value.decode()
    read = _TYPES.get(type_oid)
    return read(text) if read else text


class Row(msgspec.Struct, frozen=True):
    """A row of a change; `row["name"]` is the typed value of a column."""

    columns: tuple[Column, ...]
    values: Values

    def __getitem__(self, name: str) -> Typed | None:
        value = self.raw(name)
        if isinstance(value, Unchanged):
            raise _not_sent(name)
        return None if value is None else typed_value(value, self._column(name).type_oid)

    def raw(self, name: str) -> Value:
        """Return the value as the server sent it: text, NULL, or UNCHANGED."""
        return self.values[self.columns.index(self._column(name))]

    def in_key(self, name: str) -> bool:
        """Return whether the column belongs to the table's replica identity."""
        return self._column(name).in_key

    def _column(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise _not_sent(name)


def key_texts(row: Row) -> tuple[str, ...]:
    """Return the texts of the row's key columns."""
    pairs = zip(row.columns, row.values, strict=True)
    return tuple(value.decode() for column, value in pairs if column.in_key and isinstance(value, bytes))


def _not_sent(name: str) -> ValueNotSent:
    return ValueNotSent(
        f"В изменении нет значения столбца {name}: оно не менялось или не публикуется. Прочтите строку из базы.",
        f"The change lacks the value of column {name}: it did not change or is not published. Read the row itself.",
    )


class StoredColumn(msgspec.Struct, frozen=True, omit_defaults=True):
    """A column of a row stored as JSON. `text` None means NULL, unless `unchanged`."""

    name: str
    type_oid: int
    text: str | None = None
    unchanged: bool = False
    in_key: bool = False


def stored_columns(row: Row) -> tuple[StoredColumn, ...]:
    """Return the row in a form that JSON can hold."""
    return tuple(
        StoredColumn(
            column.name,
            column.type_oid,
            value.decode() if isinstance(value, bytes) else None,
            value is UNCHANGED,
            column.in_key,
        )
        for column, value in zip(row.columns, row.values, strict=True)
    )


def restored_row(columns: tuple[StoredColumn, ...]) -> Row:
    """Return the row that `stored_columns` was given."""
    return Row(
        tuple(Column(column.name, column.type_oid, -1, column.in_key) for column in columns),
        tuple(_restored_value(column) for column in columns),
    )


def _restored_value(column: StoredColumn) -> Value:
    if column.unchanged:
        return UNCHANGED
    return None if column.text is None else column.text.encode()
