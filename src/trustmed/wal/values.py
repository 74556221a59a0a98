"""Column values: the server's text read as a Python value when it is wanted, and not before."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from uuid import UUID

import msgspec

from trustmed.errors import Broken
from trustmed.wal.pgoutput import UNCHANGED, Column, Unchanged, Value, Values

Typed = bool | int | float | str | bytes | UUID | Decimal | dt.date | dt.datetime

# The session's settings that make the text unambiguous; `typed` relies on them.
TEXT_SETTINGS = "-c datestyle=ISO,YMD -c timezone=UTC -c extra_float_digits=3 -c bytea_output=hex"


class ValueNotSent(Broken):
    """A column's value is not in this change: a wide value that was left as it was, or no such column."""


def _timestamp(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


_TYPES: dict[int, Callable[[str], Typed]] = {
    16: lambda text: text == "t",
    17: lambda text: bytes.fromhex(text[2:]),
    20: int,
    21: int,
    23: int,
    26: int,
    700: float,
    701: float,
    1082: dt.date.fromisoformat,
    1114: _timestamp,
    1184: _timestamp,
    1700: Decimal,
    2950: UUID,
}


def typed(value: bytes, type_oid: int) -> Typed:
    """The value of a column of this built-in type; text where the type is none of those known here.

    Raises ValueError for what Python has no value for (dates before Christ, infinity).
    """
    text = value.decode()
    read = _TYPES.get(type_oid)
    return read(text) if read else text


class Row(msgspec.Struct, frozen=True):
    """A row of a change; `row["name"]` is its typed value."""

    columns: tuple[Column, ...]
    values: Values

    def __getitem__(self, name: str) -> Typed | None:
        value = self.raw(name)
        if isinstance(value, Unchanged):
            raise _not_sent(name)
        return None if value is None else typed(value, self._column(name).type_oid)

    def raw(self, name: str) -> Value:
        """The value as the server sent it: text, NULL, or the mark that it was left unchanged."""
        return self.values[self.columns.index(self._column(name))]

    def in_key(self, name: str) -> bool:
        """Whether the column is of the table's replica identity."""
        return self._column(name).in_key

    def _column(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise _not_sent(name)


def key_of(row: Row) -> tuple[str, ...]:
    """The texts of the row's key columns."""
    pairs = zip(row.columns, row.values, strict=True)
    return tuple(value.decode() for column, value in pairs if column.in_key and isinstance(value, bytes))


def _not_sent(name: str) -> ValueNotSent:
    return ValueNotSent(
        f"Значения столбца {name} нет в изменении: оно не менялось или не публикуется. Прочтите строку из базы.",
        f"The value of column {name} is not in the change: left as it was or not published. Read the row itself.",
    )


class StoredColumn(msgspec.Struct, frozen=True, omit_defaults=True):
    """A column of a row kept as JSON: `text` None with `unchanged` false is NULL."""

    name: str
    type_oid: int
    text: str | None = None
    unchanged: bool = False
    in_key: bool = False


def stored(row: Row) -> tuple[StoredColumn, ...]:
    """The row in a form that JSON can keep."""
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


def restored(columns: tuple[StoredColumn, ...]) -> Row:
    """The row that `stored` kept."""
    return Row(
        tuple(Column(column.name, column.type_oid, -1, column.in_key) for column in columns),
        tuple(_restored_value(column) for column in columns),
    )


def _restored_value(column: StoredColumn) -> Value:
    if column.unchanged:
        return UNCHANGED
    return None if column.text is None else column.text.encode()
