"""`/api/v1/authority`: a site's first certificate by its code, the next by the present one; root and revocation list.

The routes are open: the code or the present key is the credential, and what they give out is public.
"""

import asyncio
from typing import Any, Final

import msgspec
from litestar import Request, Response, Router, get, post

from trustmed.authority.enrolment import EnrolWish, Issued, RenewWish
from trustmed.authority.trust import trust_folder
from trustmed.errors import InputRefused, TrustMedError
from trustmed.region.access.entry import refusal_response
from trustmed.region.authority import service
from trustmed.region.authority.errors import AuthorityMissing, TooManyRequests
from trustmed.region.authority.folder import LIST, ROOT
from trustmed.topology.file.spec import Topology

LARGEST_BODY: Final = 128_000
"""Bytes: four certificates of the largest size, a request and a signature, in Base64."""
PER_SECOND: Final = 0.2
BURST: Final = 20.0
AT_ONCE: Final = 2
"""Requests that work at once; each has a connection to the registry of its own, none of the pool's."""

AnyRequest = Request[Any, Any, Any]


class WishDamaged(InputRefused):
    """The body is not what these addresses take."""

    def __init__(self, cause: str) -> None:
        super().__init__(f"Запрос не разобран: {cause}.", f"The request cannot be read: {cause}.")


def authority_api() -> Router:
    """Return the routes of the authority."""
    at_once = asyncio.Semaphore(AT_ONCE)

    @post("/enrol", status_code=200)
    async def enrol_by_code(request: AnyRequest) -> Response[Any]:
        return await _answer(request, at_once, EnrolWish)

    @post("/renew", status_code=200)
    async def renew_by_certificate(request: AnyRequest) -> Response[Any]:
        return await _answer(request, at_once, RenewWish)

    return Router(
        "/api/v1/authority",
        route_handlers=[enrol_by_code, renew_by_certificate, root_certificate, revocation_list],
        exception_handlers={TrustMedError: refusal_response},
        request_max_body_size=LARGEST_BODY,
        opt={"exclude_from_csrf": True},
        tags=["authority"],
    )


async def _answer(request: AnyRequest, at_once: asyncio.Semaphore, kind: type[EnrolWish | RenewWish]) -> Response[Any]:
    address = request.client.host if request.client else "-"
    wait = request.app.state.buckets.take(f"authority {address}", PER_SECOND, BURST)
    if wait:
        raise TooManyRequests(wait)
    try:
        wish = msgspec.json.decode(await request.body(), type=kind)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise WishDamaged(str(error)) from error
    async with at_once:
        issued = await asyncio.to_thread(_carry_out, request.app.state.pools.topology, wish, address)
    return Response(msgspec.json.encode(issued), media_type="application/json")


def _carry_out(topology: Topology, wish: EnrolWish | RenewWish, address: str) -> Issued:
    desk = service.open_desk(topology)
    if isinstance(wish, EnrolWish):
        return service.enrol(desk, wish, address)
    return service.renew(desk, wish, address)


@get("/root", sync_to_thread=True)
def root_certificate(request: AnyRequest) -> Response[bytes]:
    """Return the root certificate (PEM)."""
    return _file(request, ROOT, "application/x-pem-file")


@get("/crl", sync_to_thread=True)
def revocation_list(request: AnyRequest) -> Response[bytes]:
    """Return the revocation list (DER)."""
    return _file(request, LIST, "application/pkix-crl")


def _file(request: AnyRequest, name: str, media_type: str) -> Response[bytes]:
    folder = trust_folder(request.app.state.pools.topology)
    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        raise AuthorityMissing(folder) from error
    return Response(content, media_type=media_type, headers={"Cache-Control": "public, max-age=300"})
