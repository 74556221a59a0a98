"""The record as a site shows it. The region's answers are decoded leniently, because its version may be newer."""

import datetime as dt
from typing import Any, Literal
from uuid import UUID

import msgspec

Ground = Literal["treatment", "consent", "break_glass"]


class Event(msgspec.Struct, frozen=True):
    """One line of the timeline. `arrived_at`: when it reached the region; None if not yet, or if that is not told."""

    kind: str
    at: dt.datetime
    title: str
    organization_id: int
    code: str | None = None
    text: str | None = None
    value: str | None = None
    unit: str | None = None
    abnormal: str | None = None
    document_id: UUID | None = None
    arrived_at: dt.datetime | None = None
    detail: dict[str, Any] | None = None


class Missing(msgspec.Struct, frozen=True):
    """A part of the region that did not answer, and the organisations whose rows it holds."""

    part: str
    organizations: tuple[int, ...] = ()


class Summary(msgspec.Struct, frozen=True):
    """What to know before reading on."""

    diagnoses: tuple[Event, ...] = ()
    allergies: tuple[Event, ...] = ()
    vitals: tuple[Event, ...] = ()


class Taken(msgspec.Struct, frozen=True):
    """The ground as the region took it. `narrow`: by a new visit only what an emergency needs is open."""

    verified: bool = True
    narrow: bool = False


class Answer(msgspec.Struct, frozen=True):
    """A page of the region's answer, the newest first; `after` leads to the next page."""

    events: tuple[Event, ...]
    after: str | None = None
    missing: tuple[Missing, ...] = ()
    summary: Summary | None = None
    ground: Taken = Taken()


class Reason(msgspec.Struct, frozen=True):
    """The ground on which the record is opened. `detail` is the visit's day, or the typed reason for a break-glass."""

    ground: Ground
    detail: str | None = None


class Filters(msgspec.Struct, frozen=True):
    """The reader's filter of the timeline; days are local."""

    kinds: tuple[str, ...] = ()
    since: dt.date | None = None
    until: dt.date | None = None
    text: str = ""
    after: str | None = None

    @property
    def is_narrowed(self) -> bool:
        return bool(self.kinds or self.since or self.until or self.text)


class TimelinePage(msgspec.Struct, frozen=True):
    """What the page shows. `region_away` says why the region's part is missing, in the language of the request.

    `waiting` holds the documents that have not reached the region yet. `offers_emergency`: the region cannot check the
    ground just now, so the page offers to go on without it.
    """

    events: tuple[Event, ...]
    missing: tuple[Missing, ...] = ()
    summary: Summary | None = None
    after: str | None = None
    region_away: str | None = None
    waiting: frozenset[UUID] = frozenset()
    offers_emergency: bool = False
    taken: Taken = Taken()
