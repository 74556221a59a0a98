"""Make changes of rows, in commit order, from messages of the stream; store them as JSON."""

import datetime as dt
from typing import Literal

import msgspec

from trustmed.errors import Broken
from trustmed.wal.pgoutput import (
    Begin,
    Commit,
    Delete,
    Insert,
    Message,
    Relation,
    Truncate,
    Update,
    Values,
)
from trustmed.wal.values import Row, StoredColumn, key_texts, restored_row, stored_columns


class StreamOutOfOrder(Broken):
    """A row came outside a transaction, or of a relation that was never described."""


class Change(msgspec.Struct, frozen=True):
    """One committed change of one row. `lsn`: where its transaction's commit record starts; `at`: the time of commit.

    `key` holds the texts of the replica identity. `old` is there only if the server sent it (see `pgoutput.Update`).
    A truncation has neither key nor rows.
    """

    lsn: int
    at: dt.datetime
    table: str
    kind: Literal["insert", "update", "delete", "truncate"]
    key: tuple[str, ...] = ()
    new: Row | None = None
    old: Row | None = None


class Assembly:
    """Turns messages into changes. `position`: all changes committed before it have been returned."""

    def __init__(self, position: int = 0) -> None:
        self.position = position
        self.relations: dict[int, Relation] = {}
        self.current: Begin | None = None

    def take(self, message: Message) -> list[Change]:
        """Take a message; return the changes it brings. Raises StreamOutOfOrder."""
        match message:
            case Insert() | Update() | Delete() | Truncate():
                return self._changes(message)
            case Begin():
                self.current = message
            case Commit():
                self.current = None
                self.position = max(self.position, message.end_lsn)
            case Relation():
                self.relations[message.oid] = message
        return []

    def advance(self, wal_end: int) -> None:
        """Advance the position: the server has sent all that was committed before `wal_end`."""
        if self.current is None:
            self.position = max(self.position, wal_end)

    def _changes(self, message: Insert | Update | Delete | Truncate) -> list[Change]:
        if self.current is None:
            raise _out_of_order(f"{type(message).__name__} outside a transaction")
        if isinstance(message, Truncate):
            return [self._change("truncate", self._relation(oid)) for oid in message.relations]
        relation = self._relation(message.relation)
        if isinstance(message, Insert):
            return [self._change("insert", relation, new=message.new)]
        if isinstance(message, Update):
            return [self._change("update", relation, new=message.new, old=message.old)]
        return [self._change("delete", relation, old=message.old)]

    def _change(
        self,
        kind: Literal["insert", "update", "delete", "truncate"],
        relation: Relation,
        new: Values | None = None,
        old: Values | None = None,
    ) -> Change:
        if self.current is None:
            raise _out_of_order(f"{kind} outside a transaction")
        new_row = None if new is None else Row(relation.columns, new)
        old_row = None if old is None else Row(relation.columns, old)
        row = new_row or old_row
        return Change(
            lsn=self.current.commit_lsn,
            at=self.current.at,
            table=f"{relation.schema}.{relation.name}",
            kind=kind,
            key=key_texts(row) if row else (),
            new=new_row,
            old=old_row,
        )

    def _relation(self, oid: int) -> Relation:
        try:
            return self.relations[oid]
        except KeyError:
            raise _out_of_order(f"relation {oid} was never described") from None


class StoredChange(msgspec.Struct, frozen=True):
    """A change in a form that JSON can hold."""

    lsn: int
    at: dt.datetime
    table: str
    kind: Literal["insert", "update", "delete", "truncate"]
    key: tuple[str, ...]
    new: tuple[StoredColumn, ...] | None = None
    old: tuple[StoredColumn, ...] | None = None


def to_json(change: Change) -> str:
    """Return the whole change as JSON text."""
    return msgspec.json.encode(
        StoredChange(
            change.lsn,
            change.at,
            change.table,
            change.kind,
            change.key,
            stored_columns(change.new) if change.new else None,
            stored_columns(change.old) if change.old else None,
        )
    ).decode()


def from_json(text: str | bytes) -> Change:
    """Return the change that `to_json` was given. Raises msgspec.ValidationError."""
    stored = msgspec.json.decode(text, type=StoredChange)
    return Change(
        stored.lsn,
        stored.at,
        stored.table,
        stored.kind,
        stored.key,
        restored_row(stored.new) if stored.new is not None else None,
        restored_row(stored.old) if stored.old is not None else None,
    )


def _out_of_order(what: str) -> StreamOutOfOrder:
    return StreamOutOfOrder(
        f"Поток изменений нарушен: {what}. Лента переподключится и прочтёт его заново.",
        f"The change stream is out of order: {what}. The feed reconnects and reads it again.",
    )
