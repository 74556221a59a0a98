"""The region's web application: the portal's interface, the staff's pages, health and metrics."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final, get_args

from litestar import Litestar, Request, Router
from litestar.openapi.spec import Components, SecurityScheme

from trustmed.audit.sealing import EVERY_SECONDS, Sealer
from trustmed.hot.copies import HotCopies
from trustmed.programs.feed import EFFECTS
from trustmed.region.access.entry import KnownClients, client_guard
from trustmed.region.access.model import Reader
from trustmed.region.access.rate import Buckets
from trustmed.region.accounts.door import DOOR
from trustmed.region.accounts.model import FACTOR_ROLES, Scope
from trustmed.region.accounts.office import add_by_form, staff_desk
from trustmed.region.authority import metrics as authority_metrics
from trustmed.region.authority.api import authority_api
from trustmed.region.authority.publishing import keep_published
from trustmed.region.booking.api import booking_api
from trustmed.region.callcentre.pages import callcentre_pages
from trustmed.region.citizens.admission import Entrance
from trustmed.region.disclosures.pages import citizen_pages
from trustmed.region.links.api import links_api
from trustmed.region.links.metrics import RegionGauges, keep_showing
from trustmed.region.links.pages import links_pages
from trustmed.region.nsi import metrics as nsi_metrics
from trustmed.region.nsi.pages.routes import nsi_api, nsi_pages
from trustmed.region.persons.api import persons_api
from trustmed.region.pools import ROLE, Pools
from trustmed.region.portal.api import portal_router
from trustmed.region.record.api import record_api
from trustmed.region.record.pages import record_pages
from trustmed.region.record.staff import Statements
from trustmed.region.steward.pages import steward_pages
from trustmed.schema import Place
from trustmed.staff.own_pages import own_pages
from trustmed.staff.pages import staff_pages
from trustmed.topology.connect import cache_url, conninfo
from trustmed.topology.file.spec import Database, Topology
from trustmed.topology.secrets import ensure_secret
from trustmed.web import i18n
from trustmed.web.app import Layout, build_app
from trustmed.web.attempts import Attempts
from trustmed.web.door import door_api, door_pages
from trustmed.web.guards import role_is, same_origin
from trustmed.web.health import DatabaseProbe, Part, Probe
from trustmed.web.identity import role_open_to
from trustmed.web.inside import description_guard, metrics_guard
from trustmed.web.limits import JSON_BODY
from trustmed.web.proxies import networks_of
from trustmed.web.sealed import search_key
from trustmed.web.sessions import SessionStore
from trustmed.web.tasks import end_tasks, repeat
from trustmed.web.turns import Turns

SYSTEM: Final = Reader("", "", "region", "service")
ROOMS_WITH_TEXTS = ("links", "persons", "record", "steward", "nsi", "disclosures", "callcentre")


def create_app(topology: Topology, *, https: bool = False) -> Litestar:
    """Make the application. It starts even with parts of the region down, and says which.

    Raises SecretMissing if a password is missing.
    """
    pools, cache = Pools(topology), cache_url(topology)
    sessions = SessionStore(pools.pool(pools.of_place(Place.REGISTRY)), cache, factor_roles=FACTOR_ROLES)
    entrance = Entrance(topology.region.citizens, topology.folder)
    hot, desk = HotCopies(cache), staff_desk(topology.region.name)
    awaited = frozenset(effect.place for effect in EFFECTS)

    @asynccontextmanager
    async def parts(app: Litestar) -> AsyncGenerator[None]:
        await pools.open()
        showing = (
            asyncio.create_task(keep_showing(RegionGauges(app.state.registry), pools, hot, awaited)),
            asyncio.create_task(authority_metrics.keep_showing(authority_metrics.EndGauge(app.state.registry), pools)),
            asyncio.create_task(keep_published(topology)),
            asyncio.create_task(nsi_metrics.keep_showing(nsi_metrics.SpreadGauges(app.state.registry), pools)),
            asyncio.create_task(repeat(_sealer(pools).work, EVERY_SECONDS, "trail_sealing")),
        )
        try:
            yield
        finally:
            await end_tasks(*showing)
            await entrance.close()
            await hot.close()
            await sessions.close()
            await pools.close()

    return build_app(
        name="region",
        handlers=[
            *(portal_router(), booking_api(), record_api(), persons_api(), _account_api(), links_api(), nsi_api()),
            authority_api(),
            citizen_pages(),
            *(own_pages(desk), staff_pages(desk, role_is("engineer"), add_by_form)),
            *(door_pages(DOOR), links_pages(), record_pages(), steward_pages(), nsi_pages(), callcentre_pages()),
        ],
        sessions=sessions,
        csrf_secret=ensure_secret(topology, "region", "csrf"),
        rooms={
            "region": "trustmed.region.links",
            "record": "trustmed.region.record",
            "steward": "trustmed.region.steward",
            "nsi": "trustmed.region.nsi",
            "disclosures": "trustmed.region.disclosures",
            "callcentre": "trustmed.region.callcentre",
            "staff": "trustmed.staff",
        },
        catalogues=(
            "trustmed.staff",
            *(f"trustmed.region.{room}" for room in ROOMS_WITH_TEXTS),
        ),
        layout=_layout(topology),
        metrics_guard=metrics_guard(
            ensure_secret(topology, "region", "metrics"),
            *("engineer", "analyst"),
            or_token=client_guard(SYSTEM, "metrics"),
        ),
        description_guard=description_guard(client_guard(SYSTEM, *get_args(Scope))),
        probes={
            **{database.label: _database_probe(topology, database) for database in pools.databases()},
            "redis": _hot_probe(hot),
        },
        lifespan=[parts],
        https=https,
        trusted_proxies=networks_of(topology.region.trusted_proxies),
        state={
            **{"pools": pools, "hot": hot, "buckets": Buckets(), "known_clients": KnownClients()},
            "entrance": entrance,
            "statements": Statements(topology),
            "awaited_places": awaited,
            **{
                "attempts": Attempts(),
                "turns": Turns(),
                "door_secret": ensure_secret(topology, "region", "door"),
                "factor_secret": ensure_secret(topology, "region", "factor"),
                "grounds_secret": ensure_secret(topology, "region", "grounds"),
            },
            "search_key": search_key(ensure_secret(topology, "region", "search")),
        },
        api_title="TrustMed: region",
        api_components=Components(security_schemes={"client_token": SecurityScheme(type="http", scheme="bearer")}),
    )


def _account_api() -> Router:
    return Router(
        "/api/v1",
        route_handlers=[door_api(DOOR)],
        guards=[same_origin],
        opt={"exclude_from_csrf": True},
        request_max_body_size=JSON_BODY,
    )


def _layout(topology: Topology) -> Layout:
    name = topology.region.name
    name_en = topology.region.name_en or name

    def layout(request: Request[Any, Any, Any]) -> dict[str, Any]:
        return {
            "site_title": i18n.by_language(name, name_en),
            "menu": _menu(role_open_to(request.scope.get("user"))),
            "banners": (),
        }

    return layout


def _menu(role: str) -> list[tuple[str, str]]:
    """Return the pages that an account of this role may open."""
    menu: list[tuple[str, str]] = []
    if role in ("engineer", "analyst"):
        menu += [("/", i18n.gettext("Обзор")), ("/documents", i18n.gettext("Документы")), ("/nsi", i18n.gettext("НСИ"))]
    if role in ("steward", "analyst"):
        menu += [("/steward", i18n.gettext("Очередь")), ("/persons", i18n.gettext("Люди"))]
    if role == "engineer":
        menu += [("/staff", i18n.gettext("Сотрудники"))]
    if role == "operator":
        menu += [("/booking", i18n.gettext("Запись к врачу"))]
    if role == "physician":
        menu += [("/record", i18n.gettext("Карта пациента"))]
    return menu


def _sealer(pools: Pools) -> Sealer:
    databases = {database.label: partial(pools.connection, database) for database in pools.databases()}
    return Sealer(databases, partial(pools.connection, pools.of_place(Place.MPI)), "hand_over_at_region", {})


def _database_probe(topology: Topology, database: Database) -> Probe:
    """Return the probe of a database: it is down, not degraded, where the region cannot answer at all without it."""
    vital = bool(database.places & {Place.REGISTRY, Place.MPI})
    return DatabaseProbe(conninfo(topology, database, ROLE, "region health"), "down" if vital else "degraded")


def _hot_probe(hot: HotCopies) -> Probe:
    async def probe() -> Part:
        return Part("ok") if hot.is_up else Part("degraded", "no Redis: everything is read from the databases")

    return probe
