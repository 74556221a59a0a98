"""Make the slots of a period from weekly hours: all in one transaction, and only those that are missing."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Final
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from trustmed.booking.model import local_day
from trustmed.clinic.schedule import hours as weekly
from trustmed.clinic.schedule.clash import description, first_clash, refusal
from trustmed.clinic.schedule.errors import HoursWrong, SlotsClash
from trustmed.clinic.schedule.model import Hours, SlotCounts
from trustmed.clinic.schedule.resources import lock_schedule
from trustmed.clinic.shares.service import share_out
from trustmed.db.arrays import array_literal
from trustmed.db.async_rows import find_structs
from trustmed.db.queries import load

sql = load(__package__)
MOST_DAYS: Final = 92  # a quarter: what a clinic opens at once


class ExistingSlot(msgspec.Struct, frozen=True):
    """A slot that already exists."""

    id: UUID
    resource_id: UUID
    kind: str
    employee_id: UUID | None
    name: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    room: str | None
    is_withdrawn: bool


class PlannedSlot(msgspec.Struct, frozen=True):
    """A slot that these hours call for."""

    hours: Hours
    starts_at: dt.datetime
    ends_at: dt.datetime


async def make_slots(
    connection: AsyncConnection,
    organization_id: int,
    first: dt.date,
    last: dt.date,
    resource_id: UUID | None = None,
    now: dt.datetime | None = None,
) -> SlotCounts:
    """Make slots from day `first` to `last` inclusive, of one resource or of all, then hand the region its share.

    A slot that was once withdrawn is not made again. Raises HoursWrong, HoursClash, SlotsClash, and then makes nothing.
    """
    if not 0 <= (last - first).days < MOST_DAYS:
        raise HoursWrong(
            f"Период нужен от 1 до {MOST_DAYS} дней, первый день не позже последнего.",
            f"The period has to be of 1 to {MOST_DAYS} days, the first not after the last.",
        )
    await lock_schedule(connection, organization_id)
    everybody = await weekly.of_organization(connection, organization_id)
    since, until = local_day(first)[0], local_day(last)[1]
    in_force = [one for one in everybody if one.valid_from <= last and (one.valid_to is None or one.valid_to >= first)]
    clashing = first_clash(in_force)
    if clashing is not None:
        raise refusal(*clashing)
    chosen = [one for one in in_force if resource_id in (None, one.resource_id)]
    moment = now or dt.datetime.now(dt.UTC)
    planned = [one for one in planned_slots(chosen, first, last) if one.starts_at > moment]
    existing = await _find_existing(connection, organization_id, since, until)
    new = missing_slots(planned, existing)
    if new:
        values = {
            "organization_id": organization_id,
            "hours": array_literal(one.hours.id for one in new),
            "starts": array_literal(int(one.starts_at.timestamp()) for one in new),
            "ends": array_literal(int(one.ends_at.timestamp()) for one in new),
        }
        await connection.execute(sql["add_slots"], values)
    return SlotCounts(len(new), await share_out(connection, organization_id, since, until))


def planned_slots(hours: Iterable[Hours], first: dt.date, last: dt.date) -> Iterator[PlannedSlot]:
    """Yield every whole slot of the hours, by the clock of this program's time zone."""
    days = [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]
    for one in hours:
        length = dt.timedelta(minutes=one.minutes)
        for day in days:
            if one.is_on(day):
                at, end = dt.datetime.combine(day, one.starts), dt.datetime.combine(day, one.ends)
                while at + length <= end:
                    yield PlannedSlot(one, at.astimezone(), (at + length).astimezone())
                    at += length


def missing_slots(planned: Iterable[PlannedSlot], existing: Sequence[ExistingSlot]) -> list[PlannedSlot]:
    """Return the slots that do not exist yet. Raises SlotsClash if one overlaps a slot of the same doctor or room."""
    there = {(one.resource_id, one.starts_at, one.ends_at) for one in existing}
    taken: dict[object, list[ExistingSlot]] = {}
    for one in existing:
        if not one.is_withdrawn:
            for key in _keys(one.starts_at, one.resource_id, one.employee_id, one.room):
                taken.setdefault(key, []).append(one)
    new: list[PlannedSlot] = []
    for one in planned:
        if (one.hours.resource_id, one.starts_at, one.ends_at) in there:
            continue
        for key in _keys(one.starts_at, one.hours.resource_id, one.hours.employee_id, one.hours.room):
            for other in taken.get(key, ()):
                if one.starts_at < other.ends_at and other.starts_at < one.ends_at:
                    raise _overlap_refusal(one, other)
        new.append(one)
    return new


def _keys(at: dt.datetime, resource_id: UUID, employee_id: UUID | None, room: str | None) -> list[object]:
    """Return what a slot occupies on its day: resource, employee, room. Hours end on the day they begin."""
    day = at.astimezone().date()
    return [(day, key) for key in (resource_id, employee_id, room and room.casefold()) if key]


def _overlap_refusal(one: PlannedSlot, other: ExistingSlot) -> SlotsClash:
    at = one.starts_at.astimezone()
    there = f"{other.starts_at.astimezone():%H:%M}-{other.ends_at.astimezone():%H:%M}"
    time = f"{at:%H:%M}-{one.ends_at.astimezone():%H:%M}"
    return SlotsClash(
        f"Талон {at:%d.%m.%Y} {time} по часам «{description(one.hours, 0)}» пересекается с уже созданным: "
        f"{other.name}, {there}. Снимите созданный талон с приёма или измените часы.",
        f"The slot {at:%Y-%m-%d} {time} of the hours “{description(one.hours, 1)}” lies across one that is there: "
        f"{other.name}, {there}. Withdraw that slot or change the hours.",
    )


async def _find_existing(
    connection: AsyncConnection, organization_id: int, since: dt.datetime, until: dt.datetime
) -> list[ExistingSlot]:
    values = {"organization_id": organization_id, "since": since, "until": until}
    return await find_structs(connection, ExistingSlot, sql["existing_slots"], values)
