"""The head's page of new visits without a booking by which the region's record was read."""

from itertools import groupby
from typing import Final

from litestar import Response, Router, get, post
from litestar.response import Redirect

from trustmed.audit.actions import Action
from trustmed.clinic.desk import AnyRequest, actor_of, clinic_of, heads
from trustmed.clinic.emergency import new_visits
from trustmed.clinic.work import audited
from trustmed.web.forms import fields, uuids_of
from trustmed.web.templating import render

ADDRESS: Final = "/audit/new-visits"


@get("/")
async def new_visits_page(request: AnyRequest) -> Response[str]:
    actor, clinic = actor_of(request), clinic_of(request)
    async with audited(clinic.databases, actor, Action.NEW_VISITS_READ, ground="service") as (connection, _trace):
        found = await new_visits.newest(connection, actor)
    days = [(day, list(ones)) for day, ones in groupby(found, key=lambda one: one.first_at.astimezone().date())]
    return render(
        request,
        "emergency/new_visits.html",
        days=days,
        shown_days=new_visits.SHOWN_DAYS,
        unseen_here=",".join(str(one.id) for one in found if one.seen_at is None),
    )


@post("/seen", status_code=303)
async def mark_new_visits_seen(request: AnyRequest) -> Redirect:
    """Mark the readings shown on the page as seen."""
    actor, clinic, given = actor_of(request), clinic_of(request), await fields(request)
    ids = uuids_of(given.get("ids", ""))
    async with audited(clinic.databases, actor, Action.NEW_VISITS_SEEN, ground="service") as (connection, trace):
        await new_visits.mark_seen(connection, actor, ids)
        trace.detail = f"seen: {len(ids)}"
    return Redirect(ADDRESS, status_code=303)


pages = Router(ADDRESS, route_handlers=[new_visits_page, mark_new_visits_seen], guards=[heads], include_in_schema=False)
