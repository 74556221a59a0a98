"""The booking API for programs."""

import datetime as dt
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from trustmed.audit.actions import Action
from trustmed.booking.errors import DayFar
from trustmed.booking.model import Booking, BookingRequest, Slot, is_schedulable, local_day
from trustmed.clinic.booking import attendance, day, service
from trustmed.clinic.booking.day import Cell
from trustmed.clinic.booking.service import Details
from trustmed.clinic.desk import AnyRequest, actor_of, clinic_of, medical, registrars
from trustmed.clinic.shares import service as shares
from trustmed.clinic.work import audited

Explanation = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
LONGEST_DAYS = 60


class NewBooking(msgspec.Struct, frozen=True):
    """What a program asks to book. `request_id` is chosen by the caller: sent again, it returns the same booking.

    `allowed` says why a rule may be set aside.
    """

    slot_id: UUID
    patient_id: UUID
    request_id: UUID
    allowed: Explanation | None = None


class Moving(msgspec.Struct, frozen=True):
    slot_id: UUID
    request_id: UUID
    allowed: Explanation | None = None


class Reason(msgspec.Struct, frozen=True):
    why: Explanation


class Whose(msgspec.Struct, frozen=True):
    patient_id: UUID


class Slots(msgspec.Struct, frozen=True):
    slot_ids: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=500)]
    why: Explanation | None = None


class Counted(msgspec.Struct, frozen=True):
    count: int


class Free(msgspec.Struct, frozen=True):
    slots: list[Slot]


class Day(msgspec.Struct, frozen=True):
    cells: tuple[Cell, ...]


class Found(msgspec.Struct, frozen=True):
    bookings: list[Details]


@get("/slots")
async def free_slots(
    request: AnyRequest,
    since: Annotated[dt.date, QueryParameter(name="from")],
    days: Annotated[int, QueryParameter(ge=1, le=LONGEST_DAYS)] = 14,
    speciality: FromQuery[str | None] = None,
    resource_id: FromQuery[UUID | None] = None,
) -> Free:
    """Return the free slots the site may book, from a local day on, the nearest first, 200 at most."""
    actor = actor_of(request)
    if not is_schedulable(since):
        raise DayFar(since)
    begins, _ = local_day(since)
    _, ends = local_day(since + dt.timedelta(days=days - 1))
    async with audited(clinic_of(request).databases, actor, Action.SCHEDULE_READ, ground="service") as (connection, _):
        return Free(await day.free_slots(connection, actor.organization_id, begins, ends, speciality, resource_id))


@get("/schedule")
async def schedule(
    request: AnyRequest,
    on: Annotated[dt.date, QueryParameter(name="day")],
    speciality: FromQuery[str | None] = None,
    resource_id: FromQuery[UUID | None] = None,
) -> Day:
    """Return every slot of a local day: which side owns it and who is booked."""
    actor = actor_of(request)
    if not is_schedulable(on):
        raise DayFar(on)
    databases = clinic_of(request).databases
    async with audited(databases, actor, Action.SCHEDULE_READ, ground="service") as (connection, trace):
        cells = await day.cells_of_day(connection, actor.organization_id, on, speciality, resource_id)
        trace.shown = day.patients_in(cells)
    return Day(cells)


@post("/bookings", guards=[registrars])
async def book(request: AnyRequest, data: JSONBody[NewBooking]) -> Booking:
    """Book a patient.

    409 says why it is refused: the slot is taken, belongs to the region, is withdrawn or past, or the patient has
    another booking.
    """
    actor = actor_of(request)
    asked = BookingRequest(data.slot_id, data.request_id, "registrar", actor.account, actor.name, data.allowed)
    databases = clinic_of(request).databases
    async with audited(databases, actor, Action.BOOKING_MAKE, patient_id=data.patient_id) as (connection, _):
        return await service.book(connection, actor, asked, data.patient_id)


@get("/bookings")
async def bookings_of_patient(request: AnyRequest, patient_id: FromQuery[UUID]) -> Found:
    """Return a patient's bookings, made by either side."""
    actor = actor_of(request)
    databases = clinic_of(request).databases
    async with audited(databases, actor, Action.BOOKING_READ, patient_id=patient_id) as (connection, _):
        return Found(await service.bookings_of(connection, actor.organization_id, patient_id))


