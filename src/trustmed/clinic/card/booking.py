"""The page of a booking: who booked and when, cancel or move it, note attendance, give the patient a card."""

import datetime as dt
from typing import Any, Final
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from trustmed.audit.actions import Action
from trustmed.clinic.booking import attendance, service
from trustmed.clinic.booking.pages import weekdays
from trustmed.clinic.booking.service import Details
from trustmed.clinic.desk import AnyRequest, FormWrong, actor_of, clinic_of, doctors, medical, registrars
from trustmed.clinic.patients import service as patients
from trustmed.clinic.patients import similar
from trustmed.clinic.patients.forms import card_of
from trustmed.clinic.visits import service as visits
from trustmed.clinic.work import audited
from trustmed.errors import InputRefused
from trustmed.patient.writing import tidy
from trustmed.web import i18n
from trustmed.web.forms import fields, uuid_or_none
from trustmed.web.i18n import gettext as _
from trustmed.web.templating import render

LONGEST: Final = 500  # characters of a reason


@get("/{booking_id:uuid}")
async def booking_page(request: AnyRequest, booking_id: FromPath[UUID]) -> Response[str]:
    return await _page(request, booking_id)


@post("/{booking_id:uuid}/cancel", guards=[registrars], status_code=200)
async def cancel(request: AnyRequest, booking_id: FromPath[UUID]) -> Response[Any]:
    """Cancel a booking made here, or ask the region to cancel its own."""
    actor, given = actor_of(request), await fields(request)
    why = tidy(given.get("why", ""))[:LONGEST]
    try:
        async with audited(clinic_of(request).databases, actor, Action.BOOKING_CANCEL) as (connection, trace):
            details = await service.get(connection, actor.organization_id, booking_id)
            trace.patient_id = details.patient_id
            if not why:
                raise FormWrong("why")
            if details.side == "site":
                await service.cancel(connection, actor, booking_id, why)
            else:
                await service.ask_to_cancel(connection, actor, booking_id, why)
    except InputRefused as error:
        return await _page(request, booking_id, refusal=("cancel", error), given=given)
    done = "cancelled" if details.side == "site" else "asked"
    return Redirect(f"/bookings/{booking_id}?done={done}", status_code=303)


@post("/{booking_id:uuid}/attendance", status_code=200)
async def note_attendance(request: AnyRequest, booking_id: FromPath[UUID]) -> Response[Any]:
    """Note whether the patient came."""
    actor, given = actor_of(request), await fields(request)
    try:
        async with audited(clinic_of(request).databases, actor, Action.BOOKING_ATTEND) as (connection, trace):
            trace.patient_id = (await service.get(connection, actor.organization_id, booking_id)).patient_id
            if given.get("outcome") == "came":
                await attendance.note_arrival(connection, actor, booking_id)
            elif given.get("outcome") == "no_show":
                await attendance.note_absence(connection, actor, booking_id)
            else:
                raise FormWrong("outcome")
    except InputRefused as error:
        return await _page(request, booking_id, refusal=("attendance", error), given=given)
    return Redirect(f"/bookings/{booking_id}", status_code=303)


@post("/{booking_id:uuid}/visit", guards=[doctors], status_code=200)
async def begin_visit(request: AnyRequest, booking_id: FromPath[UUID]) -> Response[Any]:
    """Note that the patient came and begin the doctor's visit."""
    actor = actor_of(request)
    try:
        async with audited(clinic_of(request).databases, actor, Action.VISIT_START) as (connection, trace):
            details = await service.get(connection, actor.organization_id, booking_id)
            if details.patient_id is None:
                raise CardNeeded
            trace.patient_id = details.patient_id
            if details.attendance != "came":
                await attendance.note_arrival(connection, actor, booking_id)
            visit = await visits.start(connection, actor, details.patient_id)
    except InputRefused as error:
        return await _page(request, booking_id, refusal=("attendance", error), given={})
    return Redirect(f"/visits/{visit.id}", status_code=303)


@post("/{booking_id:uuid}/card", guards=[registrars], status_code=200)
async def attach_card(request: AnyRequest, booking_id: FromPath[UUID]) -> Response[Any]:
    """Attach a patient's card to a booking the region made: an existing card, or one registered now."""
    actor, given = actor_of(request), await fields(request)
    known = uuid_or_none(given.get("patient"))
    action = Action.BOOKING_ATTEND if known else Action.PATIENT_REGISTER
    try:
        async with audited(clinic_of(request).databases, actor, action, patient_id=known) as (connection, trace):
            patient_id = known or await patients.register(connection, actor.organization_id, card_of(given))
            trace.patient_id = patient_id
            await attendance.attach_card(connection, actor, booking_id, patient_id)
    except InputRefused as error:
        return await _page(request, booking_id, refusal=("card", error), given=given)
    return Redirect(f"/bookings/{booking_id}?done=card", status_code=303)


class CardNeeded(InputRefused):
    """A visit cannot begin before the patient has a card."""

    def __init__(self) -> None:
        super().__init__(
            "У пациента, записанного через регион, ещё нет карты. Найдите или заведите её, затем начните визит.",
            "The patient whom the region booked has no card yet. Find or make it, then begin the visit.",
        )


async def _page(
    request: AnyRequest,
    booking_id: UUID,
    *,
    refusal: tuple[str, InputRefused] | None = None,
    given: dict[str, str] | None = None,
) -> Response[str]:
    actor = actor_of(request)
    organization_id = actor.organization_id
    async with audited(clinic_of(request).databases, actor, Action.BOOKING_READ) as (connection, trace):
        details = await service.get(connection, organization_id, booking_id)
        trace.patient_id = details.patient_id
        patient = await patients.get(connection, organization_id, details.patient_id) if details.patient_id else None
        alike = await similar.find_similar(connection, organization_id, entry_of(details)) if patient is None else []
    booking = details
    return render(
        request,
        "card/booking.html",
        status=refusal[1].status if refusal else 200,
        details=details,
        booking=booking,
        patient=patient,
        alike=alike,
        weekday=weekdays()[booking.starts_at.astimezone().weekday()],
        channels=channels(),
        is_ahead=booking.starts_at > dt.datetime.now(dt.UTC),
        is_day=booking.starts_at.astimezone().date() <= dt.datetime.now().astimezone().date(),
        done=request.query_params.get("done", ""),
        wrong=refusal[0] if refusal else "",
        refusal=refusal[1].text(i18n.current.get()) if refusal else "",
        given=given or {},
    )


def entry_of(details: Details) -> similar.Entry:
    """Return what the region entered of the patient, as far as it helps to recognise a person."""
    return similar.Entry(
        surname=details.surname,
        given_name=details.given_name,
        patronymic=details.patronymic,
        birth_date=details.birth_date,
        snils=details.snils,
        phone=details.phone,
    )


def channels() -> dict[str, str]:
    """Return the names of booking channels."""
    return {
        "registrar": _("регистратура"),
        "call_centre": _("кол-центр региона"),
        "portal": _("портал записи"),
        "federal": _("федеральный портал"),
    }


pages = Router(
    "/bookings",
    route_handlers=[booking_page, cancel, note_attendance, begin_visit, attach_card],
    guards=[medical],
    include_in_schema=False,
)
