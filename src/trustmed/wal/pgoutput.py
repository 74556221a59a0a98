"""Messages of PostgreSQL's `pgoutput` plugin, protocol 4, as values (manual, "Logical Replication Message Formats").

Streaming of transactions in progress (Stream Start, Stop, Commit, Abort) is not asked for and not decoded: an effect
may run only after the commit, so we would have to spool the changes ourselves, which the server does already. Column
values stay the server's text; `values.typed_value` converts one when somebody needs it.
"""

import datetime as dt
import struct
from collections.abc import Callable
from enum import Enum

import msgspec

from trustmed.errors import Broken

_POSTGRES_EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


class GarbledMessage(Broken):
    """The server sent something that is not a message of the protocol."""


class Unchanged(Enum):
    """A wide (TOAST) value that an update did not touch: the server does not send it, and nobody may guess it."""

    UNCHANGED = "unchanged"


UNCHANGED = Unchanged.UNCHANGED
Value = bytes | None | Unchanged
Values = tuple[Value, ...]


class Begin(msgspec.Struct, frozen=True):
    """A transaction begins. `commit_lsn` is where its commit record starts."""

    commit_lsn: int
    at: dt.datetime
    xid: int


class Commit(msgspec.Struct, frozen=True):
    """A transaction ends. `end_lsn` is where its commit record ends: a reader that got so far has all of it."""

    commit_lsn: int
    end_lsn: int
    at: dt.datetime


class Origin(msgspec.Struct, frozen=True):
    """The transaction came to the source from another server, through the replication origin `name`."""

    lsn: int
    name: str


class Column(msgspec.Struct, frozen=True):
    """A column of a relation. `in_key`: it belongs to the replica identity."""

    name: str
    type_oid: int
    modifier: int
    in_key: bool


class Relation(msgspec.Struct, frozen=True):
    """A table that changes refer to. `identity`: d (primary key), n (nothing), f (whole row), i (an index)."""

    oid: int
    schema: str
    name: str
    identity: str
    columns: tuple[Column, ...]


class Type(msgspec.Struct, frozen=True):
    """A data type that is not built in."""

    oid: int
    schema: str
    name: str


class Insert(msgspec.Struct, frozen=True):
    relation: int
    new: Values


class Update(msgspec.Struct, frozen=True):
    """`old` is None unless the key changed (then `old_is_key`: key columns only) or the whole row is the replica
    identity.
    """

    relation: int
    old: Values | None
    old_is_key: bool
    new: Values


class Delete(msgspec.Struct, frozen=True):
    relation: int
    old: Values
    old_is_key: bool


class Truncate(msgspec.Struct, frozen=True):
    relations: tuple[int, ...]
    cascade: bool
    restart_identity: bool


class LogicalMessage(msgspec.Struct, frozen=True):
    """A message written by `pg_logical_emit_message`."""

    transactional: bool
    lsn: int
    prefix: str
    content: bytes


Message = Begin | Commit | Origin | Relation | Type | Insert | Update | Delete | Truncate | LogicalMessage


def decode(data: bytes) -> Message:
    """Decode one message. Raises GarbledMessage."""
    try:
        reader = _READERS[data[:1]]
    except KeyError:
        raise _garbled(data, f"unknown kind {data[:1]!r}") from None
    try:
        message, end = reader(data)
    except (struct.error, IndexError, ValueError, OverflowError) as error:
        raise _garbled(data, str(error)) from error
    if end != len(data):
        raise _garbled(data, f"{len(data) - end} bytes left over")
    return message


def timestamp(microseconds: int) -> dt.datetime:
    """Return the time, in UTC, that PostgreSQL counts in microseconds since the beginning of 2000."""
    return _POSTGRES_EPOCH + dt.timedelta(microseconds=microseconds)


def _garbled(data: bytes, why: str) -> GarbledMessage:
    what = f"{data[:1]!r}, {len(data)}"
    return GarbledMessage(
        f"Поток изменений повреждён: {why} (сообщение {what} байт). Нужен PostgreSQL 17 или новее.",
        f"The change stream is garbled: {why} (message {what} bytes). PostgreSQL 17 or later is needed.",
    )


_BEGIN = struct.Struct(">QqI")
_COMMIT = struct.Struct(">BQQq")
_INT = struct.Struct(">I")
_SHORT = struct.Struct(">H")
_COLUMN = struct.Struct(">Ii")
_TRUNCATE = struct.Struct(">IB")
_MESSAGE = struct.Struct(">BQ")
_LSN = struct.Struct(">Q")

# Kinds of column values, and bits of flags, by the protocol.
_TEXT, _NULL, _LEFT_UNCHANGED = b"tnu"
_COLUMN_IN_KEY = 1
_CASCADE, _RESTART_IDENTITY = 1, 2
_EMPTY_SCHEMA = "pg_catalog"  # the protocol sends an empty name for it


