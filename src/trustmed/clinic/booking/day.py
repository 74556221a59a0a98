"""Find the slots of a day, and the nearest free slots."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, Literal
from uuid import UUID

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from trustmed.booking.model import Slot, local_day
from trustmed.clinic.booking.service import sql
from trustmed.db.async_rows import find_structs

State = Literal["free", "booked", "region", "region_booked", "withdrawn", "past"]


class Cell(msgspec.Struct, frozen=True):
    """A slot of the day, with the side that owns it and the patient booked. The region may sell it until `sell_until`.

    State `region`: handed over and, as far as this site knows, not handed back. State `past`: it is over and nobody was
    booked.
    """

    slot: Slot
    state: State
    booking_id: UUID | None = None
    patient_id: UUID | None = None
    patient: str | None = None
    attendance: str | None = None
    sell_until: dt.datetime | None = None
    withdrawn: bool = False


async def cells_of_day(
    connection: AsyncConnection,
    organization_id: int,
    on: dt.date,
    speciality_code: str | None = None,
    resource_id: UUID | None = None,
) -> tuple[Cell, ...]:
    """Return every slot of a local day, by doctor and time."""
    begins, ends = local_day(on)
    values = {
        "organization_id": organization_id,
        "begins": begins,
        "ends": ends,
        "speciality_code": speciality_code,
        "resource_id": resource_id,
    }
    now = dt.datetime.now(dt.UTC)
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(sql["cells_of_day"], values)
        return tuple(_cell(row, now) for row in await cursor.fetchall())


def patients_in(cells: Iterable[Cell]) -> tuple[UUID, ...]:
    """Return the patients booked, each once, in the order of the list."""
    return tuple(dict.fromkeys(cell.patient_id for cell in cells if cell.patient_id))


async def free_slots(
    connection: AsyncConnection,
    organization_id: int,
    since: dt.datetime,
    until: dt.datetime,
    speciality_code: str | None = None,
    resource_id: UUID | None = None,
    limit: int = 200,
) -> list[Slot]:
    """Return the slots the site may book now, the nearest first."""
    values = {
        "organization_id": organization_id,
        "since": since,
        "until": until,
        "speciality_code": speciality_code,
        "resource_id": resource_id,
        "limit": limit,
    }
    return await find_structs(connection, Slot, sql["free_slots"], values)


def _cell(row: dict[str, Any], now: dt.datetime) -> Cell:
    slot = Slot(**{name: row[name] for name in Slot.__struct_fields__ if name != "id"}, id=row["id"])
    names = ("surname", "given_name", "patronymic")
    booking_id, patient = row["own_id"], _name([row[name] for name in names])
    if booking_id is None and row["region_id"] is not None:
        booking_id, patient = row["region_id"], _name([row[f"region_{name}"] for name in names])
    return Cell(
        slot,
        _state(row, slot, now),
        booking_id,
        row["patient_id"],
        patient,
        row["attendance"],
        row["sell_until"] if row["handed"] else None,
        row["withdrawn"],
    )


def _state(row: dict[str, Any], slot: Slot, now: dt.datetime) -> State:
    if row["own_id"] is not None:
        return "booked"
    if row["region_id"] is not None:
        return "region_booked"
    if row["withdrawn"]:
        return "withdrawn"
    if slot.starts_at <= now:
        return "past"
    return "region" if row["handed"] else "free"


def _name(parts: list[str | None]) -> str | None:
    return " ".join(part for part in parts if part) or None
