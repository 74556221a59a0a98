"""Pages of one slot: book a patient, move a booking to it, withdraw it, ask the region for it back."""

from typing import Any, Final
from uuid import UUID, uuid4

import msgspec
from litestar import Response, Router, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from trustmed.audit.actions import Action
from trustmed.audit.trail import Actor
from trustmed.booking.errors import AlreadyThatDay, AlreadyThen, SlotMissing
from trustmed.booking.model import Booking, BookingRequest
from trustmed.clinic.booking import day as days
from trustmed.clinic.booking import service
from trustmed.clinic.booking.day import Cell
from trustmed.clinic.booking.pages import MARKS, day_or_today, states, weekdays
from trustmed.clinic.desk import AnyRequest, FormWrong, actor_of, clinic_of, medical, registrars, schedulers
from trustmed.clinic.patients import service as patients
from trustmed.clinic.patients.model import Patient
from trustmed.clinic.schedule import resources as schedule
from trustmed.clinic.shares import service as shares
from trustmed.clinic.work import audited
from trustmed.errors import InputRefused
from trustmed.patient.writing import tidy
from trustmed.web import i18n
from trustmed.web.forms import fields, uuid_or_none
from trustmed.web.sealed import NOTHING_TYPED, Search, answer_search, search_in_address
from trustmed.web.templating import render

MOST_FOUND: Final = 10  # patients offered at once
LONGEST_REASON: Final = 500  # characters of a reason


class Choice(msgspec.Struct, frozen=True):
    """What a slot is opened for: a patient to book, or a booking to move."""

    patient: Patient | None = None
    moved: Booking | None = None


@get("/slots/{slot_id:uuid}", guards=[medical])
async def slot_page(
    request: AnyRequest,
    slot_id: FromPath[UUID],
    patient: FromQuery[str] = "",
    move: FromQuery[str] = "",
) -> Response[str]:
    search = search_in_address(request, f"/slots/{slot_id}")
    return await _page(request, slot_id, uuid_or_none(patient), uuid_or_none(move), search=search)


@post("/slots/{slot_id:uuid}/find", guards=[medical], status_code=200)
async def find_patients(request: AnyRequest, slot_id: FromPath[UUID]) -> Response[Any]:
    """Find whom to book, while typing or by the button."""
    return await answer_search(
        request, f"/slots/{slot_id}", lambda request, search: _page(request, slot_id, None, None, search=search)
    )


@post("/slots/{slot_id:uuid}", guards=[registrars], status_code=200)
async def book(request: AnyRequest, slot_id: FromPath[UUID]) -> Response[Any]:
    """Book the patient or move the booking. A refusal is shown beside the form, with a way to set its rule aside."""
    actor, given = actor_of(request), await fields(request)
    patient_id, moved = uuid_or_none(given.get("patient")), uuid_or_none(given.get("move"))
    databases = clinic_of(request).databases
    asked = BookingRequest(
        slot_id=slot_id,
        request_id=uuid_or_none(given.get("request")) or uuid4(),
        channel="registrar",
        by=actor.account,
        by_name=actor.name,
        allowed=tidy(given.get("allowed", ""))[:LONGEST_REASON] or None,
    )
    try:
        if moved is not None:
            async with audited(databases, actor, Action.BOOKING_MOVE) as (connection, trace):
                trace.patient_id = (await service.get(connection, actor.organization_id, moved)).patient_id
                booking = await service.move(connection, actor, moved, asked)
        elif patient_id is not None:
            async with audited(databases, actor, Action.BOOKING_MAKE, patient_id=patient_id) as (connection, _):
                booking = await service.book(connection, actor, asked, patient_id)
        else:
            raise FormWrong("patient")
    except InputRefused as error:
        return await _page(request, slot_id, patient_id, moved, refusal=error, asked=asked)
    return Redirect(f"/bookings/{booking.id}?done={'moved' if moved else 'booked'}", status_code=303)


