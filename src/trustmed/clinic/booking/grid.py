"""Lay out a day of the schedule: doctors side by side, hours one below another. Pure."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import msgspec

from trustmed.booking.model import Slot
from trustmed.clinic.booking.day import Cell
from trustmed.clinic.schedule.model import Resource


class Column(msgspec.Struct, frozen=True):
    """The day of one doctor or room: lists of cells by hour of the grid. `free` counts those the site can book."""

    resource_id: UUID
    name: str
    title: str
    speciality: str
    room: str
    hours: tuple[tuple[Cell, ...], ...]
    free: int


class Grid(msgspec.Struct, frozen=True):
    """`hours` run without gaps from the first working hour to the last; `counts` has the states of the whole grid."""

    hours: tuple[int, ...]
    columns: tuple[Column, ...]
    counts: dict[str, int]


class FreeDay(msgspec.Struct, frozen=True):
    """The free slots of a day, grouped by doctor."""

    day: dt.date
    doctors: tuple[tuple[Slot, ...], ...]


def grid(cells: Iterable[Cell], resources: Mapping[UUID, Resource]) -> Grid:
    """Lay out the grid of a day. Columns follow the order of `resources`: by speciality and name."""
    by_resource: dict[UUID, list[Cell]] = {}
    counts: dict[str, int] = {}
    for cell in sorted(cells, key=lambda cell: cell.slot.starts_at):
        by_resource.setdefault(cell.slot.resource_id, []).append(cell)
        counts[cell.state] = counts.get(cell.state, 0) + 1
    hours = [hour_of(cell.slot) for found in by_resource.values() for cell in found]
    span = tuple(range(min(hours), max(hours) + 1)) if hours else ()
    order = {resource_id: index for index, resource_id in enumerate(resources)}
    ids = sorted(by_resource, key=lambda one: order.get(one, len(order)))
    return Grid(span, tuple(_column(by_resource[one], resources.get(one), span) for one in ids), counts)


def _column(cells: Sequence[Cell], resource: Resource | None, hours: Sequence[int]) -> Column:
    slot = cells[0].slot
    by_hour: dict[int, list[Cell]] = {}
    for cell in cells:
        by_hour.setdefault(hour_of(cell.slot), []).append(cell)
    is_doctor = resource is None or resource.kind == "doctor"
    return Column(
        resource_id=slot.resource_id,
        name=short_name(slot.name) if is_doctor else slot.name,
        title=slot.name,
        speciality=slot.speciality,
        room=", ".join(dict.fromkeys(cell.slot.room for cell in cells if cell.slot.room)),
        hours=tuple(tuple(by_hour.get(hour, ())) for hour in hours),
        free=sum(cell.state == "free" for cell in cells),
    )


def free_days(slots: Iterable[Slot]) -> list[FreeDay]:
    """Group free slots by day, then by doctor in the order of names, then by time."""
    days: dict[dt.date, dict[UUID, list[Slot]]] = {}
    for slot in sorted(slots, key=lambda slot: slot.starts_at):
        days.setdefault(slot.starts_at.astimezone().date(), {}).setdefault(slot.resource_id, []).append(slot)
    return [
        FreeDay(day, tuple(tuple(found) for found in sorted(doctors.values(), key=lambda found: found[0].name)))
        for day, doctors in days.items()
    ]


def hour_of(slot: Slot) -> int:
    """Return the local hour in which a slot begins."""
    return slot.starts_at.astimezone().hour


def short_name(name: str) -> str:
    """Shorten «Иванов Иван Петрович» to «Иванов И. П.»; a name that is not of two or three words stays as it is."""
    words = name.split()
    if not 2 <= len(words) <= 3:
        return name
    return " ".join((words[0], *(f"{word[0]}." for word in words[1:])))
