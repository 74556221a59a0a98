"""From messages of the stream to changes of rows, in commit order, in batches."""

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
    """A row outside a transaction, or of a relation never described."""


class Change(msgspec.Struct, frozen=True):
    """One committed change of one row. `lsn` is where its transaction's commit record starts; `at` the commit time.

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
    """Turns messages into changes. `position`: everything committed before it has been given out."""

    def __init__(self, position: int = 0) -> None:
        self.position = position
        self.relations: dict[int, Relation] = {}
        self.current: Begin | None = None

    def take(self, message: Message) -> list[Change]:
        """The changes this message brings. Raises StreamOutOfOrder."""
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

    def passed(self, wal_end: int) -> None:
        """The server says it has sent all that was committed before `wal_end`."""
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
    """A change in a form that JSON keeps."""

    lsn: int
    at: dt.datetime
    table: str
    kind: Literal["insert", "update", "delete", "truncate"]
    key: tuple[str, ...]
    new: tuple[StoredColumn, ...] | None = None
    old: tuple[StoredColumn, ...] | None = None


def to_json(change: Change) -> str:
    """The change as JSON text, whole."""
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
    """The change that `to_json` wrote. Raises msgspec.ValidationError."""
    kept = msgspec.json.decode(text, type=StoredChange)
    return Change(
        kept.lsn,
        kept.at,
        kept.table,
        kept.kind,
        kept.key,
        restored_row(kept.new) if kept.new is not None else None,
        restored_row(kept.old) if kept.old is not None else None,
    )


def _out_of_order(what: str) -> StreamOutOfOrder:
    return StreamOutOfOrder(
        f"Поток изменений нарушен: {what}. Лента переподключится и прочтёт его заново.",
        f"The change stream is out of order: {what}. The feed reconnects and reads it again.",
    )
