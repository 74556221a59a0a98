"""Find what can be booked: speciality, clinic, day, and the free slots of that day by clinic and doctor."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import msgspec

from trustmed.hot.copies import HotCopies
from trustmed.region.booking.model import FreeSlot, Speciality
from trustmed.region.booking.outline import AHEAD_DAYS
from trustmed.region.booking.service import free
from trustmed.region.pools import Pools
from trustmed.web.forms import number_or_none

MOST_CLINICS = 8


class Wish(msgspec.Struct, frozen=True):
    """What the operator looks for, nothing personal in it. `organization_id` None means all clinics."""

    speciality: str = ""
    organization_id: int | None = None
    day: dt.date | None = None


class Offer(msgspec.Struct, frozen=True):
    """A speciality, its number of free slots in the clinics, and the nearest of them."""

    code: str
    name: str
    count: int
    nearest: dt.datetime


class Day(msgspec.Struct, frozen=True):
    """A day and its number of free slots."""

    date: dt.date
    count: int


class DoctorSlots(msgspec.Struct, frozen=True):
    """A doctor's (or a room's) free slots of the day."""

    organization_id: int
    name: str
    speciality: str
    slots: tuple[FreeSlot, ...]


class Choice(msgspec.Struct, frozen=True):
    """Clinics with their numbers of free slots of the speciality, the days, and the slots of the chosen day.

    `unshown`: how many more clinics have slots that day, left out because the list would be too long.
    """

    wish: Wish
    clinics: dict[int, int]
    days: tuple[Day, ...]
    doctors: tuple[DoctorSlots, ...]
    unshown: int = 0


def wish_of(given: Mapping[str, str]) -> Wish:
    """Read the fields `speciality`, `clinic` and `day`; one that cannot be read is ignored."""
    try:
        day = dt.date.fromisoformat(given.get("day", ""))
    except ValueError:
        day = None
    return Wish(given.get("speciality", "")[:50], number_or_none(given.get("clinic", "")), day)


def offers(specialities: Iterable[Speciality], organization_id: int | None = None) -> tuple[Offer, ...]:
    """Return each speciality once, ordered by name."""
    found: dict[str, Offer] = {}
    for one in specialities:
        if organization_id in (None, one.organization_id):
            before = found.get(one.code)
            found[one.code] = Offer(
                one.code,
                one.name,
                one.count + (before.count if before else 0),
                min(one.nearest_at, before.nearest) if before else one.nearest_at,
            )
    return tuple(sorted(found.values(), key=lambda offer: (offer.name, offer.code)))


async def find_choice(pools: Pools, hot: HotCopies, wish: Wish, listed: Iterable[Speciality]) -> Choice:
    """Return what is free on the wished day, or else on the first day with slots.

    `listed`: all that can be booked. Slots of at most MOST_CLINICS clinics are returned. Raises PartMissing.
    """
    offered = [one for one in listed if one.code == wish.speciality]
    chosen = [one for one in offered if wish.organization_id in (None, one.organization_id)]
    today = dt.datetime.now().astimezone().date()
    counts = dict.fromkeys((today + dt.timedelta(days=number) for number in range(AHEAD_DAYS)), 0)
    for day, count in (pair for one in chosen for pair in one.days()):
        if day in counts:
            counts[day] += count
    day = wish.day if wish.day in counts else next((day for day, count in counts.items() if count), None)
    having = sorted((one for one in chosen if day and dict(one.days()).get(day)), key=lambda one: one.nearest_at)
    shown = having[:MOST_CLINICS]
    parts = [await free(pools, hot, one.organization_id, day, day, wish.speciality) for one in shown if day is not None]
    return Choice(
        Wish(wish.speciality, wish.organization_id, day),
        {one.organization_id: one.count for one in offered},
        tuple(Day(day, count) for day, count in counts.items()),
        _by_doctor([slot for part in parts for slot in part]),
        len(having) - len(shown),
    )


def find_slot(choice: Choice, organization_id: int, slot_id: UUID) -> FreeSlot | None:
    """Return a slot of the chosen day, if it is still free."""
    slots = (slot for doctor in choice.doctors for slot in doctor.slots)
    return next((slot for slot in slots if (slot.organization_id, slot.slot_id) == (organization_id, slot_id)), None)


def _by_doctor(slots: Sequence[FreeSlot]) -> tuple[DoctorSlots, ...]:
    groups: dict[tuple[int, UUID], list[FreeSlot]] = {}
    for slot in slots:
        groups.setdefault((slot.organization_id, slot.resource_id), []).append(slot)
    doctors = [
        DoctorSlots(organization_id, group[0].name, group[0].speciality, tuple(group))
        for (organization_id, _), group in groups.items()
    ]
    return tuple(sorted(doctors, key=lambda one: (one.organization_id, one.name, one.slots[0].slot_id)))
