"""Slots, bookings and requests, the same for both sides."""

import datetime as dt
from typing import Literal
from uuid import UUID

import msgspec

FIRST_YEAR, LAST_YEAR = 2000, 2100

VisitKind = Literal["first", "repeat", "any"]
Channel = Literal["registrar", "call_centre", "portal", "federal"]
Ended = Literal["cancelled", "moved"]
Side = Literal["site", "region"]
"""The side that made a booking or owns a slot. Only that side changes the rows."""


class Slot(msgspec.Struct, frozen=True):
    """A time with a doctor or in a room. All times carry a zone."""

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
        """Return the local day of the slot, [midnight, midnight), in the time zone of this program."""
        first = self.starts_at.astimezone().date()
        return local_day(first)


class BookingRequest(msgspec.Struct, frozen=True):
    """A request to book a slot. The asker makes `request_id`: a request sent again with it gets the same booking.

    `allowed` says, in the booker's words, why the patient may have two bookings at one time, or two with one speciality
    on one day; None applies both rules.
    """

    slot_id: UUID
    request_id: UUID
    channel: Channel
    by: str
    by_name: str
    allowed: str | None = None


class Booking(msgspec.Struct, frozen=True):
    """A booking in its present state. `side` is the one that made it."""

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


def is_schedulable(day: dt.date) -> bool:
    """Whether a schedule may have the day: time zones have no rules for far years, and year 9999 has no next day."""
    return FIRST_YEAR <= day.year <= LAST_YEAR


def local_day(day: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """Return the moments at which a local day begins and ends."""
    begins = dt.datetime.combine(day, dt.time.min).astimezone()
    return begins, dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min).astimezone()
