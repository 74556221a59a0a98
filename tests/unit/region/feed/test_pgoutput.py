"""Messages of the stream: an encoded message is decoded; a cut or garbled one raises a named error."""

import contextlib
import datetime as dt
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustmed.feed.changes import Assembly, StreamOutOfOrder, from_json, to_json
from trustmed.wal.pgoutput import (
    UNCHANGED,
    Begin,
    Column,
    Commit,
    Delete,
    GarbledMessage,
    Insert,
    LogicalMessage,
    Message,
    Origin,
    Relation,
    Truncate,
    Type,
    Update,
    Values,
    decode,
    timestamp,
)
from trustmed.wal.values import Row, ValueNotSent

EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
OIDS = st.integers(0, 2**32 - 1)
LSNS = st.integers(0, 2**64 - 1)
TIMES = st.integers(-(10**15), 10**15).map(timestamp)
NAMES = st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1, max_size=12)
VALUES = st.lists(st.none() | st.just(UNCHANGED) | st.binary(max_size=40), max_size=6).map(tuple)
COLUMNS = st.builds(Column, NAMES, OIDS, st.integers(-(2**31), 2**31 - 1), st.booleans())
MESSAGES = st.one_of(
    st.builds(Begin, LSNS, TIMES, OIDS),
    st.builds(Commit, LSNS, LSNS, TIMES),
    st.builds(Origin, LSNS, NAMES),
    st.builds(Relation, OIDS, NAMES, NAMES, st.sampled_from("dnfi"), st.lists(COLUMNS, max_size=5).map(tuple)),
    st.builds(Type, OIDS, NAMES, NAMES),
    st.builds(Insert, OIDS, VALUES),
    st.builds(Update, OIDS, st.just(None), st.just(False), VALUES),
    st.builds(Update, OIDS, VALUES, st.booleans(), VALUES),
    st.builds(Delete, OIDS, VALUES, st.booleans()),
    st.builds(Truncate, st.lists(OIDS, max_size=4).map(tuple), st.booleans(), st.booleans()),
    st.builds(LogicalMessage, st.booleans(), LSNS, NAMES, st.binary(max_size=40)),
)


def micros(at: dt.datetime) -> int:
    return (at - EPOCH) // dt.timedelta(microseconds=1)


def text(name: str) -> bytes:
    return name.encode() + b"\0"


def row(values: Values) -> bytes:
    parts = [struct.pack(">H", len(values))]
    for value in values:
        if isinstance(value, bytes):
            parts.append(b"t" + struct.pack(">I", len(value)) + value)
        else:
            parts.append(b"n" if value is None else b"u")
    return b"".join(parts)


def encode_relation(relation: Relation) -> bytes:
    parts = [b"R", struct.pack(">I", relation.oid), text(relation.schema), text(relation.name)]
    parts += [relation.identity.encode(), struct.pack(">H", len(relation.columns))]
    for column in relation.columns:
        parts += [bytes([column.in_key]), text(column.name), struct.pack(">Ii", column.type_oid, column.modifier)]
    return b"".join(parts)


def encode_old_row(values: Values, key: bool) -> bytes:
    return (b"K" if key else b"O") + row(values)


def encode(message: Message) -> bytes:
    match message:
        case Begin(lsn, at, xid):
            return struct.pack(">cQqI", b"B", lsn, micros(at), xid)
        case Commit(lsn, end, at):
            return struct.pack(">cBQQq", b"C", 0, lsn, end, micros(at))
        case Origin(lsn, name):
            return struct.pack(">cQ", b"O", lsn) + text(name)
        case Relation():
            return encode_relation(message)
        case Type(oid, schema, name):
            return struct.pack(">cI", b"Y", oid) + text(schema) + text(name)
        case Insert(oid, new):
            return struct.pack(">cI", b"I", oid) + b"N" + row(new)
        case Update(oid, old, key, new):
            before = b"" if old is None else encode_old_row(old, key)
            return struct.pack(">cI", b"U", oid) + before + b"N" + row(new)
        case Delete(oid, old, key):
            return struct.pack(">cI", b"D", oid) + encode_old_row(old, key)
        case Truncate(oids, cascade, restart):
            return struct.pack(">cIB", b"T", len(oids), cascade + 2 * restart) + struct.pack(f">{len(oids)}I", *oids)
        case LogicalMessage(transactional, lsn, prefix, content):
            head = struct.pack(">cBQ", b"M", transactional, lsn)
            return head + text(prefix) + struct.pack(">I", len(content)) + content


