"""Drafts of dictionaries and their rows."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

KEY: Final = "CODE"
NAME: Final = "NAME"
PARENT: Final = "PARENT"


class DraftColumn(msgspec.Struct, frozen=True, rename={"title": "alias", "kind": "dataType"}):
    """A column as in a passport: its name, the title people read, and its type."""

    field: str
    title: str
    kind: str = "VARCHAR"


class Draft(msgspec.Struct, frozen=True):
    """A draft. `based_on`: the version last made from its rows (None: none yet). The counts compare rows with it."""

    oid: str
    title: str
    short_title: str | None
    has_levels: bool
    columns: tuple[DraftColumn, ...]
    based_on: str | None
    created_at: datetime
    created_by: str
    changed_at: datetime
    changed_by: str
    rows: int
    added: int
    changed: int
    withdrawn: int

    @property
    def is_changed(self) -> bool:
        return bool(self.added or self.changed or self.withdrawn)


class RowState(StrEnum):
    """How a row of a draft compares with the version the draft is based on."""

    SAME = "same"
    ADDED = "added"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"


class DraftRow(msgspec.Struct, frozen=True):
    """A row of a draft. `revision` grows with every change; a change names the revision its author saw."""

    key: str
    content: Mapping[str, str | None]
    state: RowState
    revision: int
    changed_at: datetime
    changed_by: str

    @property
    def name(self) -> str:
        return self.content.get(NAME) or self.key


class DraftPage(msgspec.Struct, frozen=True):
    """Rows in order of code; `next_after` is the code to continue after, None at the end."""

    rows: tuple[DraftRow, ...]
    next_after: str | None


class FileCounts(msgspec.Struct, frozen=True):
    """How many rows a file added to a draft, changed, withdrew and left the same."""

    added: int
    changed: int
    withdrawn: int
    same: int
