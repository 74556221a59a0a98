"""Pages of patients: search, card, registration."""

from typing import Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from trustmed.audit.trail import Action
from trustmed.clinic.desk import (
    AnyRequest,
    actor_of,
    clinic_of,
    fields,
    hand_over,
    medical,
    read,
    registrars,
    uuid_or_none,
)
from trustmed.clinic.documents import reading
from trustmed.clinic.patients import service
from trustmed.clinic.patients.model import PatientData
from trustmed.clinic.visits import service as visits
from trustmed.clinic.work import audited, tenant
from trustmed.errors import InputRefused
from trustmed.patient.writing import tidy
from trustmed.web import i18n
from trustmed.web.templating import render


@get("/")
async def patient_list(request: AnyRequest, q: FromQuery[str] = "", after: FromQuery[str] = "") -> Response[str]:
    actor, clinic = actor_of(request), clinic_of(request)
    async with audited(clinic.databases, actor, Action.PATIENT_SEARCH) as (connection, trace):
        trace.detail = tidy(q)[:200] or None
        found = await service.find(connection, actor.organization_id, q, uuid_or_none(after))
    return render(request, "patients/list.html", fragment="rows", q=q, found=found, after=after)


@get("/new", guards=[registrars], sync_to_thread=False)
def new_patient(request: AnyRequest) -> Response[str]:
    return render(request, "patients/form.html", card={}, patient=None, refusal="", field="")


@post("/new", guards=[registrars], status_code=200)
async def register(request: AnyRequest) -> Response[Any]:
    actor, clinic, given = actor_of(request), clinic_of(request), await fields(request)
    try:
        async with audited(clinic.databases, actor, Action.PATIENT_REGISTER) as (connection, trace):
            patient_id = await service.register(connection, actor.organization_id, card_of(given))
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
        came = await visits.of_patient(connection, organization_id, patient_id)
    async with tenant(clinic.databases.documents, organization_id) as connection:
        documents = await reading.of_patient(connection, organization_id, patient_id)
    states = {document.id: hand_over(clinic, document.signed_at) for document in documents}
    return render(
        request,
        "patients/card.html",
        patient=patient,
        visits=came,
        documents=documents,
        states=states,
    )


@get("/{patient_id:uuid}/edit", guards=[registrars])
async def edit_patient(request: AnyRequest, patient_id: FromPath[UUID]) -> Response[str]:
    actor, clinic = actor_of(request), clinic_of(request)
    async with audited(clinic.databases, actor, Action.PATIENT_READ, patient_id=patient_id) as (connection, _):
        patient = await service.get(connection, actor.organization_id, patient_id)
    card = {name: getattr(patient, name) for name in PatientData.__struct_fields__}
    return render(request, "patients/form.html", card=card, patient=patient, refusal="", field="")


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


def _again(request: AnyRequest, given: dict[str, str], patient_id: UUID | None, error: InputRefused) -> Response[str]:
    card = {**given, "sex": int(given["sex"]) if given.get("sex", "").isdecimal() else None}
    return render(
        request,
        "patients/form.html",
        status=422,
        card=card,
        patient={"id": patient_id} if patient_id else None,
        refusal=error.text(i18n.current.get()),
        field=getattr(error, "field", ""),
    )


pages = Router(
    "/patients",
    route_handlers=[patient_list, new_patient, register, patient_page, edit_patient, change_patient],
    guards=[medical],
    include_in_schema=False,
)
