"""Documents for programs: a draft with its preview, the exact bytes, signing, upload of a document made elsewhere."""

import datetime as dt
import re
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.params import FromPath, JSONBody, Parameter

from trustmed.audit.actions import Action
from trustmed.clinic.desk import AnyRequest, actor_of, clinic_of, doctors, medical
from trustmed.clinic.documents import drafts, service, signing, uploading
from trustmed.clinic.documents.api_forms import form_schemas, parse_form
from trustmed.clinic.documents.errors import DocumentMissing
from trustmed.clinic.documents.model import Document, Preview
from trustmed.clinic.documents.pages import XML, download
from trustmed.clinic.site import Clinic
from trustmed.clinic.software_keys import Given
from trustmed.errors import InputRefused
from trustmed.semd.kinds import USUAL, find_kind
from trustmed.web.limits import LARGEST_BODY

SHA256: Final = re.compile("[0-9a-fA-F]{64}")


class NewDocument(msgspec.Struct, frozen=True):
    """`kind` of dictionary 1520; `form` is what a person enters for a document of that kind."""

    visit_id: UUID
    form: Annotated[dict[str, Any], Parameter(schema_extra={"one_of": form_schemas()})]
    kind: str = USUAL.number


class Findings(msgspec.Struct, frozen=True):
    """The verdict of the official rules."""

    passed: bool
    rules_checked: int
    findings: tuple[str, ...]


class DraftAnswer(msgspec.Struct, frozen=True):
    """`sha256` (hex) and `size_bytes` of the bytes to sign; `verdict` is null if no official rules are installed."""

    id: UUID
    sha256: str
    size_bytes: int
    verdict: Findings | None


class GivenSignature(msgspec.Struct, frozen=True):
    """A detached CMS: DER (or a PEM or Base64 file of it, as the tool saved it), base64 in JSON."""

    role: Literal["doctor", "organization"]
    content: bytes


class SignRequest(msgspec.Struct, frozen=True):
    """Either `method` "software", or `signatures`. `sha256` (hex) is of the bytes seen: refused if changed."""

    method: Literal["software", "signatures"] = "signatures"
    signatures: tuple[GivenSignature, ...] = ()
    sha256: str | None = None


class UploadRequest(msgspec.Struct, frozen=True):
    """`content`: the document's bytes, base64 in JSON."""

    visit_id: UUID
    content: bytes
    signatures: tuple[GivenSignature, ...]


class DocumentAnswer(msgspec.Struct, frozen=True):
    """`handed_over`: whether the region has it."""

    id: UUID
    patient_id: UUID
    visit_id: UUID | None
    kind: str
    title: str
    author_name: str
    created_at: dt.datetime
    signed_at: dt.datetime
    size_bytes: int
    sha256: str
    signature_count: int
    handed_over: bool


class WrongHex(InputRefused):
    """A SHA-256 that is not 64 hexadecimal digits."""

    def __init__(self) -> None:
        super().__init__(
            "Поле sha256 — не 64 шестнадцатеричные цифры. Передайте его таким, каким его дал просмотр.",
            "The field sha256 is not 64 hexadecimal digits. Send it as the preview gave it.",
        )


@post("/", guards=[doctors])
async def create_document(request: AnyRequest, data: JSONBody[NewDocument]) -> DraftAnswer:
    """Write a document into a visit and build the bytes to sign."""
    clinic, actor = clinic_of(request), actor_of(request)
    kind = find_kind(data.kind)
    draft = await service.begin(clinic, actor, data.visit_id, kind, parse_form(kind, data.form))
    try:
        return _draft_answer(await service.build_preview(clinic, actor, draft.id))
    except InputRefused:
        # The program never learns the id of this draft and will send the whole form again: leave no orphan.
        await drafts.drop(clinic.databases.site, actor, draft.id)
        raise


@get("/{document_id:uuid}")
async def read_document(request: AnyRequest, document_id: FromPath[UUID]) -> DocumentAnswer:
    """Read the card of a signed document."""
    clinic = clinic_of(request)
    document, _ = await service.open_document(clinic, actor_of(request), document_id, Action.DOCUMENT_READ)
    return _answer(clinic, document)


@get("/{document_id:uuid}/content")
async def read_content(request: AnyRequest, document_id: FromPath[UUID]) -> Response[bytes]:
    """Read the exact bytes of a signed document, or of one's own draft as previewed."""
    clinic, actor = clinic_of(request), actor_of(request)
    try:
        _, content = await service.open_document(clinic, actor, document_id, Action.DOCUMENT_CONTENT)
    except DocumentMissing:
        if actor.role != "doctor":
            raise
        content = (await service.get_preview(clinic, actor, document_id)).prepared.content
    return download(content, f"{document_id}.xml", XML)


@post("/{document_id:uuid}/sign", guards=[doctors], status_code=200, request_max_body_size=LARGEST_BODY)
async def sign_document(
    request: AnyRequest, document_id: FromPath[UUID], data: JSONBody[SignRequest]
) -> DocumentAnswer:
    """Sign a previewed document. Repeating the call gives the same answer."""
    clinic, actor = clinic_of(request), actor_of(request)
    given = None if data.method == "software" else [Given(one.role, one.content) for one in data.signatures]
    return _answer(clinic, await signing.sign(clinic, actor, document_id, given, _sha256(data.sha256)))


@post("/upload", guards=[doctors], status_code=200, request_max_body_size=LARGEST_BODY)
async def upload_document(request: AnyRequest, data: JSONBody[UploadRequest]) -> DocumentAnswer:
    """Store a document made and signed elsewhere. Repeating the call gives the same answer."""
    clinic, actor = clinic_of(request), actor_of(request)
    given = [Given(one.role, one.content) for one in data.signatures]
    return _answer(clinic, await uploading.upload(clinic, actor, data.visit_id, data.content, given))


def _sha256(text: str | None) -> bytes | None:
    if text is None:
        return None
    if not SHA256.fullmatch(text):
        raise WrongHex
    return bytes.fromhex(text)


def _draft_answer(preview: Preview) -> DraftAnswer:
    prepared, verdict = preview.prepared, preview.verdict
    findings = None if verdict is None else Findings(verdict.passed, verdict.rules_checked, verdict.findings)
    return DraftAnswer(prepared.id, prepared.sha256.hex(), len(prepared.content), findings)


def _answer(clinic: Clinic, document: Document) -> DocumentAnswer:
    return DocumentAnswer(
        id=document.id,
        patient_id=document.patient_id,
        visit_id=document.visit_id,
        kind=document.kind,
        title=document.title,
        author_name=document.author_name,
        created_at=document.created_at,
        signed_at=document.signed_at,
        size_bytes=document.size_bytes,
        sha256=document.sha256.hex(),
        signature_count=document.signature_count,
        handed_over=clinic.link.view.has(document.signed_at),
    )


api = Router(
    "/documents",
    route_handlers=[create_document, read_document, read_content, sign_document, upload_document],
    guards=[medical],
    tags=["documents"],
)
