"""The web application of a site."""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from litestar import Litestar, Router
from litestar.openapi.spec import Components, SecurityScheme

from trustmed.audit.sealing import EVERY_SECONDS, Sealer
from trustmed.clinic.accounts import pages as accounts
from trustmed.clinic.accounts.door import DOOR
from trustmed.clinic.accounts.office import DESK
from trustmed.clinic.audit import pages as audit
from trustmed.clinic.booking import api as booking_api
from trustmed.clinic.booking import pages as booking
from trustmed.clinic.booking import slot_pages, task_pages
from trustmed.clinic.booking.tending import tending
from trustmed.clinic.card import booking as booking_card
from trustmed.clinic.card import patient as patient_card
from trustmed.clinic.card import visit as visit_card
from trustmed.clinic.consents import pages as consents
from trustmed.clinic.desk import layout
from trustmed.clinic.documents import api as documents_api
from trustmed.clinic.documents import pages as drafts
from trustmed.clinic.documents import signed_pages
from trustmed.clinic.emergency import new_visit_pages as new_visits
from trustmed.clinic.emergency import pages as emergency
from trustmed.clinic.link.watch import LinkWatch, watching
from trustmed.clinic.nsi import desk as nsi
from trustmed.clinic.patients import api as patients_api
from trustmed.clinic.patients import pages as patients
from trustmed.clinic.record import pages as record
from trustmed.clinic.record.region import RegionRecord
from trustmed.clinic.schedule import pages as schedule
from trustmed.clinic.site import Clinic
from trustmed.clinic.visits import api as visits_api
from trustmed.clinic.visits import pages as visits
from trustmed.clinic.work import ROLE
from trustmed.staff.own_pages import own_pages
from trustmed.topology.connect import cache_url, conninfo
from trustmed.topology.file.spec import Database, Topology
from trustmed.topology.secrets import ensure_secret
from trustmed.web.app import build_app
from trustmed.web.attempts import Attempts
from trustmed.web.door import door_api, door_pages
from trustmed.web.guards import same_origin
from trustmed.web.health import DatabaseProbe, Part, Probe
from trustmed.web.inside import description_guard, metrics_guard
from trustmed.web.limits import JSON_BODY
from trustmed.web.proxies import networks_of
from trustmed.web.sealed import search_key
from trustmed.web.sessions import SessionStore
from trustmed.web.tasks import end_tasks, repeat
from trustmed.web.turns import Turns

ROOMS = {
    name: f"trustmed.clinic.{name}"
    for name in ("patients", "card", "documents", "audit", "record", "consents", "emergency", "schedule", "booking")
} | {"staff": "trustmed.staff"}


def create_app(topology: Topology, site_name: str) -> Litestar:
    """Make the application. It starts even with its databases down, and says so.

    Environment: TRUSTMED_HTTPS=1 if people open it by https; TRUSTMED_SEMD_DIR: the folder of official rules.
    Raises SecretMissing if a password is missing.
    """
    clinic = Clinic(topology, site_name)
    sessions = SessionStore(clinic.databases.site, cache_url(topology, clinic.site), clinic.title_of)
    region_record = RegionRecord(topology, clinic.site)

    @asynccontextmanager
    async def parts(app: Litestar) -> AsyncGenerator[None]:
        await clinic.databases.open()
        sealing = asyncio.create_task(repeat(_sealer(clinic).work, EVERY_SECONDS, "trail_sealing"))
        try:
            async with tending(clinic):
                with watching(clinic.link):
                    yield
        finally:
            await end_tasks(sealing)
            await region_record.close()
            await sessions.close()
            await clinic.databases.close()

    door = [door_pages(DOOR), own_pages(DESK), accounts.pages]
    rooms = [
        *(patients.pages, consents.pages, visits.pages, drafts.pages, signed_pages.pages),
        *(audit.pages, emergency.pages, new_visits.pages, record.pages, *nsi.pages),
        *(schedule.pages, booking.pages, slot_pages.pages, task_pages.pages),
        *(patient_card.pages, visit_card.pages, booking_card.pages),
    ]
    interfaces = [door_api(DOOR), patients_api.api, visits_api.api, documents_api.api, booking_api.api, nsi.api]
    api = Router("/api/v1", route_handlers=interfaces, guards=[same_origin], request_max_body_size=JSON_BODY)
    return build_app(
        name=site_name,
        handlers=[*door, *rooms, api],
        sessions=sessions,
        csrf_secret=ensure_secret(topology, site_name, "csrf"),
        rooms=ROOMS,
        catalogues=("trustmed.clinic", "trustmed.staff"),
        layout=layout,
        metrics_guard=metrics_guard(ensure_secret(topology, site_name, "metrics"), "engineer", "head"),
        description_guard=description_guard(),
        probes=probes(clinic, sessions),
        lifespan=[parts],
        https=os.environ.get("TRUSTMED_HTTPS") == "1",
        trusted_proxies=networks_of(clinic.site.trusted_proxies),
        state={
            "clinic": clinic,
            "attempts": Attempts(),
            "turns": Turns(),
            "door_secret": ensure_secret(topology, site_name, "door"),
            "region_record": region_record,
            "search_key": search_key(ensure_secret(topology, site_name, "search")),
        },
        api_title="TrustMed: site",
        api_components=Components(security_schemes={"session": SecurityScheme(type="http", scheme="bearer")}),
    )


def _sealer(clinic: Clinic) -> Sealer:
    databases = {database.label: pool.connection for database, pool in clinic.databases.each()}
    return Sealer(databases, clinic.databases.site.connection, "hand_over", {"organization_id": clinic.home})


def probes(clinic: Clinic, sessions: SessionStore) -> dict[str, Probe]:
    """Return the probes of `/health`."""
    found = {
        "database": _database_probe(clinic, clinic.databases.site_database),
        "documents": _database_probe(clinic, clinic.databases.documents_database),
        "region_link": _link_part(clinic.link),
    }
    if sessions.copies.redis.configured:
        found["redis"] = _redis_part(sessions)
    return found


def _database_probe(clinic: Clinic, database: Database) -> Probe:
    return DatabaseProbe(conninfo(clinic.topology, database, ROLE, "site health"))


def _link_part(watch: LinkWatch) -> Probe:
    async def probe() -> Part:
        view = watch.view
        waiting = sum(view.waiting.values())
        detail = f"{view.state}, waiting: {waiting}" + (f", {view.cause}" if view.cause else "")
        return Part("ok" if view.state == "linked" else "degraded", detail)

    return probe


def _redis_part(sessions: SessionStore) -> Probe:
    async def probe() -> Part:
        return Part("ok") if sessions.copies.redis.is_up else Part("degraded", "sessions are read from PostgreSQL")

    return probe
