"""The region's pages: the overview with the map, the newest documents."""

from datetime import UTC, datetime
from typing import Any

from litestar import Request, Response, Router, get
from litestar.params import FromQuery
from litestar.response import Redirect

from trustmed.region.links.map import region_map
from trustmed.region.links.model import Overview, tone_of
from trustmed.region.links.service import overview
from trustmed.region.organizations import organization_titles
from trustmed.region.pools import PartMissing, Pools
from trustmed.region.registry.model import Registration
from trustmed.region.registry.service import newest
from trustmed.topology.watch.status import LinkState, state_words
from trustmed.web import i18n
from trustmed.web.guards import role_is
from trustmed.web.templating import render

AnyRequest = Request[Any, Any, Any]
watchers = role_is("engineer", "analyst")
ON_OVERVIEW = 12
ON_PAGE = 100
HOMES = {"steward": "/steward", "physician": "/record", "operator": "/booking"}
"""The first pages of the roles that do not work with the overview."""
BEARERS = {
    "site": ("площадка", "site"),
    "program": ("программа", "program"),
    "portal": ("портал", "portal"),
    "gateway": ("шлюз", "gateway"),
}
PLACES = {"nsi": "НСИ", "mpi": "МПИ", "booking": "запись", "registry": "реестр", "record": "ИЭМК"}
PLACES |= {"site": "МИС", "documents": "документы"}


@get("/", guards=[role_is("engineer", "analyst", *HOMES)])
async def overview_page(request: AnyRequest) -> Response[Any]:
    """Show the overview; for htmx only the part that changes with the links. Roles in HOMES are redirected."""
    state = request.app.state
    if request.user.role in HOMES:
        return Redirect(HOMES[request.user.role], status_code=303)
    found = await overview(state.pools, state.hot, state.awaited_places)
    return render(
        request,
        "region/overview.html",
        fragment="state",
        found=found,
        map=region_map(state.pools.topology, found.links, _down(found)),
        troubles=_troubles(found.links),
        counts=_counts(found),
        state_word=state_word,
        tone_of=tone_of,
        place_word=place_word,
        bearer_word=bearer_word,
        now=datetime.now(UTC),
        **await _newest(state.pools, ON_OVERVIEW, None),
    )


@get("/newest", guards=[watchers])
async def newest_fragment(request: AnyRequest) -> Response[str]:
    """Show only the newest registrations; the overview asks for them every second."""
    return render(
        request, "region/newest.html", fragment="newest", **await _newest(request.app.state.pools, ON_OVERVIEW, None)
    )


@get("/documents", guards=[watchers])
async def documents_page(request: AnyRequest, organization: FromQuery[str] = "") -> Response[str]:
    """Show the newest documents of all organisations or of one."""
    pools: Pools = request.app.state.pools
    organizations = [one for site in pools.topology.site for one in site.organization]
    chosen = next((one.id for one in organizations if str(one.id) == organization), None)
    found = await _newest(pools, ON_PAGE, chosen)
    return render(request, "region/documents.html", organizations=organizations, chosen=chosen, **found)


async def _newest(pools: Pools, limit: int, organization_id: int | None) -> dict[str, Any]:
    rows: tuple[Registration, ...] = ()
    missing = None
    try:
        rows = await newest(pools, limit, organization_id)
    except PartMissing as error:
        missing = error.text(i18n.current.get())
    titles = organization_titles(pools.topology)
    return {"newest": rows, "newest_missing": missing, "titles": titles}


def state_word(state: str) -> str:
    """Return the state of a link in the request's language."""
    return state_words(state, i18n.current.get())


def bearer_word(kind: str) -> str:
    """Return what kind of bearer a certificate has, in the request's language."""
    return i18n.by_language(*BEARERS[kind])


def place_word(place: str) -> str:
    """Return the name of a segment in the request's language."""
    return i18n.gettext(PLACES[place])


def _down(found: Overview) -> frozenset[str]:
    return frozenset(part.name for part in found.parts if not part.up)


def _troubles(links: tuple[LinkState, ...]) -> list[list[LinkState]]:
    """Group the links that need a person's help by state, cause and action, so that a dead line is shown once."""
    alike: dict[tuple[str | None, ...], list[LinkState]] = {}
    for link in links:
        if tone_of(link) == "bad":
            alike.setdefault((link.state, link.error_ru, link.action_ru), []).append(link)
    return list(alike.values())


def _counts(found: Overview) -> list[tuple[str, str, int]]:
    """Return (state, tone, how many) of every state that occurs, the worst first."""
    order = ("broken", "unreachable", "catching_up", "copying", "paused", "unknown", "streaming")
    by_state = {state: [link for link in found.links if link.state == state] for state in order}
    return [(state, tone_of(links[0]), len(links)) for state, links in by_state.items() if links]


def links_pages() -> Router:
    return Router(
        "/",
        route_handlers=[overview_page, newest_fragment, documents_page],
        include_in_schema=False,
    )
