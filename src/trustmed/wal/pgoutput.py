"""Messages of PostgreSQL's `pgoutput` plugin, protocol 4, as values (manual, "Logical Replication Message Formats").

Transactions in progress (Stream Start, Stop, Commit, Abort) are not asked for, hence not decoded: an effect may run
only after the commit, so we should have to spool them ourselves, which the server does already. Column values stay
the server's text; `values.typed` reads one when it is wanted.
"""

import datetime as dt
import struct
from collections.abc import Callable
from enum import Enum

import msgspec

from trustmed.errors import Broken

_POSTGRES_EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


class GarbledMessage(Broken):
    """What the server sent is not a message of the protocol."""


class Unchanged(Enum):
    """A wide value (TOAST) that an update left as it was: the server does not send it, and nobody may guess it."""

    UNCHANGED = "unchanged"


UNCHANGED = Unchanged.UNCHANGED
Value = bytes | None | Unchanged
Values = tuple[Value, ...]


class Begin(msgspec.Struct, frozen=True):
    """`commit_lsn` is where the transaction's commit record starts."""

    commit_lsn: int
    at: dt.datetime
    xid: int


class Commit(msgspec.Struct, frozen=True):
    """`end_lsn` is where the commit record ends: having that, one has the transaction whole."""

    commit_lsn: int
    end_lsn: int
    at: dt.datetime


class Origin(msgspec.Struct, frozen=True):
    lsn: int
    name: str


class Column(msgspec.Struct, frozen=True):
    name: str
    type_oid: int
    modifier: int
    in_key: bool


class Relation(msgspec.Struct, frozen=True):
    """`identity` is the replica identity: d (key), n (nothing), f (whole row), i (an index)."""

    oid: int
    schema: str
    name: str
    identity: str
    columns: tuple[Column, ...]


class Type(msgspec.Struct, frozen=True):
    oid: int
    schema: str
    name: str


class Insert(msgspec.Struct, frozen=True):
    relation: int
    new: Values


class Update(msgspec.Struct, frozen=True):
    """`old` is None unless the key changed (then `old_is_key`: key columns only) or the whole row is the identity."""

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
    """What `pg_logical_emit_message` wrote."""

    transactional: bool
    lsn: int
    prefix: str
    content: bytes


Message = Begin | Commit | Origin | Relation | Type | Insert | Update | Delete | Truncate | LogicalMessage


def decode(data: bytes) -> Message:
    """One message. Raises GarbledMessage."""
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
    """PostgreSQL's count of microseconds since 2000 as a time in UTC."""
    return _POSTGRES_EPOCH + dt.timedelta(microseconds=microseconds)


def _garbled(data: bytes, why: str) -> GarbledMessage:
    what = f"{data[:1]!r}, {len(data)}"
    return GarbledMessage(
        f"Поток изменений испорчен: {why} (сообщение {what} байт). Проверьте, что PostgreSQL источника 17 или новее.",
        f"The change stream is garbled: {why} (message {what} bytes). Check that its PostgreSQL is 17 or later.",
    )


_BEGIN = struct.Struct(">QqI")
_COMMIT = struct.Struct(">BQQq")
_INT = struct.Struct(">I")
_SHORT = struct.Struct(">H")
_COLUMN = struct.Struct(">Ii")
_TRUNCATE = struct.Struct(">IB")
_MESSAGE = struct.Struct(">BQ")
_LSN = struct.Struct(">Q")


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
        if kind == 0x74:  # t
            value, at = _bytes(data, at)
            values.append(value)
        elif kind == 0x6E:  # n
            values.append(None)
        elif kind == 0x75:  # u
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
        columns.append(Column(column, type_oid, modifier, bool(flags & 1)))
    return Relation(oid, schema or "pg_catalog", name, identity, tuple(columns)), at


def _type(data: bytes) -> tuple[Message, int]:
    (oid,) = _INT.unpack_from(data, 1)
    schema, at = _string(data, 5)
    name, at = _string(data, at)
    return Type(oid, schema or "pg_catalog", name), at


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
    return Truncate(struct.unpack_from(f">{count}I", data, 6), bool(options & 1), bool(options & 2)), end


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
