"""Who is booked and what is free, as the region's booking speaks of them."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, Literal
from uuid import UUID

import msgspec

from trustmed.booking.model import VisitKind
from trustmed.region.booking.errors import CallerUnnamed


class Caller(msgspec.Struct, frozen=True):
    """The patient. `person_id`: of the index, if it knows them; `snils`: eleven digits.

    Without a name or birth date one can be looked for, not booked.
    """

    person_id: UUID | None
    surname: str
    given_name: str
    patronymic: str | None
    birth_date: dt.date | None
    snils: str | None = None
    phone: str | None = None

    def known(self) -> "Caller":
        """Return the caller with spaces tidied. Raises CallerUnnamed if nothing identifies them."""
        surname, given_name, patronymic, phone = (
            " ".join((text or "").split()) for text in (self.surname, self.given_name, self.patronymic, self.phone)
        )
        if not (self.person_id or self.snils or phone):
            raise CallerUnnamed
        return Caller(
            self.person_id, surname, given_name, patronymic or None, self.birth_date, self.snils or None, phone or None
        )

    def named(self) -> "Caller":
        """Return what `known` does, fit to be booked. Raises CallerUnnamed also if name or birth date is missing."""
        known = self.known()
        if not (known.surname and known.given_name and known.birth_date):
            raise CallerUnnamed
        return known

    def known_as(self) -> dict[str, Any]:
        """Return what identifies their bookings: parameters of booking.bookings_of."""
        return {
            "person_id": self.person_id,
            "snils": self.snils,
            "phone": self.phone,
            "surname": self.surname,
            "given_name": self.given_name,
            "birth_date": self.birth_date,
        }

    def locks(self) -> list[str]:
        """Return the names of the locks of the patient's bookings: one for each way to identify the patient."""
        names = (self.person_id, self.snils, None if self.person_id or self.snils else self.phone)
        return [person_lock(name) for name in names if name]


class FreeSlot(msgspec.Struct, frozen=True):
    """A slot the region can sell until `sell_until`. Times carry a zone."""

    organization_id: int
    slot_id: UUID
    resource_id: UUID
    kind: Literal["doctor", "room"]
    starts_at: dt.datetime
    ends_at: dt.datetime
    visit_kind: VisitKind
    speciality_code: str
    speciality: str
    name: str
    room: str | None
    sell_until: dt.datetime


class Speciality(msgspec.Struct, frozen=True, array_like=True):
    """What an organisation has free of a speciality: the nearest slot, and how many slots a day from `since` on."""

    organization_id: int
    code: str
    name: str
    nearest_at: dt.datetime
    nearest_slot_id: UUID
    since: dt.date
    by_day: tuple[int, ...]

    @property
    def count(self) -> int:
        return sum(self.by_day)

    def days(self) -> Iterable[tuple[dt.date, int]]:
        """Return local days with the number of free slots."""
        return ((self.since + dt.timedelta(days=number), count) for number, count in enumerate(self.by_day))


class SlotKey(msgspec.Struct, frozen=True, order=True):
    organization_id: int
    id: UUID


def person_lock(known_by: UUID | str) -> str:
    """Return the name of the advisory lock of a person (by id, СНИЛС or phone)."""
    return f"person:{known_by}"


def slot_lock(slot_id: UUID) -> str:
    """Return the name of the advisory lock of a slot."""
    return f"slot:{slot_id}"
