"""Rules that choose which of a doctor's slots the region gets."""

import datetime as dt
from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec


class Quota(msgspec.Struct, frozen=True):
    """The region's share: `percent` of the slots of `visit_kind`, which it sells until `return_hours` before the visit.

    An empty `speciality_code` means every speciality that has no quota of its own.
    """

    visit_kind: str
    speciality_code: str
    percent: int
    return_hours: int


class SharableSlot(msgspec.Struct, frozen=True):
    """A slot that may be shared, on a local `day`. `handed`: the region has or had it; `booked`: the site booked it."""

    slot_id: UUID
    resource_id: UUID
    day: dt.date
    visit_kind: str
    speciality_code: str
    starts_at: dt.datetime
    handed: bool = False
    booked: bool = False


class SlotToHandOver(msgspec.Struct, frozen=True):
    """A slot to hand over, and the moment until which the region may sell it."""

    slot_id: UUID
    sell_until: dt.datetime


def find_quota(quotas: Iterable[Quota], visit_kind: str, speciality_code: str) -> Quota | None:
    """Return the quota of the speciality itself, else the general quota of that kind of visit."""
    by_key = {(one.visit_kind, one.speciality_code): one for one in quotas}
    return by_key.get((visit_kind, speciality_code)) or by_key.get((visit_kind, ""))


def choose_slots(
    slots: Sequence[SharableSlot], quotas: Sequence[Quota], now: dt.datetime
) -> tuple[SlotToHandOver, ...]:
    """Choose the free slots that a site hands over, so that each doctor's day gives its share, spread evenly.

    Of n slots of a kind the region gets floor(n * percent / 100), and slots handed over earlier count. A slot stays if
    its sale would already be over at `now`.
    """
    groups: dict[tuple[UUID, dt.date, str], list[SharableSlot]] = {}
    for slot in sorted(slots, key=lambda one: (one.starts_at, one.slot_id)):
        groups.setdefault((slot.resource_id, slot.day, slot.visit_kind), []).append(slot)
    found: list[SlotToHandOver] = []
    for group in groups.values():
        quota = find_quota(quotas, group[0].visit_kind, group[0].speciality_code)
        if quota is not None:
            found += _choose_in_group(group, quota, now)
    return tuple(found)


def _choose_in_group(group: Sequence[SharableSlot], quota: Quota, now: dt.datetime) -> list[SlotToHandOver]:
    return_time = dt.timedelta(hours=quota.return_hours)
    wanted = len(group) * quota.percent // 100 - sum(slot.handed for slot in group)
    able = [slot for slot in group if not slot.handed and not slot.booked and slot.starts_at - return_time > now]
    return [SlotToHandOver(slot.slot_id, slot.starts_at - return_time) for slot in _spread(able, wanted)]


def _spread(able: Sequence[SharableSlot], wanted: int) -> list[SharableSlot]:
    """Return `wanted` slots spread as evenly as whole numbers allow; the first one stays unless all are wanted."""
    if wanted >= len(able):
        return list(able)
    return [able[(number + 1) * (len(able) - 1) // wanted] for number in range(wanted)] if wanted > 0 else []