def _string(data: bytes, at: int) -> tuple[str, int]:
    end = data.index(b"\0", at)
    return data[at:end].decode(), end + 1


def _bytes(data: bytes, at: int) -> tuple[bytes, int]:
    (length,) = _INT.unpack_from(data, at)
    end = at + 4 + length
    if end > len(data):
        raise ValueError(f"a value of {length} bytes runs past the end")
    return data[at + 4 : end], end


def _expect(data: bytes, at: int, byte: bytes) -> int:
    """Return the place after `byte`, which must stand at `at`."""
    if data[at : at + 1] != byte:
        raise ValueError(f"{byte!r} expected at {at}")
    return at + 1


def _values(data: bytes, at: int) -> tuple[Values, int]:
    (count,) = _SHORT.unpack_from(data, at)
    at += 2
    values: list[Value] = []
    for _ in range(count):
        kind = data[at]
        at += 1
        if kind == _TEXT:
            value, at = _bytes(data, at)
            values.append(value)
        elif kind == _NULL:
            values.append(None)
        elif kind == _LEFT_UNCHANGED:
            values.append(UNCHANGED)
        else:
            raise ValueError(f"value kind {kind:#x} (binary is not asked for)")
    return tuple(values), at


def _begin(data: bytes) -> tuple[Message, int]:
    lsn, at, xid = _BEGIN.unpack_from(data, 1)
    return Begin(lsn, timestamp(at), xid), 1 + _BEGIN.size


def _commit(data: bytes) -> tuple[Message, int]:
    _flags, lsn, end_lsn, at = _COMMIT.unpack_from(data, 1)
    return Commit(lsn, end_lsn, timestamp(at)), 1 + _COMMIT.size


def _origin(data: bytes) -> tuple[Message, int]:
    (lsn,) = _LSN.unpack_from(data, 1)
    name, end = _string(data, 9)
    return Origin(lsn, name), end


def _relation(data: bytes) -> tuple[Message, int]:
    (oid,) = _INT.unpack_from(data, 1)
    schema, at = _string(data, 5)
    name, at = _string(data, at)
    identity = chr(data[at])
    (count,) = _SHORT.unpack_from(data, at + 1)
    at += 3
    columns: list[Column] = []
    for _ in range(count):
        flags = data[at]
        column, at = _string(data, at + 1)
        type_oid, modifier = _COLUMN.unpack_from(data, at)
        at += _COLUMN.size
        columns.append(Column(column, type_oid, modifier, bool(flags & _COLUMN_IN_KEY)))
    return Relation(oid, schema or _EMPTY_SCHEMA, name, identity, tuple(columns)), at


def _type(data: bytes) -> tuple[Message, int]:
    (oid,) = _INT.unpack_from(data, 1)
    schema, at = _string(data, 5)
    name, at = _string(data, at)
    return Type(oid, schema or _EMPTY_SCHEMA, name), at


def _insert(data: bytes) -> tuple[Message, int]:
    (oid,) = _INT.unpack_from(data, 1)
    new, at = _values(data, _expect(data, 5, b"N"))
    return Insert(oid, new), at


def _update(data: bytes) -> tuple[Message, int]:
    (oid,) = _INT.unpack_from(data, 1)
    mark, at = data[5:6], 5
    old = None
    if mark in (b"K", b"O"):
        old, at = _values(data, 6)
    new, at = _values(data, _expect(data, at, b"N"))
    return Update(oid, old, mark == b"K", new), at


def _delete(data: bytes) -> tuple[Message, int]:
    (oid,) = _INT.unpack_from(data, 1)
    mark = data[5:6]
    if mark not in (b"K", b"O"):
        raise ValueError(f"old row expected, not {mark!r}")
    old, at = _values(data, 6)
    return Delete(oid, old, mark == b"K"), at


def _truncate(data: bytes) -> tuple[Message, int]:
    count, options = _TRUNCATE.unpack_from(data, 1)
    end = 6 + 4 * count
    if end > len(data):
        raise ValueError(f"{count} relations do not fit")
    relations = struct.unpack_from(f">{count}I", data, 6)
    return Truncate(relations, bool(options & _CASCADE), bool(options & _RESTART_IDENTITY)), end


def _message(data: bytes) -> tuple[Message, int]:
    transactional, lsn = _MESSAGE.unpack_from(data, 1)
    prefix, at = _string(data, 10)
    content, at = _bytes(data, at)
    return LogicalMessage(bool(transactional), lsn, prefix, content), at


_READERS: dict[bytes, Callable[[bytes], tuple[Message, int]]] = {
    b"B": _begin,
    b"C": _commit,
    b"O": _origin,
    b"R": _relation,
    b"Y": _type,
    b"I": _insert,
    b"U": _update,
    b"D": _delete,
    b"T": _truncate,
    b"M": _message,
}
