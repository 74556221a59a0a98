"""The head's page of emergency accesses, and the number of those not yet reviewed."""

import datetime as dt
from typing import Final

from litestar import Response, Router, get, post
from litestar.enums import MediaType
from litestar.params import FromQuery
from litestar.response import Redirect

from trustmed.audit.actions import Action
from trustmed.clinic.audit.pages import in_words
from trustmed.clinic.desk import AnyRequest, actor_of, clinic_of, heads
from trustmed.clinic.emergency import new_visits, service
from trustmed.clinic.emergency.service import PAGE, EmergencyAccess, Place
from trustmed.clinic.work import audited, tenant
from trustmed.topology.file.spec import Topology
from trustmed.web.forms import fields, uuid_or_none, uuids_of
from trustmed.web.i18n import gettext as _
from trustmed.web.templating import render

ADDRESS: Final = "/audit/break-glass"


@get("/")
async def emergency_page(request: AnyRequest, before: FromQuery[str] = "") -> Response[str]:
    actor, clinic = actor_of(request), clinic_of(request)
    async with audited(clinic.databases, actor, Action.GLASS_READ, ground="service") as (connection, _trace):
        found = await service.newest(connection, actor, _place(before), PAGE + 1)
        count = await service.unseen(connection, actor.organization_id)
    shown = found[:PAGE]
    return render(
        request,
        "emergency/list.html",
        entries=shown,
        more=f"{shown[-1].at.isoformat()}~{shown[-1].id}" if len(found) > PAGE else None,
        unseen_here=",".join(str(one.id) for one in shown if one.seen_at is None),
        count=count,
        where={one.id: _where(clinic.topology, one) for one in shown},
        words=in_words,
    )


@post("/seen", status_code=303)
async def mark_seen(request: AnyRequest) -> Redirect:
    """Mark the accesses shown on the page as reviewed."""
    actor, clinic, given = actor_of(request), clinic_of(request), await fields(request)
    ids = uuids_of(given.get("ids", ""))
    async with audited(clinic.databases, actor, Action.GLASS_SEEN, ground="service") as (connection, trace):
        await service.mark_seen(connection, actor, ids)
        trace.detail = f"seen: {len(ids)}"
    return Redirect(ADDRESS, status_code=303)


@get("/count")
async def unseen_count(request: AnyRequest) -> Response[str]:
    """Return the number for the menu, nothing if it is zero. Not audited, because a number reveals nobody."""
    actor, clinic = actor_of(request), clinic_of(request)
    async with tenant(clinic.databases.site, actor.organization_id) as connection:
        count = await service.unseen(connection, actor.organization_id)
        count += await new_visits.unseen(connection, actor.organization_id)
    return Response(str(count) if count else "", media_type=MediaType.HTML)


def _where(topology: Topology, one: EmergencyAccess) -> str:
    if one.reader_organization is None:
        return _("сотрудник региона")
    found = topology.organization(one.reader_organization)
    return found.title if found else _("организация %(number)s") % {"number": one.reader_organization}


def _place(before: str) -> Place:
    """Return the place that the `more` link of the previous page named, or the beginning if it cannot be read."""
    at, _tilde, identifier = before.partition("~")
    found = uuid_or_none(identifier)
    try:
        return Place(dt.datetime.fromisoformat(at), found) if found else Place()
    except ValueError:
        return Place()


pages = Router(
    ADDRESS, route_handlers=[emergency_page, mark_seen, unseen_count], guards=[heads], include_in_schema=False
)