@post("/bookings/{booking_id:uuid}/cancel", guards=[registrars], status_code=200)
async def cancel(request: AnyRequest, booking_id: FromPath[UUID], data: JSONBody[Reason]) -> Details:
    """End a booking the site made, or ask the region to end one the region made (`cancel_asked`)."""
    actor = actor_of(request)
    async with audited(clinic_of(request).databases, actor, Action.BOOKING_CANCEL) as (connection, trace):
        trace.patient_id = (await service.get(connection, actor.organization_id, booking_id)).patient_id
        await service.ask_to_cancel(connection, actor, booking_id, data.why)
        return await service.get(connection, actor.organization_id, booking_id)


@post("/bookings/{booking_id:uuid}/move", guards=[registrars], status_code=200)
async def move(request: AnyRequest, booking_id: FromPath[UUID], data: JSONBody[Moving]) -> Booking:
    """Move the patient to another time: the new booking is made and the old one ended, or neither happens."""
    actor = actor_of(request)
    asked = BookingRequest(data.slot_id, data.request_id, "registrar", actor.account, actor.name, data.allowed)
    async with audited(clinic_of(request).databases, actor, Action.BOOKING_MOVE) as (connection, trace):
        trace.patient_id = (await service.get(connection, actor.organization_id, booking_id)).patient_id
        return await service.move(connection, actor, booking_id, asked)


@post("/bookings/{booking_id:uuid}/came", status_code=200)
async def came(request: AnyRequest, booking_id: FromPath[UUID]) -> Details:
    """Note that the patient has arrived."""
    actor = actor_of(request)
    async with audited(clinic_of(request).databases, actor, Action.BOOKING_ATTEND) as (connection, trace):
        await attendance.note_arrival(connection, actor, booking_id)
        details = await service.get(connection, actor.organization_id, booking_id)
        trace.patient_id = details.patient_id
        return details


@post("/bookings/{booking_id:uuid}/no_show", status_code=200)
async def no_show(request: AnyRequest, booking_id: FromPath[UUID]) -> Details:
    """Note that the patient did not come."""
    actor = actor_of(request)
    async with audited(clinic_of(request).databases, actor, Action.BOOKING_ATTEND) as (connection, trace):
        await attendance.note_absence(connection, actor, booking_id)
        details = await service.get(connection, actor.organization_id, booking_id)
        trace.patient_id = details.patient_id
        return details


@post("/bookings/{booking_id:uuid}/known_as", guards=[registrars], status_code=200)
async def known_as(request: AnyRequest, booking_id: FromPath[UUID], data: JSONBody[Whose]) -> Details:
    """Attach a card to the person the region booked without one."""
    actor = actor_of(request)
    databases = clinic_of(request).databases
    async with audited(databases, actor, Action.BOOKING_ATTEND, patient_id=data.patient_id) as (connection, _):
        await attendance.attach_card(connection, actor, booking_id, data.patient_id)
        return await service.get(connection, actor.organization_id, booking_id)


@post("/slots/recall", guards=[registrars], status_code=200)
async def recall(request: AnyRequest, data: JSONBody[Slots]) -> Counted:
    """Ask the region for slots back. They return once it answers, unless it has booked them."""
    actor = actor_of(request)
    async with audited(clinic_of(request).databases, actor, Action.SLOT_RECALL, ground="service") as (connection, _):
        return Counted(await shares.recall(connection, actor, data.slot_ids))


@post("/slots/withdraw", guards=[registrars], status_code=200)
async def withdraw(request: AnyRequest, data: JSONBody[Slots]) -> Counted:
    """Withdraw slots from the schedule. Every patient booked into them becomes a task for the registrar."""
    actor = actor_of(request)
    async with audited(clinic_of(request).databases, actor, Action.SLOT_WITHDRAW, ground="service") as (connection, _):
        return Counted(await shares.withdraw(connection, actor, data.slot_ids, data.why or ""))


@post("/slots/share", guards=[registrars], status_code=200)
async def share(request: AnyRequest) -> Counted:
    """Hand the region its share of the coming slots now, by the quotas it has set."""
    actor = actor_of(request)
    now = dt.datetime.now(dt.UTC)
    async with audited(clinic_of(request).databases, actor, Action.SLOT_SHARE, ground="service") as (connection, _):
        return Counted(
            await shares.share_out(connection, actor.organization_id, now, now + dt.timedelta(days=LONGEST_DAYS))
        )


api = Router(
    "/",
    route_handlers=[
        *(free_slots, schedule, book, bookings_of_patient, cancel, move, came, no_show, known_as),
        *(recall, withdraw, share),
    ],
    guards=[medical],
    tags=["booking"],
)
