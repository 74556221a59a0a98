"""Book, cancel and move at a site, within a tenant's transaction."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import scalar_row

from trustmed.audit.trail import Actor
from trustmed.booking.errors import (
    REFUSALS,
    BookingMissing,
    BookingOver,
    Clash,
    NotOurs,
    RequestReused,
    SlotMissing,
    SlotTaken,
)
from trustmed.booking.locks import PLAN_ONCE, take_locks
from trustmed.booking.model import Booking, BookingRequest, Ended, Slot
from trustmed.clinic.patients import service as patients
from trustmed.db.async_rows import find_struct, find_structs, find_value, find_values
from trustmed.db.queries import load

sql = load(__package__)


class Details(Booking, frozen=True, kw_only=True):
    """A booking and its patient: the card (`patient_id`) or, if there is no card here, what the region was told.

    `cancel_asked`: the other side was asked to end it. `withdrawn`: its slot is withdrawn. `allowed`: why it was made
    although another booking stood in its way.
    """

    patient_id: UUID | None
    surname: str
    given_name: str
    patronymic: str | None
    birth_date: dt.date | None
    snils: str | None
    phone: str | None
    allowed: str | None
    withdrawn: bool
    attendance: Literal["came", "no_show"] | None
    cancel_asked: bool

    @property
    def full_name(self) -> str:
        return " ".join(part for part in (self.surname, self.given_name, self.patronymic) if part)


class StoredBooking(msgspec.Struct, frozen=True):
    """The id and time of a booking that has just been made."""

    id: UUID
    booked_at: dt.datetime


class RequestedBooking(msgspec.Struct, frozen=True):
    """The booking that a request made before."""

    id: UUID
    slot_id: UUID
    patient_id: UUID


async def book(connection: AsyncConnection, actor: Actor, asked: BookingRequest, patient_id: UUID) -> Booking:
    """Book a slot the site owns. The same request again returns the same booking.

    Raises SlotMissing, PatientMissing, SlotTaken, SlotPast, SlotWithdrawn, SlotOfRegion, AlreadyThen, AlreadyThatDay,
    RequestReused.
    """
    slot = await get_slot(connection, actor.organization_id, asked.slot_id)
    why_not = connection.cursor(row_factory=scalar_row)
    async with connection.pipeline():
        await connection.execute(PLAN_ONCE)
        await take_locks(connection, [f"patient:{patient_id}", f"slot:{slot.id}"])
        await why_not.execute(sql["why_not"], {"organization_id": slot.organization_id, "slot_id": slot.id})
    reason = await why_not.fetchone()
    if reason in REFUSALS:  # nobody can free the slot while it is locked, so refuse without trying the insert
        found = await _find_requested(connection, actor.organization_id, asked, patient_id)
        if found is not None:
            return found
        await patients.get(connection, actor.organization_id, patient_id)
        raise REFUSALS[reason]()
    return await _store_booking(connection, actor, asked, slot, patient_id, None)


async def move(connection: AsyncConnection, actor: Actor, booking_id: UUID, asked: BookingRequest) -> Booking:
    """Move the patient to another time: the new booking is made and the old one ended, or neither happens.

    Raises what `book` and `cancel` raise.
    """
    slot = await get_slot(connection, actor.organization_id, asked.slot_id)
    before = await get(connection, actor.organization_id, booking_id)
    if before.side != "site":
        raise NotOurs
    if before.patient_id is None:
        raise BookingMissing(booking_id)
    await take_locks(connection, [f"patient:{before.patient_id}", f"slot:{slot.id}", f"slot:{before.slot_id}"])
    found = await _find_requested(connection, actor.organization_id, asked, before.patient_id)
    if found is not None:
        return found
    if before.slot_id == slot.id:
        raise SlotTaken
    booking = await _store_booking(connection, actor, asked, slot, before.patient_id, booking_id)
    if not await end_own_booking(connection, actor, booking_id, "moved", asked.allowed, booking.id):
        raise BookingOver
    return booking


async def cancel(connection: AsyncConnection, actor: Actor, booking_id: UUID, why: str) -> None:
    """End a booking the site made.

    Raises BookingMissing, BookingOver, or NotOurs if the region made it (ask the region then).
    """
    before = await get(connection, actor.organization_id, booking_id)
    if before.side != "site":
        raise NotOurs
    await take_locks(connection, [f"slot:{before.slot_id}"])
    if not await end_own_booking(connection, actor, booking_id, "cancelled", why, None):
        raise BookingOver


async def ask_to_cancel(connection: AsyncConnection, actor: Actor, booking_id: UUID, why: str) -> None:
    """Ask the region to end a booking it made, or end one the site made; asking again changes nothing.

    Raises BookingMissing, BookingOver.
    """
    before = await get(connection, actor.organization_id, booking_id)
    if before.side == "site":
        await cancel(connection, actor, booking_id, why)
        return
    if before.ended_at is not None:
        raise BookingOver
    values = {"organization_id": actor.organization_id, "id": booking_id, "by_name": actor.name, "why": why}
    await connection.execute(sql["ask_region_to_cancel"], values)


async def get(connection: AsyncConnection, organization_id: int, booking_id: UUID) -> Details:
    """Return one booking, made by either side. Raises BookingMissing."""
    found = await bookings(connection, organization_id, [booking_id])
    if not found:
        raise BookingMissing(booking_id)
    return found[0]


async def bookings_of(connection: AsyncConnection, organization_id: int, patient_id: UUID) -> list[Details]:
    """Return the patient's bookings, made by either side, the latest visit first."""
    values = {"organization_id": organization_id, "patient_id": patient_id}
    ids = await find_values(connection, sql["bookings_of_patient"], values)
    return await bookings(connection, organization_id, ids)


