"""`/portal/v1`: who looked into the person's record, and a one-time address of our page about it."""

import datetime as dt
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody, QueryParameter

from trustmed.audit.actions import Action
from trustmed.errors import NotFound
from trustmed.region.access.model import Access
from trustmed.region.access.service import note_refusal
from trustmed.region.citizens.admission import Admitted
from trustmed.region.disclosures import words
from trustmed.region.disclosures.model import LONGEST_PAGE, PAGE, Look, LooksPage, LooksQuery
from trustmed.region.disclosures.pages import OPENING
from trustmed.region.disclosures.service import find_looks
from trustmed.region.disclosures.views import PageName, make_view
from trustmed.region.organizations import OrganizationView, organization_view
from trustmed.region.pools import Pools
from trustmed.region.portal.narrow import narrowing_of
from trustmed.schema import Place
from trustmed.topology.file.spec import Topology
from trustmed.web.i18n import Language


class PersonUnknown(NotFound):
    """Nobody in the region's index has this СНИЛС."""

    def __init__(self) -> None:
        super().__init__(
            "Человека с этим СНИЛС в регионе нет: показывать нечего.",
            "Nobody in the region has this СНИЛС: there is nothing to show.",
        )


class AccessView(msgspec.Struct, frozen=True):
    """`what`, `on_ground`: in the request's language; `organization`: None for the region's own staff and portals.

    `own`: the person themself, through a portal. `reason`: of emergency access.
    """

    id: UUID
    at: dt.datetime
    who: str
    position: str | None
    organization: OrganizationView | None
    action: str
    what: str
    ground: str
    on_ground: str
    reason: str | None
    document_id: UUID | None
    own: bool


class MissingView(msgspec.Struct, frozen=True):
    """A part of the region that does not answer: accesses of these organisations may be lacking."""

    part: str | None
    organizations: list[OrganizationView]


class AccessesView(msgspec.Struct, frozen=True):
    """A page, newest first. `after`: hand it back for the next page; null at the end."""

    accesses: list[AccessView]
    after: str | None
    missing: list[MissingView]


class ViewWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The page to open, and its language."""

    page: PageName
    language: Language = "ru"


class ViewMade(msgspec.Struct, frozen=True):
    """Send the citizen's browser to `address`; it opens once, until `expires_at`. `path`: the same without the host."""

    address: str
    path: str
    expires_at: dt.datetime


@get("/accesses", summary="Who looked into the person's record, newest first")
async def list_accesses(
    request: Request[Any, Any, Any],
    asked: NamedDependency[Admitted],
    since: Annotated[str | None, QueryParameter(name="from", description="At or after, 2026-11-05T00:00:00Z")] = None,
    before: Annotated[str | None, QueryParameter(name="to", description="Before, like 2026-11-06T00:00:00Z")] = None,
    break_glass: FromQuery[bool] = False,
    after: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=LONGEST_PAGE)] = PAGE,
) -> AccessesView:
    """Somebody unknown to the region gets an empty list. `break_glass=true`: emergency access only."""
    pools: Pools = request.app.state.pools
    bounds = narrowing_of(None, since, before)
    person_id = await _person(pools, asked, Action.TRAIL_READ)
    if person_id is None:
        return AccessesView([], None, [])
    page = LooksQuery(bounds.since, bounds.before, break_glass, after, limit)
    return accesses_view(pools.topology, await find_looks(pools, asked.reader, person_id, page))


@post("/views", summary="A one-time address of a page for the person")
async def make_view_address(
    request: Request[Any, Any, Any], asked: NamedDependency[Admitted], data: JSONBody[ViewWanted]
) -> ViewMade:
    """The address opens once, within five minutes; the page then stays open for fifteen. 404 for somebody unknown."""
    pools: Pools = request.app.state.pools
    person_id = await _person(pools, asked, Action.VIEW_OPEN)
    if person_id is None:
        raise PersonUnknown
    made = await make_view(pools, asked.reader, person_id, data.page, data.language)
    path = f"{OPENING}/{made.token}"
    return ViewMade(f"{str(request.base_url).rstrip('/')}{path}", path, made.expires_at)


async def _person(pools: Pools, asked: Admitted, action: Action) -> UUID | None:
    if asked.person_id is None:
        access = Access(asked.reader, action, None)
        await note_refusal(pools, pools.of_place(Place.REGISTRY), access, "not_found", PersonUnknown.__name__)
    return asked.person_id


def accesses_view(topology: Topology, found: LooksPage) -> AccessesView:
    return AccessesView(
        [_access_view(topology, look) for look in found.looks],
        found.after,
        [
            MissingView(one.part or None, [organization_view(topology, number) for number in one.organizations])
            for one in found.missing
        ],
    )


def _access_view(topology: Topology, look: Look) -> AccessView:
    return AccessView(
        id=look.id,
        at=look.at,
        who=look.actor_name,
        position=look.actor_position,
        organization=None if look.organization_id is None else organization_view(topology, look.organization_id),
        action=look.action,
        what=words.action_words(look.action),
        ground=look.ground,
        on_ground=words.ground_words(look),
        reason=look.reason,
        document_id=look.document_id,
        own=look.is_own,
    )


HANDLERS: Final = (list_accesses, make_view_address)
