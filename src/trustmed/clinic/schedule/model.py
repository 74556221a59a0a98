"""The doctors and rooms that can be booked, and their weekly hours."""

import datetime as dt
from typing import Literal
from uuid import UUID

import msgspec

from trustmed.booking.model import VisitKind

ResourceKind = Literal["doctor", "room"]


class Resource(msgspec.Struct, frozen=True):
    """A row of `booking.resource`. Only a doctor has `employee_id`; `speciality_code` is of dictionary 1002."""

    id: UUID
    kind: ResourceKind
    employee_id: UUID | None
    name: str
    speciality_code: str
    speciality: str
    room: str | None
    disabled_at: dt.datetime | None = None


class Candidate(msgspec.Struct, frozen=True):
    """An employee who is not on the schedule yet."""

    id: UUID
    name: str
    speciality_code: str
    speciality: str


class Speciality(msgspec.Struct, frozen=True):
    """A row of dictionary 1002, of the version in force."""

    code: str
    name: str


class NewHours(msgspec.Struct, frozen=True):
    """Weekly hours as entered: ISO `weekday` (Monday is 1), slots of `minutes` each, inclusive days of validity."""

    weekday: int
    starts: dt.time
    ends: dt.time
    minutes: int
    visit_kind: VisitKind
    valid_from: dt.date
    valid_to: dt.date | None = None
    room: str | None = None


class Hours(msgspec.Struct, frozen=True):
    """A row of `booking.schedule` joined with its resource. `room` is that of the hours, else that of the resource."""

    id: UUID
    resource_id: UUID
    kind: ResourceKind
    employee_id: UUID | None
    name: str
    weekday: int
    starts: dt.time
    ends: dt.time
    minutes: int
    visit_kind: VisitKind
    room: str | None
    valid_from: dt.date
    valid_to: dt.date | None

    def is_on(self, day: dt.date) -> bool:
        """Whether these hours apply on a day."""
        is_valid = self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)
        return is_valid and day.isoweekday() == self.weekday


class SlotCounts(msgspec.Struct, frozen=True):
    """What making slots did: how many slots are new, and how many, new or not, went to the region."""

    made: int
    shared: int
