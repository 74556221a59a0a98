"""What can be booked: speciality, clinic, day, and the free slots of that day by clinic and doctor."""

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
    """What is looked for. Nothing of it is a person's. `organization_id` None: in all clinics."""

    speciality: str = ""
    organization_id: int | None = None
    day: dt.date | None = None


class Offer(msgspec.Struct, frozen=True):
    """A speciality in the clinics where it has free slots."""

    code: str
    name: str
    count: int
    nearest: dt.datetime


class Day(msgspec.Struct, frozen=True):
    date: dt.date
    count: int


class OfDoctor(msgspec.Struct, frozen=True):
    """A doctor's (or a room's) free slots of the day."""

    organization_id: int
    name: str
    speciality: str
    slots: tuple[FreeSlot, ...]


class Found(msgspec.Struct, frozen=True):
    """Clinics with free slots of the speciality and how many, the strip of days, the slots of the chosen day.

    `unshown`: clinics that have slots that day too, but the list would be too long.
    """

    wish: Wish
    clinics: dict[int, int]
    days: tuple[Day, ...]
    doctors: tuple[OfDoctor, ...]
    unshown: int = 0


def wish_of(given: Mapping[str, str]) -> Wish:
    """Fields `speciality`, `clinic` and `day`; what cannot be read is as if not given."""
    try:
        day = dt.date.fromisoformat(given.get("day", ""))
    except ValueError:
        day = None
    return Wish(given.get("speciality", "")[:50], number_or_none(given.get("clinic", "")), day)


def offers(specialities: Iterable[Speciality], organization_id: int | None = None) -> tuple[Offer, ...]:
    """Each speciality once, by name."""
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


async def found(pools: Pools, hot: HotCopies, wish: Wish, listed: Iterable[Speciality]) -> Found:
    """What is free of `listed`, all that can be booked: of the wish's day, or of the first that has slots.

    Slots of MOST_CLINICS clinics at most. Raises PartMissing.
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
    return Found(
        Wish(wish.speciality, wish.organization_id, day),
        {one.organization_id: one.count for one in offered},
        tuple(Day(day, count) for day, count in counts.items()),
        _by_doctor([slot for part in parts for slot in part]),
        len(having) - len(shown),
    )


def slot_named(found: Found, organization_id: int, slot_id: UUID) -> FreeSlot | None:
    """A slot of the chosen day, if it is still free."""
    slots = (slot for doctor in found.doctors for slot in doctor.slots)
    return next((slot for slot in slots if (slot.organization_id, slot.slot_id) == (organization_id, slot_id)), None)


def _by_doctor(slots: Sequence[FreeSlot]) -> tuple[OfDoctor, ...]:
    groups: dict[tuple[int, UUID], list[FreeSlot]] = {}
    for slot in slots:
        groups.setdefault((slot.organization_id, slot.resource_id), []).append(slot)
    made = [OfDoctor(key[0], group[0].name, group[0].speciality, tuple(group)) for key, group in groups.items()]
    return tuple(sorted(made, key=lambda one: (one.organization_id, one.name, one.slots[0].slot_id)))
