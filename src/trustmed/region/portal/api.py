"""`/portal/v1`: documents of a person for the citizens' portal (a machine client with a bearer token)."""

from base64 import b64encode
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, Router, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, QueryParameter

from trustmed.errors import TrustMedError
from trustmed.region.access.entry import refusal_response
from trustmed.region.citizens.admission import Admitted
from trustmed.region.pools import Pools
from trustmed.region.portal import booking, disclosures, service
from trustmed.region.portal.entry import GUARDS, admitted
from trustmed.region.portal.model import (
    DocumentsView,
    DocumentView,
    SignaturesView,
    document_view,
    documents_view,
    signatures_view,
)
from trustmed.region.portal.narrow import narrowing_of
from trustmed.region.registry.service import HOT_PAGE, LONGEST_PAGE
from trustmed.web.limits import JSON_BODY


@get("/documents", summary="A person's documents, newest first")
async def list_documents(
    request: Request[Any, Any, Any],
    asked: NamedDependency[Admitted],
    kind: FromQuery[str | None] = None,
    since: Annotated[
        str | None, QueryParameter(name="from", description="Documents dated at or after, like 2026-11-05T00:00:00Z")
    ] = None,
    before: Annotated[
        str | None, QueryParameter(name="to", description="Documents dated before, like 2026-11-06T00:00:00Z")
    ] = None,
    after: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=LONGEST_PAGE)] = HOT_PAGE,
) -> DocumentsView:
    """Somebody unknown to the region gets an empty list. Times carry a zone, like 2026-11-05T00:00:00Z."""
    state = request.app.state
    narrowing = narrowing_of(kind, since, before)
    page = await service.documents(state.pools, state.hot, asked, narrowing, after, limit)
    return documents_view(state.pools.topology, page)


@get("/documents/{document_id:uuid}", summary="A document's metadata")
async def read_document(
    request: Request[Any, Any, Any], asked: NamedDependency[Admitted], document_id: FromPath[UUID]
) -> DocumentView:
    pools: Pools = request.app.state.pools
    return document_view(pools.topology, await service.document(pools, asked, document_id))


@get("/documents/{document_id:uuid}/content", summary="The exact signed bytes", media_type="application/octet-stream")
async def read_content(
    request: Request[Any, Any, Any], asked: NamedDependency[Admitted], document_id: FromPath[UUID]
) -> Response[bytes]:
    """409 with Retry-After while the bytes are still on their way; 503 names the part that is down.

    304 to an If-None-Match with the ETag of these bytes.
    """
    body = await service.content(request.app.state.pools, asked, document_id)
    digest = b64encode(body.sha256).decode("ascii")
    tag = f'"{body.sha256.hex()}"'
    headers = {
        "ETag": tag,
        "Repr-Digest": f"sha-256=:{digest}:",
        "Digest": f"sha-256={digest}",
        "Content-Disposition": f'attachment; filename="{document_id}.xml"',
    }
    if _has(request, tag):
        return Response(b"", status_code=304, headers=headers)
    return Response(body.content, media_type=body.media_type, headers=headers)


@get("/documents/{document_id:uuid}/signatures", summary="The document's signatures")
async def list_signatures(
    request: Request[Any, Any, Any], asked: NamedDependency[Admitted], document_id: FromPath[UUID]
) -> SignaturesView:
    return signatures_view(await service.signatures(request.app.state.pools, asked, document_id))


@get(
    "/documents/{document_id:uuid}/signatures/{number:int}",
    summary="One signature: detached CMS, DER",
    media_type="application/pkcs7-signature",
)
async def read_signature(
    request: Request[Any, Any, Any],
    asked: NamedDependency[Admitted],
    document_id: FromPath[UUID],
    number: FromPath[int],
) -> Response[bytes]:
    found = await service.signature(request.app.state.pools, asked, document_id, number)
    headers = {"Content-Disposition": f'attachment; filename="{document_id}.{number}.p7s"'}
    return Response(found.content, media_type="application/pkcs7-signature", headers=headers)


def _has(request: Request[Any, Any, Any], tag: str) -> bool:
    """Return whether the caller says that it has these bytes already."""
    named = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    return tag in named or "*" in named


def portal_router() -> Router:
    """Return the routes under `/portal/v1`. `app.state` has `pools`, `hot`, `buckets`, `known_clients`,
    `entrance`.
    """
    return Router(
        path="/portal/v1",
        route_handlers=[
            *(list_documents, read_document, read_content, list_signatures, read_signature),
            *disclosures.HANDLERS,
            *booking.HANDLERS,
        ],
        request_max_body_size=JSON_BODY,
        guards=list(GUARDS),
        dependencies={"asked": Provide(admitted)},
        exception_handlers={TrustMedError: refusal_response},
        opt={"exclude_from_csrf": True, "machine_only": True},
        tags=["portal"],
        security=[{"client_token": []}],
    )
