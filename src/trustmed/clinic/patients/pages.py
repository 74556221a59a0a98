"""Pages of patients: search, card, registration."""

import datetime as dt
from typing import Any, Final
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from trustmed.audit.actions import Action
from trustmed.clinic.booking import service as booking
from trustmed.clinic.consents import service as consents
from trustmed.clinic.desk import AnyRequest, actor_of, clinic_of, hand_over, medical, read, registrars
from trustmed.clinic.documents import reading
from trustmed.clinic.patients import service, similar
from trustmed.clinic.patients.model import PatientData
from trustmed.clinic.visits import service as visits
from trustmed.clinic.work import audited, tenant
from trustmed.errors import InputRefused
from trustmed.patient.writing import tidy
from trustmed.web import i18n
from trustmed.web.forms import fields, uuid_or_none
from trustmed.web.templating import render

LONGEST: Final = 1000  # characters of a field that are looked at


@get("/")
async def patient_list(request: AnyRequest, q: FromQuery[str] = "", after: FromQuery[str] = "") -> Response[str]:
    actor, clinic = actor_of(request), clinic_of(request)
    async with audited(clinic.databases, actor, Action.PATIENT_SEARCH) as (connection, trace):
        trace.detail = tidy(q)[:200] or None
        found = await service.find(connection, actor.organization_id, q, uuid_or_none(after))
    return render(request, "patients/list.html", fragment="rows", q=q, found=found, after=after)


@get("/new", guards=[registrars], sync_to_thread=False)
def new_patient(request: AnyRequest) -> Response[str]:
    return render(request, "patients/form.html", card={}, patient=None, refusal="", field="", doubles=[])


@post("/similar", guards=[registrars], status_code=200)
async def similar_patients(request: AnyRequest) -> Response[str]:
    """Who is like the card being filled in: a fragment of the form's page."""
    alike = await _similar(request, entry_of(await fields(request)))
    return render(request, "patients/similar.html", alike=alike, say=_say)


@post("/new", guards=[registrars], status_code=200)
async def register(request: AnyRequest) -> Response[Any]:
    """A new card. An almost certain double is asked about once: `despite` says that it is another or cannot wait."""
    actor, clinic, given = actor_of(request), clinic_of(request), await fields(request)
    despite = given.get("despite") if given.get("despite") in ("other", "urgent") else None
    try:
        card = service.checked(card_of(given))
        doubles = [one for one in await _similar(request, entry_of(given)) if one.certain] if despite is None else []
        if doubles:
            return _doubles(request, given, doubles)
        async with audited(clinic.databases, actor, Action.PATIENT_REGISTER) as (connection, trace):
            trace.detail = f"similar: {despite}" if despite else None
            patient_id = await service.register(connection, actor.organization_id, card)
            trace.patient_id = patient_id
    except InputRefused as error:
        return _again(request, given, None, error)
    return Redirect(f"/patients/{patient_id}", status_code=303)


@get("/{patient_id:uuid}")
async def patient_page(request: AnyRequest, patient_id: FromPath[UUID]) -> Response[str]:
    actor, clinic = actor_of(request), clinic_of(request)
    organization_id = actor.organization_id
    async with audited(clinic.databases, actor, Action.PATIENT_READ, patient_id=patient_id) as (connection, _):
        patient = await service.get(connection, organization_id, patient_id)
        booked = await booking.bookings_of(connection, organization_id, patient_id)
        came = await visits.of_patient(connection, organization_id, patient_id)
        given = await consents.of_patient(connection, organization_id, patient_id)
        region = await similar.together(connection, organization_id, patient_id)
        alike = await similar.similar(connection, organization_id, similar.entry_of(patient), patient_id)
    async with tenant(clinic.databases.documents, organization_id) as connection:
        documents = await reading.of_patient(connection, organization_id, patient_id)
    states = {document.id: hand_over(clinic, document.signed_at) for document in documents}
    return render(
        request,
        "patients/card.html",
        patient=patient,
        visits=came,
        booked=booked,
        documents=documents,
        states=states,
        consents=given,
        region=region,
        alike=_but(alike, region),
        say=_say,
    )


