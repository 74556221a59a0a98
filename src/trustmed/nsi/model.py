"""What is asked of dictionaries, and what they answer."""

import datetime as dt
from typing import Final, Literal

import msgspec

MOST: Final = 20
LONGEST_LINE: Final = 200

Why = Literal["code", "code_begins", "name_begins", "word_begins", "contains", "listed"]
"""Why a row is in the answer, the best reason first; `listed`: nothing was typed."""

REASONS: Final[tuple[Why, ...]] = ("code", "code_begins", "name_begins", "word_begins", "contains", "listed")


class Query(msgspec.Struct, frozen=True):
    """`line`: what was typed; `oid`: one dictionary, by its OID or another it is known by (None: all of them).

    `parent`: only rows right under the row of this key (needs `oid`). `on`: as of the end of that day (None: now).
    `codes`: only rows whose whole code matches this regular expression (None: any row).
    """

    line: str = ""
    oid: str | None = None
    parent: str | None = None
    on: dt.date | None = None
    limit: int = MOST
    codes: str | None = None


class Edition(msgspec.Struct, frozen=True):
    """A dictionary in the version that is meant. `since`: when that version was published here, or, where nothing was
    yet published here on the day asked for, when its keeper gave it out (then not `is_published`).
    """

    oid: str
    title: str
    version: str
    since: dt.datetime | None
    is_published: bool = True


class Row(msgspec.Struct, frozen=True):
    """A row of a dictionary. `key` names it within the version, `code` is what documents carry (None: none do).

    `is_past`: kept only for what was written with it.
    """

    oid: str
    version: str
    key: str
    code: str | None
    name: str
    parent_key: str | None
    is_past: bool
    has_children: bool = False
    why: Why = "listed"


class Answer(msgspec.Struct, frozen=True):
    """The best rows first, the dictionaries they are from, in the versions they are from.

    `path`: from the root down to the parent that was asked about. `read_as`: how the line was understood where that is
    not as it was typed (another keyboard layout). `has_more`: there are rows that did not fit.
    """

    rows: tuple[Row, ...]
    editions: tuple[Edition, ...]
    path: tuple[Row, ...] = ()
    read_as: str | None = None
    has_more: bool = False


class Field(msgspec.Struct, frozen=True):
    """A column of a row's card: `name` as in the dictionary, `title` as its passport calls it."""

    name: str
    title: str
    value: str


class Card(msgspec.Struct, frozen=True):
    """A row whole. `versions`: those held here that have a row of this key, the newest first."""

    edition: Edition
    row: Row
    fields: tuple[Field, ...]
    path: tuple[Row, ...]
    children: int
    versions: tuple["Seen", ...]


class Seen(msgspec.Struct, frozen=True):
    """The row of the same key in another version; `is_current`: that version is in force now."""

    version: str
    name: str
    released_at: dt.datetime | None
    published_at: dt.datetime | None
    is_current: bool
