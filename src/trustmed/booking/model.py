"""Slots and bookings as both sides speak of them."""

import datetime as dt
from typing import Literal
from uuid import UUID

import msgspec

VisitKind = Literal["first", "repeat", "any"]
Channel = Literal["registrar", "call_centre", "portal", "federal"]
Ended = Literal["cancelled", "moved"]
Side = Literal["site", "region"]
"""Which side made a booking, or owns a slot: only that side changes its rows."""


class Slot(msgspec.Struct, frozen=True):
    """A time with a doctor or in a room. Times carry a zone."""

    organization_id: int
    id: UUID
    resource_id: UUID
    starts_at: dt.datetime
    ends_at: dt.datetime
    visit_kind: VisitKind
    speciality_code: str
    speciality: str
    name: str
    room: str | None = None

    @property
    def day(self) -> tuple[dt.datetime, dt.datetime]:
        """The local day of the slot, [midnight, midnight), by the clock of this program's zone."""
        first = self.starts_at.astimezone().date()
        return local_day(first)


class Asked(msgspec.Struct, frozen=True):
    """What is wanted. `request_id` is the asker's: the same one sent again is the same booking.

    `allowed`: why the rules of one time and of one speciality a day are set aside, in the booker's words.
    """

    slot_id: UUID
    request_id: UUID
    channel: Channel
    by: str
    by_name: str
    allowed: str | None = None


class Booking(msgspec.Struct, frozen=True):
    """A booking as it stands. `side` is who made it."""

    organization_id: int
    id: UUID
    side: Side
    slot_id: UUID
    resource_id: UUID
    starts_at: dt.datetime
    ends_at: dt.datetime
    speciality: str
    name: str
    room: str | None
    channel: Channel
    booked_by_name: str
    booked_at: dt.datetime
    ended_at: dt.datetime | None = None
    ended_how: Ended | None = None
    ended_by_name: str | None = None
    ended_why: str | None = None


def is_near(day: dt.date) -> bool:
    """Whether a schedule can be about the day: of far years no zone has rules, and the last has no morrow."""
    return 2000 <= day.year <= 2100


def local_day(day: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """The moments a local day begins and ends."""
    begins = dt.datetime.combine(day, dt.time.min).astimezone()
    return begins, dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min).astimezone()
