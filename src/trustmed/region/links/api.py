"""Serve the region's pages as JSON to the same accounts."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Router, get
from litestar.params import FromQuery, QueryParameter

from trustmed.region.links.model import FeedOfDatabase, Part
from trustmed.region.links.service import all_links, feed, parts
from trustmed.region.registry.model import Registration
from trustmed.region.registry.service import newest
from trustmed.topology.watch.status import LinkState
from trustmed.web.guards import role_is

AnyRequest = Request[Any, Any, Any]


class LinksView(msgspec.Struct, frozen=True):
    links: tuple[LinkState, ...]


class FeedView(msgspec.Struct, frozen=True):
    """`missing`: databases that do not answer, so the state of their feed is unknown."""

    feed: tuple[FeedOfDatabase, ...]
    missing: tuple[Part, ...]


class RegistrationView(msgspec.Struct, frozen=True):
    """A new document, without anything about the patient; `sha256` in hex."""

    organization_id: int
    id: UUID
    kind: str
    title: str
    signed_at: datetime
    size_bytes: int
    sha256: str


class NewestView(msgspec.Struct, frozen=True):
    documents: list[RegistrationView]


@get("/links", summary="Every link: state, lag, last error, next action")
async def read_links(request: AnyRequest) -> LinksView:
    return LinksView(await all_links(request.app.state.pools))


@get("/registry/newest", summary="The newest registrations")
async def read_newest(
    request: AnyRequest,
    organization: FromQuery[int | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=200)] = 50,
) -> NewestView:
    return NewestView([_view(one) for one in await newest(request.app.state.pools, limit, organization)])


@get("/feed", summary="Positions of the change feed and parked changes")
async def read_feed(request: AnyRequest) -> FeedView:
    pools = request.app.state.pools
    missing = tuple(part for part in await parts(pools) if not part.up)
    return FeedView(await feed(pools, request.app.state.awaited_places), missing)


def _view(one: Registration) -> RegistrationView:
    return RegistrationView(
        one.organization_id, one.id, one.kind, one.title, one.signed_at, one.size_bytes, one.sha256.hex()
    )


def links_api() -> Router:
    return Router(
        "/api/v1",
        route_handlers=[read_links, read_newest, read_feed],
        guards=[role_is("engineer", "analyst")],
        tags=["region"],
    )