async def _page(
    request: AnyRequest,
    slot_id: UUID,
    patient_id: UUID | None,
    moved: UUID | None,
    *,
    search: Search = NOTHING_TYPED,
    refusal: InputRefused | None = None,
    asked: BookingRequest | None = None,
) -> Response[str]:
    actor = actor_of(request)
    databases = clinic_of(request).databases
    async with audited(databases, actor, Action.SCHEDULE_READ, patient_id=patient_id) as (connection, trace):
        trace.detail = f"slot {slot_id}"
        cell = await _find_cell(connection, actor, slot_id)
        found: tuple[Patient, ...] = ()
        choice = Choice(
            await patients.get(connection, actor.organization_id, patient_id) if patient_id else None,
            await service.get(connection, actor.organization_id, moved) if moved else None,
        )
        if q := search.get("q"):
            found = (await patients.find(connection, actor.organization_id, q, limit=MOST_FOUND)).patients
            trace.shown = tuple(one.id for one in found)
    refusal = refusal or search.refusal
    can_set_aside = isinstance(refusal, AlreadyThen | AlreadyThatDay)
    return render(
        request,
        "booking/slot.html",
        fragment="found",
        status=refusal.status if refusal else 200,
        cell=cell,
        slot=cell.slot,
        weekday=weekdays()[cell.slot.starts_at.astimezone().weekday()],
        state=states()[cell.state],
        mark=MARKS[cell.state],
        choice=choice,
        q=q,
        found=found,
        request_id=asked.request_id if asked else uuid4(),
        refusal=refusal.text(i18n.current.get()) if refusal else "",
        can_set_aside=can_set_aside,
        allowed=asked.allowed or "" if asked else "",
    )


async def _find_cell(connection: Any, actor: Actor, slot_id: UUID) -> Cell:
    """Return the slot's cell of its day. Raises SlotMissing."""
    slot = await service.get_slot(connection, actor.organization_id, slot_id)
    on = slot.starts_at.astimezone().date()
    cells = await days.cells_of_day(connection, actor.organization_id, on, None, slot.resource_id)
    found = next((cell for cell in cells if cell.slot.id == slot_id), None)
    if found is None:
        raise SlotMissing(slot_id)
    return found


@get("/schedule/day/{resource_id:uuid}", guards=[schedulers])
async def resource_day(request: AnyRequest, resource_id: FromPath[UUID], day: FromQuery[str] = "") -> Response[str]:
    """Show a doctor's day as a list, from which slots can be withdrawn or asked back."""
    return await _resource_day(request, resource_id, day)


@post("/schedule/day/{resource_id:uuid}", guards=[schedulers], status_code=200)
async def change_day(request: AnyRequest, resource_id: FromPath[UUID], day: FromQuery[str] = "") -> Response[Any]:
    """Withdraw the ticked slots for a reason, or ask the region to hand back those it has."""
    actor, form = actor_of(request), await request.form()
    ticked = [uuid_or_none(value) for value in form.getall("slot", []) if isinstance(value, str)]
    slots = [slot_id for slot_id in ticked if slot_id is not None]
    how, why = form.get("how", ""), tidy(str(form.get("why", "")))[:LONGEST_REASON]
    databases = clinic_of(request).databases
    try:
        if not slots:
            raise FormWrong("slot")
        if how == "recall":
            async with audited(databases, actor, Action.SLOT_RECALL, ground="service") as (connection, trace):
                count = await shares.recall(connection, actor, slots)
                trace.detail = f"{day}: {count}"
        else:
            if not why:
                raise FormWrong("why")
            async with audited(databases, actor, Action.SLOT_WITHDRAW, ground="service") as (connection, trace):
                count = await shares.withdraw(connection, actor, slots, why)
                trace.detail = f"{day}: {count}"
    except InputRefused as error:
        return await _resource_day(request, resource_id, day, refusal=error, ticked=frozenset(slots), why=why)
    done = "recall" if how == "recall" else "withdraw"
    address = f"/schedule/day/{resource_id}?day={day_or_today(day).isoformat()}&done={done}-{count}"
    return Redirect(address, status_code=303)


async def _resource_day(
    request: AnyRequest,
    resource_id: UUID,
    day: str,
    *,
    refusal: InputRefused | None = None,
    ticked: frozenset[UUID] = frozenset(),
    why: str = "",
) -> Response[str]:
    actor = actor_of(request)
    shown = day_or_today(day)
    async with audited(clinic_of(request).databases, actor, Action.SCHEDULE_READ) as (connection, trace):
        trace.detail = shown.isoformat()
        resource = await schedule.get(connection, actor.organization_id, resource_id)
        cells = await days.cells_of_day(connection, actor.organization_id, shown, None, resource_id)
        trace.shown = days.patients_in(cells)
    done, dash, count = request.query_params.get("done", "").partition("-")
    return render(
        request,
        "booking/resource_day.html",
        status=refusal.status if refusal else 200,
        resource=resource,
        day=shown,
        weekday=weekdays()[shown.weekday()],
        cells=cells,
        states=states(),
        ticked=ticked,
        why=why,
        refusal=refusal.text(i18n.current.get()) if refusal else "",
        done=(done, int(count)) if dash and count.isdecimal() else None,
    )


pages = Router("/", route_handlers=[slot_page, find_patients, book, resource_day, change_day], include_in_schema=False)
