"""Whom one books with, and weekly hours."""

import datetime as dt
from typing import Literal
from uuid import UUID

import msgspec

from trustmed.booking.model import VisitKind

ResourceKind = Literal["doctor", "room"]


class Resource(msgspec.Struct, frozen=True):
    """A row of `booking.resource`. `employee_id` is a doctor's; `speciality_code` of dictionary 1002."""

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
    """A row of dictionary 1002 in force."""

    code: str
    name: str


class NewHours(msgspec.Struct, frozen=True):
    """Weekly hours as entered: `weekday` of ISO (Monday is 1), slots of `minutes` each, days inclusive."""

    weekday: int
    starts: dt.time
    ends: dt.time
    minutes: int
    visit_kind: VisitKind
    valid_from: dt.date
    valid_to: dt.date | None = None
    room: str | None = None


class Hours(msgspec.Struct, frozen=True):
    """A row of `booking.schedule` with whose it is. `room` is the hours' own, else the resource's."""

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
        """Whether they hold on a day."""
        is_valid = self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)
        return is_valid and day.isoweekday() == self.weekday


class Made(msgspec.Struct, frozen=True):
    """What making slots did: how many are new, how many of them and others went to the region."""

    made: int
    shared: int