@get("/{patient_id:uuid}/edit", guards=[registrars])
async def edit_patient(request: AnyRequest, patient_id: FromPath[UUID]) -> Response[str]:
    actor, clinic = actor_of(request), clinic_of(request)
    async with audited(clinic.databases, actor, Action.PATIENT_READ, patient_id=patient_id) as (connection, _):
        patient = await service.get(connection, actor.organization_id, patient_id)
    card = {name: getattr(patient, name) for name in PatientData.__struct_fields__}
    return render(request, "patients/form.html", card=card, patient=patient, refusal="", field="", doubles=[])


@post("/{patient_id:uuid}/edit", guards=[registrars], status_code=200)
async def change_patient(request: AnyRequest, patient_id: FromPath[UUID]) -> Response[Any]:
    actor, clinic, given = actor_of(request), clinic_of(request), await fields(request)
    try:
        async with audited(clinic.databases, actor, Action.PATIENT_EDIT, patient_id=patient_id) as (connection, _):
            await service.change(connection, actor.organization_id, patient_id, card_of(given))
    except InputRefused as error:
        return _again(request, given, patient_id, error)
    return Redirect(f"/patients/{patient_id}", status_code=303)


def card_of(given: dict[str, str]) -> PatientData:
    """The card out of a page's form: an empty field is an absent one. Raises FormWrong."""
    names = PatientData.__struct_fields__
    filled = {name: given[name].strip() for name in names if given.get(name, "").strip()}
    return read({"surname": "", "given_name": "", **filled}, PatientData)


def entry_of(given: dict[str, str]) -> similar.Entry:
    """What a form says so far: a field that cannot be read yet is not known yet."""
    texts = ("surname", "given_name", "patronymic", "snils", "enp", "phone", "address")
    said = {name: given[name][:LONGEST] for name in texts if given.get(name)}
    try:
        born = dt.date.fromisoformat(given.get("birth_date", ""))
    except ValueError:
        born = None
    sex = int(given["sex"]) if given.get("sex") in ("1", "2", "3") else None
    return similar.Entry(**said, birth_date=born, sex=sex)


async def _similar(request: AnyRequest, entry: similar.Entry) -> list[similar.Similar]:
    actor = actor_of(request)
    async with audited(clinic_of(request).databases, actor, Action.PATIENT_SIMILAR) as (connection, trace):
        found = await similar.similar(connection, actor.organization_id, entry)
        trace.detail = similar.seen(found)
    return found


def _but(alike: list[similar.Similar], region: similar.Together | None) -> list[similar.Similar]:
    """Without those whom the region has tied to the patient already."""
    known = {one.patient.id for one in region.others} if region else set()
    return [one for one in alike if one.patient.id not in known]


def _doubles(request: AnyRequest, given: dict[str, str], doubles: list[similar.Similar]) -> Response[str]:
    return render(
        request,
        "patients/form.html",
        status=409,
        card=_typed(given),
        patient=None,
        refusal="",
        field="",
        doubles=doubles,
        say=_say,
    )


def _say(one: similar.Similar) -> str:
    return one.reason(i18n.current.get())


def _typed(given: dict[str, str]) -> dict[str, Any]:
    return {**given, "sex": int(given["sex"]) if given.get("sex", "").isdecimal() else None}


def _again(request: AnyRequest, given: dict[str, str], patient_id: UUID | None, error: InputRefused) -> Response[str]:
    return render(
        request,
        "patients/form.html",
        status=422,
        doubles=[],
        card=_typed(given),
        patient={"id": patient_id} if patient_id else None,
        refusal=error.text(i18n.current.get()),
        field=getattr(error, "field", ""),
    )


pages = Router(
    "/patients",
    route_handlers=[patient_list, new_patient, similar_patients, register, patient_page, edit_patient, change_patient],
    guards=[medical],
    include_in_schema=False,
)