@given(MESSAGES)
def test_an_encoded_message_is_decoded(message: Message) -> None:
    assert decode(encode(message)) == message


@given(MESSAGES, st.data())
def test_a_cut_message_raises_a_named_error(message: Message, data: st.DataObject) -> None:
    whole = encode(message)
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    with pytest.raises(GarbledMessage):
        decode(cut)


@given(MESSAGES, st.binary(min_size=1, max_size=4))
def test_a_message_with_a_tail_raises_a_named_error(message: Message, tail: bytes) -> None:
    with pytest.raises(GarbledMessage):
        decode(encode(message) + tail)


@given(st.binary(max_size=60))
def test_garbage_is_decoded_or_raises_a_named_error(garbage: bytes) -> None:
    with contextlib.suppress(GarbledMessage):
        assert encode(decode(garbage))[:1] == garbage[:1]


AT = dt.datetime(2026, 11, 5, tzinfo=dt.UTC)
PERSON = Relation(7, "mpi", "person", "d", (Column("id", 23, -1, True), Column("note", 25, -1, False)))


def test_changes_carry_the_commit_position_and_the_key() -> None:
    assembly = Assembly()
    assert assembly.take(PERSON) == []
    assembly.take(Begin(100, AT, 1))
    (insert,) = assembly.take(Insert(7, (b"5", None)))
    assembly.advance(10_000)
    assert assembly.position == 0, "inside a transaction nothing is passed"
    assembly.take(Commit(100, 148, AT))
    assert (insert.lsn, insert.at, insert.table, insert.kind, insert.key) == (100, AT, "mpi.person", "insert", ("5",))
    assert assembly.position == 148
    assembly.advance(90)
    assert assembly.position == 148


def test_an_unchanged_wide_value_that_was_not_sent_cannot_be_read() -> None:
    assembly = Assembly()
    assembly.take(PERSON)
    assembly.take(Begin(100, AT, 1))
    (update,) = assembly.take(Update(7, None, False, (b"5", UNCHANGED)))
    assert update.new is not None
    assert update.new["id"] == 5
    with pytest.raises(ValueNotSent):
        update.new["note"]
    with pytest.raises(ValueNotSent):
        update.new["no such column"]


def test_rows_out_of_order_are_refused() -> None:
    with pytest.raises(StreamOutOfOrder):
        Assembly().take(Insert(7, ()))
    assembly = Assembly()
    assembly.take(Begin(100, AT, 1))
    with pytest.raises(StreamOutOfOrder):
        assembly.take(Insert(7, ()))


TEXTS = st.none() | st.just(UNCHANGED) | st.text(st.characters(exclude_characters="\0", codec="utf-8")).map(str.encode)


@given(st.tuples(TEXTS, TEXTS), st.none() | st.tuples(TEXTS, TEXTS))
def test_a_parked_change_comes_back_whole(new: Values, old: Values | None) -> None:
    assembly = Assembly()
    assembly.take(PERSON)
    assembly.take(Begin(100, AT, 1))
    (change,) = assembly.take(Update(7, old, old is not None, new))
    back = from_json(to_json(change))
    assert (back.lsn, back.at, back.table, back.kind, back.key) == (100, AT, "mpi.person", "update", change.key)
    assert isinstance(back.new, Row)
    assert back.new.values == new
    assert (back.old.values if back.old else None) == old
