"""The audit trail, for the head of an organisation."""

from litestar import Response, Router, get
from litestar.params import FromQuery

from trustmed.audit.actions import Action, words_for_head
from trustmed.audit.trail import NEWEST, find_newest
from trustmed.clinic.desk import AnyRequest, actor_of, clinic_of, heads
from trustmed.clinic.work import audited
from trustmed.web.forms import uuid_or_none
from trustmed.web.i18n import by_language
from trustmed.web.templating import render

PAGE = 50


@get("/audit", guards=[heads])
async def trail_page(request: AnyRequest, before: FromQuery[str] = "", patient: FromQuery[str] = "") -> Response[str]:
    actor = actor_of(request)
    wanted = uuid_or_none(patient)
    databases = clinic_of(request).databases
    async with audited(databases, actor, Action.TRAIL_READ, ground="service", patient_id=wanted) as (
        connection,
        _trace,
    ):
        entries = await find_newest(connection, actor, PAGE + 1, uuid_or_none(before) or NEWEST, wanted)
    more = entries[PAGE - 1].id if len(entries) > PAGE and wanted is None else None
    return render(
        request,
        "audit/trail.html",
        entries=entries[:PAGE],
        more=more,
        patient=wanted,
        cut=len(entries) > PAGE,
        words=in_words,
    )


def in_words(action: str) -> str:
    """Return how a head reads an action in the trail: as it is stored, if it has no words."""
    words = words_for_head(action)
    return by_language(*words) if words else action


pages = Router("/", route_handlers=[trail_page], include_in_schema=False)
