"""Pages of the integrated record at a site."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlencode
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
    filters = filters_of(request.query_params)
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
        more=_next_page(request, page.after),
    )


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


def filters_of(given: Mapping[str, Any]) -> Filters:
    """Return the filter given in a page's address; values that cannot be read are ignored."""
    kind = str(given.get("kind") or "")
    return Filters(
        kinds=(kind,) if kind in kind_words() else (),
        since=_day(given.get("since")),
        until=_day(given.get("until")),
        text=str(given.get("text") or "")[:LONGEST_FIELD],
        after=str(given.get("after") or "")[:LONGEST_FIELD] or None,
    )


def _day(given: object) -> dt.date | None:
    found = day_or_none(str(given or ""))
    return found if found is not None and 1890 <= found.year <= 2200 else None


def _title_of_clinic(request: AnyRequest) -> Callable[[int], str]:
    titles = {one.id: one.title for site in clinic_of(request).topology.site for one in site.organization}
    return lambda number: titles.get(number, str(number))


def _address(organization_id: int, patient_id: UUID, event: Event) -> str:
    """Return the address of an event's document: the organisation's own is at the site, others come from the region."""
    if event.organization_id == organization_id:
        return f"/documents/{event.document_id}"
    return f"/patients/{patient_id}/record/documents/{event.document_id}"


def _next_page(request: AnyRequest, after: str | None) -> str | None:
    kept = {name: value for name, value in request.query_params.items() if name != "after"}
    return urlencode({**kept, "after": after}) if after else None


def _closed_page(
    request: AnyRequest, access: RecordAccess, words: str, typed: str, refusal: str, status: int
) -> Response[str]:
    return render(
        request, "record/closed.html", status=status, access=access, words=words, typed=typed, refusal=refusal
    )


pages = Router(
    "/",
    route_handlers=[record_page, break_glass, document_page],
    guards=[doctors_and_heads],
    include_in_schema=False,
)
