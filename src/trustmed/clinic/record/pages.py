"""Pages of the integrated record at a site."""

import datetime as dt
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from markupsafe import Markup

from trustmed.clinic.desk import AnyRequest, actor_of, clinic_of, doctors_and_heads
from trustmed.clinic.record import service
from trustmed.clinic.record.model import Event, Filters
from trustmed.clinic.record.region import RegionRecord
from trustmed.clinic.record.service import GroundNeeded, ReasonTooShort, RecordAccess
from trustmed.semd.cda.render import render as render_document
from trustmed.web import i18n
from trustmed.web.forms import day_or_none, fields
from trustmed.web.sealed import Search, answer_search, search_address, search_in_address
from trustmed.web.templating import render
from trustmed.web.timeline import by_days, kind_words, words

LONGEST_FIELD: Final = 200  # longest filter field that is read, in characters


def region_of(request: AnyRequest) -> RegionRecord:
    return request.app.state.region_record


@get("/patients/{patient_id:uuid}/record")
async def record_page(request: AnyRequest, patient_id: FromPath[UUID]) -> Response[str]:
    """Show the timeline, or the page that asks for a ground if there is none."""
    actor, clinic = actor_of(request), clinic_of(request)
    access = await service.find_access(clinic, actor, patient_id)
    search = search_in_address(request, _path(patient_id))
    filters = filters_of(search, request.query_params.get("after", ""))
    try:
        page = await service.timeline(clinic, region_of(request), actor, access, filters)
    except GroundNeeded as needed:
        return _closed_page(request, access, needed.text(i18n.current.get()), "", "", needed.status)
    return render(
        request,
        "record/timeline.html",
        access=access,
        page=page,
        filters=filters,
        days=by_days(page.events),
        words=words(),
        clinic=_title_of_clinic(request),
        address=lambda event: _address(actor.organization_id, patient_id, event),
        refusal=search.refusal.text(i18n.current.get()) if search.refusal else "",
        more=search_address(request, _path(patient_id), search, after=page.after) if page.after else None,
        first=search_address(request, _path(patient_id), search),
    )


@post("/patients/{patient_id:uuid}/record/find", status_code=200)
async def narrow(request: AnyRequest, patient_id: FromPath[UUID]) -> Response[Any]:
    """Show only what the filter of the page wants."""
    return await answer_search(request, _path(patient_id))


@post("/patients/{patient_id:uuid}/record", status_code=200)
async def break_glass(request: AnyRequest, patient_id: FromPath[UUID]) -> Response[Any]:
    actor, clinic, given = actor_of(request), clinic_of(request), await fields(request)
    typed = given.get("reason", "")
    try:
        await service.break_glass(clinic, actor, patient_id, typed)
    except ReasonTooShort as refusal:
        access = await service.find_access(clinic, actor, patient_id)
        words = GroundNeeded().text(i18n.current.get())
        return _closed_page(request, access, words, typed, refusal.text(i18n.current.get()), refusal.status)
    return Redirect(f"/patients/{patient_id}/record", status_code=303)


@get("/patients/{patient_id:uuid}/record/documents/{document_id:uuid}")
async def document_page(request: AnyRequest, patient_id: FromPath[UUID], document_id: FromPath[UUID]) -> Response[str]:
    """Show a document of the patient, from any clinic, in readable form."""
    actor, clinic = actor_of(request), clinic_of(request)
    access = await service.find_access(clinic, actor, patient_id)
    content = await service.content(clinic, region_of(request), actor, access, document_id)
    return render(
        request,
        "record/document.html",
        access=access,
        paper=Markup(render_document(content, i18n.current.get())),  # noqa: S704 it escapes every text
    )


def filters_of(typed: Search, after: str = "") -> Filters:
    """Return the filter that was typed; values that cannot be read are ignored. `after`: where the page begins."""
    kind = typed.get("kind")
    return Filters(
        kinds=(kind,) if kind in kind_words() else (),
        since=_day(typed.get("since")),
        until=_day(typed.get("until")),
        text=typed.get("text")[:LONGEST_FIELD],
        after=after[:LONGEST_FIELD] or None,
    )


def _path(patient_id: UUID) -> str:
    return f"/patients/{patient_id}/record"


def _day(given: str) -> dt.date | None:
    found = day_or_none(given)
    return found if found is not None and 1890 <= found.year <= 2200 else None


def _title_of_clinic(request: AnyRequest) -> Callable[[int], str]:
    titles = {one.id: one.title for site in clinic_of(request).topology.site for one in site.organization}
    return lambda number: titles.get(number, str(number))


def _address(organization_id: int, patient_id: UUID, event: Event) -> str:
    """Return the address of an event's document: the organisation's own is at the site, others come from the region."""
    if event.organization_id == organization_id:
        return f"/documents/{event.document_id}"
    return f"/patients/{patient_id}/record/documents/{event.document_id}"


def _closed_page(
    request: AnyRequest, access: RecordAccess, words: str, typed: str, refusal: str, status: int
) -> Response[str]:
    return render(
        request, "record/closed.html", status=status, access=access, words=words, typed=typed, refusal=refusal
    )


pages = Router(
    "/",
    route_handlers=[record_page, narrow, break_glass, document_page],
    guards=[doctors_and_heads],
    include_in_schema=False,
)
