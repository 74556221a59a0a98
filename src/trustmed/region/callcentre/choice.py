"""What can be booked: speciality, clinic, day, and the free slots of that day by clinic and doctor."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import msgspec

from trustmed.region.booking.free import AHEAD_DAYS
from trustmed.region.booking.model import FreeSlot, Speciality
from trustmed.region.booking.service import free
from trustmed.region.hot.copies import HotCopies
from trustmed.region.pools import Pools
from trustmed.region.steward.desk import number_or_none


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
    """Clinics with free slots of the speciality and how many, the strip of days, the slots of the chosen day."""

    wish: Wish
    clinics: dict[int, int]
    days: tuple[Day, ...]
    doctors: tuple[OfDoctor, ...]


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
                min(one.nearest.starts_at, before.nearest) if before else one.nearest.starts_at,
            )
    return tuple(sorted(found.values(), key=lambda offer: (offer.name, offer.code)))


async def found(pools: Pools, hot: HotCopies, wish: Wish) -> Found:
    """Days from today on; without a day that has slots, the first that has. Raises PartMissing."""
    today = dt.datetime.now().astimezone().date()
    last = today + dt.timedelta(days=AHEAD_DAYS - 1)
    numbers = [one.id for site in pools.topology.site for one in site.organization]
    parts = {number: await free(pools, hot, number, today, last, wish.speciality) for number in numbers}
    clinics = {number: len(part) for number, part in parts.items() if part}
    slots = [slot for number, part in parts.items() if wish.organization_id in (None, number) for slot in part]
    counts = dict.fromkeys((today + dt.timedelta(days=number) for number in range(AHEAD_DAYS)), 0)
    for slot in slots:
        counts[_day(slot)] += 1
    day = wish.day if wish.day in counts else next((day for day, count in counts.items() if count), None)
    return Found(
        Wish(wish.speciality, wish.organization_id, day),
        clinics,
        tuple(Day(day, count) for day, count in counts.items()),
        _by_doctor([slot for slot in slots if _day(slot) == day]),
    )


def slot_named(found: Found, organization_id: int, slot_id: UUID) -> FreeSlot | None:
    """A slot of the chosen day, if it is still free."""
    slots = (slot for doctor in found.doctors for slot in doctor.slots)
    return next((slot for slot in slots if (slot.organization_id, slot.slot_id) == (organization_id, slot_id)), None)


def _day(slot: FreeSlot) -> dt.date:
    return slot.starts_at.astimezone().date()


def _by_doctor(slots: Sequence[FreeSlot]) -> tuple[OfDoctor, ...]:
    groups: dict[tuple[int, UUID], list[FreeSlot]] = {}
    for slot in slots:
        groups.setdefault((slot.organization_id, slot.resource_id), []).append(slot)
    made = [OfDoctor(key[0], group[0].name, group[0].speciality, tuple(group)) for key, group in groups.items()]
    return tuple(sorted(made, key=lambda one: (one.organization_id, one.name, one.slots[0].slot_id)))
