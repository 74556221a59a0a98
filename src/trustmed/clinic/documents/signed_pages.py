"""Pages of signed documents: read one, download its exact bytes and signatures; the state of the link."""

from datetime import UTC, datetime
from uuid import UUID

from litestar import Response, Router, get
from litestar.params import FromPath, FromQuery
from markupsafe import Markup

from trustmed.audit.actions import Action
from trustmed.clinic.desk import AnyRequest, actor_of, clinic_of, hand_over, layout, medical
from trustmed.clinic.documents import service
from trustmed.clinic.documents.errors import DocumentMissing
from trustmed.clinic.documents.pages import XML, download
from trustmed.semd.cda.render import render as render_document
from trustmed.web import i18n
from trustmed.web.templating import render


@get("/documents/{document_id:uuid}")
async def document_page(request: AnyRequest, document_id: FromPath[UUID]) -> Response[str]:
    clinic, actor = clinic_of(request), actor_of(request)
    document, content = await service.open_document(clinic, actor, document_id, Action.DOCUMENT_READ)
    return render(
        request,
        "documents/document.html",
        document=document,
        sha256=document.sha256.hex(),
        state=hand_over(clinic, document.signed_at),
        signatures=await service.signatures_of(clinic, actor, document),
        paper=Markup(render_document(content, i18n.current.get())),  # noqa: S704 it escapes every text
        signed="signed" in request.query_params,
    )


@get("/documents/{document_id:uuid}/content")
async def document_content(request: AnyRequest, document_id: FromPath[UUID]) -> Response[bytes]:
    _, content = await service.open_document(
        clinic_of(request), actor_of(request), document_id, Action.DOCUMENT_CONTENT
    )
    return download(content, f"{document_id}.xml", XML)


@get("/documents/{document_id:uuid}/signatures/{signature_id:uuid}")
async def signature_content(
    request: AnyRequest, document_id: FromPath[UUID], signature_id: FromPath[UUID]
) -> Response[bytes]:
    clinic, actor = clinic_of(request), actor_of(request)
    document, _ = await service.open_document(clinic, actor, document_id, Action.DOCUMENT_SIGNATURE)
    for found in await service.signatures_of(clinic, actor, document):
        if found.id == signature_id:
            return download(found.content, f"{document_id}-{found.role}.p7s", "application/pkcs7-signature")
    raise DocumentMissing


@get("/link/state", sync_to_thread=False)
def hand_over_fragment(request: AnyRequest, signed_at: FromQuery[datetime]) -> Response[str]:
    """Show whether a document signed then is at the region. It reads no document, so polling leaves no trail."""
    moment = signed_at if signed_at.tzinfo else signed_at.replace(tzinfo=UTC)
    return render(request, "documents/state.html", state=hand_over(clinic_of(request), moment))


@get("/link", guards=[medical], sync_to_thread=False)
def link_banners_fragment(request: AnyRequest) -> Response[str]:
    return render(request, "web/banners.html", banners=layout(request)["banners"])


pages = Router(
    "/",
    route_handlers=[document_page, document_content, signature_content, hand_over_fragment, link_banners_fragment],
    guards=[medical],
    include_in_schema=False,
)
