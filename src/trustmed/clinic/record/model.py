"""The record as a site shows it; what comes from the region is read leniently, for the region may be newer."""

import datetime as dt
from typing import Any, Literal
from uuid import UUID

import msgspec

Ground = Literal["treatment", "consent", "break_glass"]


class Event(msgspec.Struct, frozen=True):
    """One line of the timeline. `arrived_at`: when the region got it; None where it has not, or does not say."""

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
    """A part of the region that did not answer, and whose rows it would have held."""

    part: str
    organizations: tuple[int, ...] = ()


class Summary(msgspec.Struct, frozen=True):
    """What to know before reading on."""

    diagnoses: tuple[Event, ...] = ()
    allergies: tuple[Event, ...] = ()
    vitals: tuple[Event, ...] = ()


class Answer(msgspec.Struct, frozen=True):
    """A page of the region's answer, newest first; `after` leads to the next."""

    events: tuple[Event, ...]
    after: str | None = None
    missing: tuple[Missing, ...] = ()
    summary: Summary | None = None


class Reason(msgspec.Struct, frozen=True):
    """On what ground the record is opened; `detail` is the visit's day, or the typed reason of a break-glass."""

    ground: Ground
    detail: str | None = None


class Wanted(msgspec.Struct, frozen=True):
    """What the reader narrows the timeline by; days are local."""

    kinds: tuple[str, ...] = ()
    since: dt.date | None = None
    until: dt.date | None = None
    text: str = ""
    after: str | None = None

    @property
    def is_narrowed(self) -> bool:
        return bool(self.kinds or self.since or self.until or self.text)


class Shown(msgspec.Struct, frozen=True):
    """What the page shows. `region_away` says why the region is not in it, in the language of the request; `waiting`
    are documents that the region has not got yet.
    """

    events: tuple[Event, ...]
    missing: tuple[Missing, ...] = ()
    summary: Summary | None = None
    after: str | None = None
    region_away: str | None = None
    waiting: frozenset[UUID] = frozenset()