async def bookings(connection: AsyncConnection, organization_id: int, ids: Sequence[UUID]) -> list[Details]:
    """Return the bookings with these ids, the latest visit first."""
    return await find_structs(
        connection, Details, sql["bookings"], {"organization_id": organization_id, "ids": list(ids)}
    )


async def get_slot(connection: AsyncConnection, organization_id: int, slot_id: UUID) -> Slot:
    """Return the slot. Raises SlotMissing."""
    found = await find_struct(
        connection, Slot, sql["find_slot"], {"organization_id": organization_id, "slot_id": slot_id}
    )
    if found is None:
        raise SlotMissing(slot_id)
    return found


async def _store_booking(
    connection: AsyncConnection,
    actor: Actor,
    asked: BookingRequest,
    slot: Slot,
    patient_id: UUID,
    instead_of: UUID | None,
) -> Booking:
    day_begins, day_ends = slot.day
    values = {
        "organization_id": actor.organization_id,
        "patient_id": patient_id,
        **msgspec.structs.asdict(asked),
        "resource_id": slot.resource_id,
        "speciality_code": slot.speciality_code,
        "starts_at": slot.starts_at,
        "ends_at": slot.ends_at,
        "day_begins": day_begins,
        "day_ends": day_ends,
        "instead_of": instead_of,
    }
    stored = await find_struct(connection, StoredBooking, sql["store_booking"], values)
    if stored is None:
        found = await _find_requested(connection, actor.organization_id, asked, patient_id)
        if found is not None:
            return found
        await _refuse(connection, slot, patient_id, values)
        raise SlotTaken
    return Booking(
        organization_id=slot.organization_id,
        id=stored.id,
        side="site",
        slot_id=slot.id,
        resource_id=slot.resource_id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        speciality=slot.speciality,
        name=slot.name,
        room=slot.room,
        channel=asked.channel,
        booked_by_name=asked.by_name,
        booked_at=stored.booked_at,
    )


async def _find_requested(
    connection: AsyncConnection, organization_id: int, asked: BookingRequest, patient_id: UUID
) -> Booking | None:
    """Return the booking this request made before, if any. Raises RequestReused."""
    values = {"organization_id": organization_id, "request_id": asked.request_id}
    before = await find_struct(connection, RequestedBooking, sql["find_requested"], values)
    if before is None:
        return None
    if (before.slot_id, before.patient_id) != (asked.slot_id, patient_id):
        raise RequestReused(asked.request_id)
    return await get(connection, organization_id, before.id)


async def _refuse(connection: AsyncConnection, slot: Slot, patient_id: UUID, values: dict[str, Any]) -> None:
    """Raise the reason why nothing was booked, in the slot or the patient. Return if the reason is gone by now."""
    await patients.get(connection, slot.organization_id, patient_id)
    reason = await find_value(connection, sql["why_not"], values)
    if reason in REFUSALS:
        raise REFUSALS[reason]()
    clash = await find_struct(connection, Clash, sql["in_the_way"], values)
    if clash is not None:
        raise clash.refusal()


async def end_own_booking(
    connection: AsyncConnection, actor: Actor, booking_id: UUID, how: Ended, why: str | None, moved_to: UUID | None
) -> bool:
    """End a booking the site made, under the slot's lock. Return False if it was already over."""
    values = {
        "organization_id": actor.organization_id,
        "id": booking_id,
        "how": how,
        "by_name": actor.name,
        "why": why,
        "moved_to": moved_to,
    }
    return await (await connection.execute(sql["end_booking"], values)).fetchone() is not None
