"""Queries over dictionaries and their answers."""

import datetime as dt
from typing import Final, Literal

import msgspec

MOST: Final = 20
LONGEST_LINE: Final = 200

Reason = Literal["code", "code_begins", "name_begins", "word_begins", "contains", "listed"]
"""Why a row is in the answer, the best reason first; `listed` means that nothing was typed."""

REASONS: Final[tuple[Reason, ...]] = ("code", "code_begins", "name_begins", "word_begins", "contains", "listed")


class Query(msgspec.Struct, frozen=True):
    """What a lookup asks for. `line` is what was typed; `oid` names one dictionary by any of its OIDs (None: all of
    them).

    `parent`: only rows directly under the row with this key (needs `oid`). `on`: as of the end of that day (None: now).
    `codes`: only rows whose whole code matches this regular expression (None: any row).
    """

    line: str = ""
    oid: str | None = None
    parent: str | None = None
    on: dt.date | None = None
    limit: int = MOST
    codes: str | None = None


class Edition(msgspec.Struct, frozen=True):
    """A dictionary in one version. `since` is when that version was published here. If nothing had been published
    here by the day asked for, it is when the keeper released the version, and `is_published` is false.
    """

    oid: str
    title: str
    version: str
    since: dt.datetime | None
    is_published: bool = True


class Row(msgspec.Struct, frozen=True):
    """A row of a dictionary. `key` names it within the version; `code` is what documents carry (None: they never carry
    it).

    `is_past`: kept only for documents that were written with it.
    """

    oid: str
    version: str
    key: str
    code: str | None
    name: str
    parent_key: str | None
    is_past: bool
    has_children: bool = False
    why: Reason = "listed"


class Answer(msgspec.Struct, frozen=True):
    """The best rows first, with the dictionaries and versions they come from.

    `path` leads from the root down to the parent that was asked about. `read_as`: how the line was understood if not as
    typed (another keyboard layout). `has_more`: some rows did not fit.
    """

    rows: tuple[Row, ...]
    editions: tuple[Edition, ...]
    path: tuple[Row, ...] = ()
    read_as: str | None = None
    has_more: bool = False


class Field(msgspec.Struct, frozen=True):
    """A column of a row's card: `name` as in the dictionary, `title` as in its passport."""

    name: str
    title: str
    value: str


class Card(msgspec.Struct, frozen=True):
    """A whole row. `versions` lists the versions held here that have a row with this key, the newest first."""

    edition: Edition
    row: Row
    fields: tuple[Field, ...]
    path: tuple[Row, ...]
    children: int
    versions: tuple["Seen", ...]


class Seen(msgspec.Struct, frozen=True):
    """The row with the same key in another version; `is_current`: that version is in force now."""

    version: str
    name: str
    released_at: dt.datetime | None
    published_at: dt.datetime | None
    is_current: bool
