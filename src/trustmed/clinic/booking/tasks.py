"""Tasks for the registrar: conflicts that neither side could see when it booked, and patients who have to be told."""

import datetime as dt
from typing import Literal
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from trustmed.audit.trail import Actor
from trustmed.booking.errors import BookingMissing
from trustmed.clinic.booking.service import Details, bookings, sql
from trustmed.db.async_rows import find_structs

Kind = Literal["same_time", "same_speciality", "withdrawn", "no_card"]


class TaskRow(msgspec.Struct, frozen=True):
    """A row of query `tasks`. `id` is the conflict's for the first two kinds, the booking's for the others."""

    kind: Kind
    id: UUID
    booking_id: UUID
    detail: str
    other_starts_at: dt.datetime | None
    since: dt.datetime
    starts_at: dt.datetime


class Task(msgspec.Struct, frozen=True):
    """A task and its booking. `detail`: the other booking, why the slot is withdrawn, or the name the region has."""

    kind: Kind
    id: UUID
    booking: Details
    detail: str
    other_starts_at: dt.datetime | None
    since: dt.datetime


async def tasks(connection: AsyncConnection, organization_id: int) -> list[Task]:
    """Return the organisation's tasks, the nearest visit first. A task disappears with its cause."""
    rows = await _find_rows(connection, organization_id)
    found = await bookings(connection, organization_id, [row.booking_id for row in rows])
    by_id = {one.id: one for one in found}
    return [
        Task(row.kind, row.id, by_id[row.booking_id], row.detail, row.other_starts_at, row.since)
        for row in rows
        if row.booking_id in by_id
    ]


async def count_tasks(connection: AsyncConnection, organization_id: int) -> int:
    return len(await _find_rows(connection, organization_id))


async def settle_conflict(connection: AsyncConnection, actor: Actor, conflict_id: UUID, how: str) -> None:
    """Record what was done about a conflict; recording it again changes nothing.

    Raises BookingMissing if there is no such conflict.
    """
    values = {
        "organization_id": actor.organization_id,
        "conflict_id": conflict_id,
        "how": how,
        "by_name": actor.name,
    }
    stored = await (await connection.execute(sql["settle_conflict"], values)).fetchone()
    if stored is None and await (await connection.execute(sql["find_settlement"], values)).fetchone() is None:
        raise BookingMissing(conflict_id)


async def _find_rows(connection: AsyncConnection, organization_id: int) -> list[TaskRow]:
    return await find_structs(connection, TaskRow, sql["tasks"], {"organization_id": organization_id})
