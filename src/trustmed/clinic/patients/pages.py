"""Pages of patients: search, register, change a card."""

from typing import Any, Final
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from trustmed.audit.actions import Action
from trustmed.clinic.desk import AnyRequest, actor_of, clinic_of, medical, registrars
from trustmed.clinic.patients import service, similar
from trustmed.clinic.patients.forms import card_of, entry_of
from trustmed.clinic.patients.model import PatientData
from trustmed.clinic.work import audited
from trustmed.errors import InputRefused
from trustmed.web import i18n
from trustmed.web.forms import fields, uuid_or_none
from trustmed.web.sealed import Search, answer_search, search_address, search_in_address
from trustmed.web.templating import render

LIST: Final = "/patients"


@get("/")
async def patient_list(request: AnyRequest, after: FromQuery[str] = "") -> Response[str]:
    return await _list_page(request, search_in_address(request, LIST), after)


@post("/", status_code=200)
async def find_patients(request: AnyRequest) -> Response[Any]:
    """Search while typing, or by the button."""
    return await answer_search(request, LIST, _list_page)


@get("/new", guards=[registrars], sync_to_thread=False)
def new_patient(request: AnyRequest) -> Response[str]:
    return render(request, "patients/form.html", card={}, patient=None, refusal="", field="", doubles=[])


@post("/similar", guards=[registrars], status_code=200)
async def similar_patients(request: AnyRequest) -> Response[str]:
    """Show patients similar to the card being filled in, as a fragment of the form's page."""
    alike = await _similar(request, entry_of(await fields(request)))
    return render(request, "patients/similar.html", alike=alike)


@post("/new", guards=[registrars], status_code=200)
async def register(request: AnyRequest) -> Response[Any]:
    """Register a patient. An almost certain double is asked about once; `despite` is the answer: other or urgent."""
    actor, clinic, given = actor_of(request), clinic_of(request), await fields(request)
    despite = given.get("despite") if given.get("despite") in ("other", "urgent") else None
    try:
        card = service.clean_card(card_of(given))
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


async def _list_page(request: AnyRequest, search: Search, after: str = "") -> Response[str]:
    actor, clinic, line = actor_of(request), clinic_of(request), search.get("q")
    async with audited(clinic.databases, actor, Action.PATIENT_SEARCH) as (connection, trace):
        trace.detail = line[:200] or None
        found = await service.find(connection, actor.organization_id, line, uuid_or_none(after))
        trace.shown = tuple(one.id for one in found.patients)
    return render(
        request,
        "patients/list.html",
        fragment="rows",
        status=422 if search.refusal else 200,
        q=line,
        refusal=search.refusal.text(i18n.current.get()) if search.refusal else "",
        found=found,
        after=after,
        first=search_address(request, LIST, search),
        further=search_address(request, LIST, search, after=str(found.next_after or "")),
    )


async def _similar(request: AnyRequest, entry: similar.Entry) -> list[similar.Similar]:
    actor = actor_of(request)
    async with audited(clinic_of(request).databases, actor, Action.PATIENT_SIMILAR) as (connection, trace):
        found = await similar.find_similar(connection, actor.organization_id, entry)
        trace.detail = similar.audit_detail(found)
        trace.shown = tuple(one.patient.id for one in found)
    return found


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
    )


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
    route_handlers=[patient_list, find_patients, new_patient, similar_patients, register, edit_patient, change_patient],
    guards=[medical],
    include_in_schema=False,
)
