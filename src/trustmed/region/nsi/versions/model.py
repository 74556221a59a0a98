"""Dictionaries, versions, differences and their spread, as services return them."""

from datetime import datetime
from enum import StrEnum

import msgspec


class DictionaryLine(msgspec.Struct, frozen=True):
    """A dictionary in a list. `rows`: of the version in force, else of the newest. `is_own`: it is the region's own."""

    oid: str
    title: str
    short_title: str | None
    is_own: bool
    aliases: list[str]
    current_version: str | None
    newest_version: str | None
    versions: int
    rows: int
    published_at: datetime | None

    @property
    def has_unpublished(self) -> bool:
        """Whether a newer version than the one in force is held."""
        return self.newest_version is not None and self.newest_version != self.current_version


class Column(msgspec.Struct, frozen=True):
    """A column as the passport describes it. `kind` is its dataType: VARCHAR, INTEGER, DATETIME …"""

    field: str
    title: str
    kind: str


class VersionLine(msgspec.Struct, frozen=True):
    """A version held. `released_at`: when its keeper released it, without a zone. `is_extract`: only some of its
    rows are held, such as those of the built-in set.
    """

    oid: str
    version: str
    title: str
    released_at: datetime | None
    rows: int
    key_column: str
    code_column: str
    name_column: str
    parent_column: str | None
    columns: tuple[Column, ...]
    source: str
    imported_at: datetime
    imported_by: str
    is_current: bool
    is_extract: bool


class Publication(msgspec.Struct, frozen=True):
    """A change of the version in force. `kind`: published, rolled_back. `before_version` is None for the first."""

    oid: str
    version: str
    before_version: str | None
    at: datetime
    kind: str
    author: str
    reason: str | None


class ChangeKind(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"


class ColumnChange(msgspec.Struct, frozen=True):
    """A value before and after; None: no value."""

    column: str
    before: str | None
    after: str | None


class RowChange(msgspec.Struct, frozen=True):
    """A row that differs between two versions. `columns`: what changed in it (empty for added and withdrawn rows)."""

    kind: ChangeKind
    key: str
    code: str | None
    name: str
    columns: tuple[ColumnChange, ...] = ()


class Difference(msgspec.Struct, frozen=True):
    """How `after` differs from `before` (None: there was nothing before).

    A row counts as changed if a column that both versions have differs in it. `changed_columns`: column -> number of
    rows. `rows`: the first few of each kind, by key.
    """

    oid: str
    before: str | None
    after: str
    added: int
    changed: int
    withdrawn: int
    changed_columns: dict[str, int]
    columns_added: tuple[str, ...]
    columns_withdrawn: tuple[str, ...]
    rows: tuple[RowChange, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.changed or self.withdrawn or self.columns_added or self.columns_withdrawn)


class Holding(msgspec.Struct, frozen=True):
    """The version of a dictionary that a site's own database points at, and since when."""

    oid: str
    version: str
    since: datetime


class SiteSpread(msgspec.Struct, frozen=True):
    """What a site was last seen to hold. `seen_at` None: it has never answered. `behind`: OIDs of dictionaries whose
    version there is not the one in force at the region.
    """

    site: str
    title: str
    seen_at: datetime | None
    holdings: tuple[Holding, ...]
    behind: tuple[str, ...]

    def version_of(self, oid: str) -> str | None:
        """Return the site's version in force; None if it has none or was never seen."""
        return next((holding.version for holding in self.holdings if holding.oid == oid), None)


class EntryLine(msgspec.Struct, frozen=True):
    """A row of a version. `content` has every column as its keeper gave it."""

    key: str
    code: str | None
    name: str
    parent_key: str | None
    content: dict[str, str | None]


class EntryPage(msgspec.Struct, frozen=True):
    """Rows in order of key. `next_after` is the key to continue after; None: this was the last page."""

    entries: tuple[EntryLine, ...]
    next_after: str | None
