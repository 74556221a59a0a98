"""Which of a doctor's slots the region gets."""

import datetime as dt
from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec


class Quota(msgspec.Struct, frozen=True):
    """`percent` of slots of `visit_kind` go to the region, which sells them until `return_hours` before the visit.

    An empty `speciality_code`: every speciality without a rule of its own.
    """

    visit_kind: str
    speciality_code: str
    percent: int
    return_hours: int


class Offered(msgspec.Struct, frozen=True):
    """A slot that may be shared: the day is local, `handed`: the region has or had it, `booked`: somebody is here."""

    slot_id: UUID
    resource_id: UUID
    day: dt.date
    visit_kind: str
    speciality_code: str
    starts_at: dt.datetime
    handed: bool = False
    booked: bool = False


class Chosen(msgspec.Struct, frozen=True):
    """A slot to hand over, and until when the region may sell it."""

    slot_id: UUID
    sell_until: dt.datetime


def rule_for(quotas: Iterable[Quota], visit_kind: str, speciality_code: str) -> Quota | None:
    """The rule of the speciality itself, else the general one of that kind of visit."""
    by_key = {(one.visit_kind, one.speciality_code): one for one in quotas}
    return by_key.get((visit_kind, speciality_code)) or by_key.get((visit_kind, ""))


def chosen(slots: Sequence[Offered], quotas: Sequence[Quota], now: dt.datetime) -> tuple[Chosen, ...]:
    """Whom of the free slots of the site to hand over, so that each doctor's day gives its share, spread evenly.

    Of n slots of a kind the region gets floor(n * percent / 100), counting those handed already; slots whose sale would
    be over by `now` are not handed over.
    """
    groups: dict[tuple[UUID, dt.date, str], list[Offered]] = {}
    for slot in sorted(slots, key=lambda one: (one.starts_at, one.slot_id)):
        groups.setdefault((slot.resource_id, slot.day, slot.visit_kind), []).append(slot)
    found: list[Chosen] = []
    for group in groups.values():
        rule = rule_for(quotas, group[0].visit_kind, group[0].speciality_code)
        if rule is not None:
            found += _of_group(group, rule, now)
    return tuple(found)


def _of_group(group: Sequence[Offered], rule: Quota, now: dt.datetime) -> list[Chosen]:
    before = dt.timedelta(hours=rule.return_hours)
    wanted = len(group) * rule.percent // 100 - sum(slot.handed for slot in group)
    able = [slot for slot in group if not slot.handed and not slot.booked and slot.starts_at - before > now]
    return [Chosen(slot.slot_id, slot.starts_at - before) for slot in _spread(able, wanted)]


def _spread(able: Sequence[Offered], wanted: int) -> list[Offered]:
    """`wanted` of them, as evenly as whole numbers allow; the first stays at the site unless all are wanted."""
    if wanted >= len(able):
        return list(able)
    return [able[(number + 1) * (len(able) - 1) // wanted] for number in range(wanted)] if wanted > 0 else []
