"""Pages of drafts: write, preview, sign."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from litestar.response import Redirect
from markupsafe import Markup

from trustmed.audit.actions import Action
from trustmed.audit.trail import Actor
from trustmed.clinic.accounts.service import find_employee
from trustmed.clinic.desk import AnyRequest, actor_of, clinic_of, doctors
from trustmed.clinic.documents import dictionaries, drafts, forms, gaps, reading, service, signing
from trustmed.clinic.documents.errors import DraftMissing
from trustmed.clinic.documents.model import Draft, Preview
from trustmed.clinic.patients import service as patients
from trustmed.clinic.site import Clinic
from trustmed.clinic.software_keys import Given
from trustmed.clinic.work import audited, tenant
from trustmed.errors import InputRefused, NotFound
from trustmed.semd.cda.render import render as render_document
from trustmed.semd.kind import chosen
from trustmed.semd.kinds import USUAL, find_kind
from trustmed.web import i18n
from trustmed.web.forms import fields
from trustmed.web.i18n import gettext as _
from trustmed.web.limits import LARGEST_BODY, LONG_FORM_BODY
from trustmed.web.templating import render

XML = "application/xml"


@post("/visits/{visit_id:uuid}/documents", status_code=303)
async def begin_draft(request: AnyRequest, visit_id: FromPath[UUID]) -> Redirect:
    given = await fields(request)
    kind = find_kind(given.get("kind") or USUAL.number)
    draft = await service.begin(clinic_of(request), actor_of(request), visit_id, kind, kind.form())
    return Redirect(f"/drafts/{draft.id}", status_code=303)


@get("/drafts/{draft_id:uuid}")
async def draft_page(request: AnyRequest, draft_id: FromPath[UUID]) -> Response[Any]:
    clinic, actor = clinic_of(request), actor_of(request)
    try:
        async with audited(clinic.databases, actor, Action.DRAFT_READ, document_id=draft_id) as (connection, trace):
            draft = await drafts.get_own(connection, actor, draft_id)
            trace.patient_id = draft.patient_id
    except DraftMissing:
        return await _redirect_to_signed(clinic, actor, draft_id)
    return await _form(request, draft)


@post("/drafts/{draft_id:uuid}", status_code=200, request_max_body_size=LONG_FORM_BODY)
async def save_draft(request: AnyRequest, draft_id: FromPath[UUID]) -> Response[Any]:
    clinic, actor, given = clinic_of(request), actor_of(request), await fields(request)
    draft = await service.save(clinic, actor, draft_id, lambda kind: forms.read_form(kind, given))
    if given.get("action") != "preview":
        return Redirect(f"/drafts/{draft_id}?saved=1", status_code=303)
    wrong = await _wrong(clinic, actor, draft)
    if wrong:
        return await _form(
            request, draft, _("Документ не сформирован: исправьте отмеченное. Введённое сохранено."), wrong
        )
    try:
        await service.build_preview(clinic, actor, draft_id)
    except InputRefused as error:
        return await _form(request, draft, error.text(i18n.current.get()))
    return Redirect(f"/drafts/{draft_id}/preview", status_code=303)


@get("/drafts/{draft_id:uuid}/preview")
async def preview_page(request: AnyRequest, draft_id: FromPath[UUID]) -> Response[Any]:
    clinic, actor = clinic_of(request), actor_of(request)
    try:
        seen = await service.get_preview(clinic, actor, draft_id)
    except DraftMissing:
        return await _redirect_to_signed(clinic, actor, draft_id)
    return await _preview(request, actor, seen)


@get("/drafts/{draft_id:uuid}/content")
async def draft_content(request: AnyRequest, draft_id: FromPath[UUID]) -> Response[bytes]:
    seen = await service.get_preview(clinic_of(request), actor_of(request), draft_id)
    return download(seen.prepared.content, f"{draft_id}.xml", XML)


@post("/drafts/{draft_id:uuid}/sign", status_code=200, request_max_body_size=LARGEST_BODY)
async def sign_draft(request: AnyRequest, draft_id: FromPath[UUID]) -> Response[Any]:
    clinic, actor = clinic_of(request), actor_of(request)
    form = await request.form()
    given = None if form.get("method") == "software" else await _uploaded(form)
    try:
        seen_sha256 = bytes.fromhex(str(form.get("sha256", ""))) or None
        document = await signing.sign(clinic, actor, draft_id, given, seen_sha256)
    except ValueError:
        return Redirect(f"/drafts/{draft_id}/preview", status_code=303)
    except NotFound:
        raise
    except InputRefused as error:
        seen = await service.get_preview(clinic, actor, draft_id)
        return await _preview(request, actor, seen, error.text(i18n.current.get()))
    return Redirect(f"/documents/{document.id}?signed=1", status_code=303)


@get("/dictionaries/icd/{row:int}")
async def icd_options(request: AnyRequest, row: FromPath[int]) -> Response[str]:
    """Offer rows of ICD-10 while a code or words are typed in a row of the form."""
    typed = request.query_params.get(f"diagnosis{row}_icd", "")
    async with tenant(clinic_of(request).databases.site, actor_of(request).organization_id) as connection:
        found = await dictionaries.find_icd(connection, typed)
    return render(request, "documents/icd.html", rows=found, typed=typed)


async def _redirect_to_signed(clinic: Clinic, actor: Actor, draft_id: UUID) -> Redirect:
    """Redirect from a signed draft to its document (the browser's Back button leads here). Raises DraftMissing."""
    async with tenant(clinic.databases.documents, actor.organization_id) as connection:
        if await reading.find(connection, actor.organization_id, draft_id) is None:
            raise DraftMissing
    return Redirect(f"/documents/{draft_id}", status_code=303)


async def _wrong(clinic: Clinic, actor: Actor, draft: Draft) -> dict[str, str]:
    """Return the fields of the page that keep the document from being built, with what to do about each."""
    async with tenant(clinic.databases.site, actor.organization_id) as connection:
        patient = await patients.get(connection, actor.organization_id, draft.patient_id)
        rows = await dictionaries.find_rows(connection, chosen(draft.kind, draft.form))
    return gaps.gaps_in_form(draft, patient, rows)


async def _form(
    request: AnyRequest, draft: Draft, refusal: str = "", wrong: Mapping[str, str] | None = None
) -> Response[str]:
    clinic, actor = clinic_of(request), actor_of(request)
    async with tenant(clinic.databases.site, actor.organization_id) as connection:
        patient = await patients.get(connection, actor.organization_id, draft.patient_id)
        page = await forms.page_of(connection, draft, patient)
    return render(
        request,
        "documents/draft.html",
        status=422 if refusal else 200,
        **page,
        refusal=refusal,
        wrong=wrong or {},
        saved="saved" in request.query_params,
    )


async def _preview(request: AnyRequest, actor: Actor, seen: Preview, refusal: str = "") -> Response[str]:
    clinic = clinic_of(request)
    prepared = seen.prepared
    return render(
        request,
        "documents/preview.html",
        status=422 if refusal else 200,
        prepared=prepared,
        kind=find_kind(prepared.kind),
        sha256=prepared.sha256.hex(),
        paper=Markup(render_document(prepared.content, i18n.current.get())),  # noqa: S704 it escapes every text
        verdict=seen.verdict,
        software=await _has_software_keys(clinic, actor),
        refusal=refusal,
    )


async def _has_software_keys(clinic: Clinic, actor: Actor) -> bool:
    async with tenant(clinic.databases.site, actor.organization_id) as connection:
        employee = await find_employee(connection, actor.organization_id, actor.employee_id)
    return clinic.signer.can_sign(employee.snils, clinic.organization(actor.organization_id).ogrn)


async def _uploaded(form: Any) -> list[Given]:
    given = []
    for role in ("doctor", "organization"):
        for file in form.getall(role, []):
            if isinstance(file, UploadFile) and file.filename:
                given.append(Given(role, await file.read()))
    return given


def download(content: bytes, name: str, media_type: str) -> Response[bytes]:
    """Return bytes as a file to save. The sandbox policy keeps a browser from running anything in them."""
    headers = {"content-disposition": f'attachment; filename="{name}"', "content-security-policy": "sandbox"}
    return Response(content, media_type=media_type, headers=headers)


pages = Router(
    "/",
    route_handlers=[begin_draft, draft_page, save_draft, preview_page, draft_content, sign_draft, icd_options],
    guards=[doctors],
    include_in_schema=False,
)
