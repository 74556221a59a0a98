"""The registrar's booking tasks, and their number for the menu."""

from typing import Any, Final
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.enums import MediaType
from litestar.params import FromPath
from litestar.response import Redirect

from trustmed.audit.actions import Action
from trustmed.clinic.booking import tasks
from trustmed.clinic.desk import AnyRequest, FormWrong, actor_of, clinic_of, medical, registrars
from trustmed.clinic.work import audited, tenant
from trustmed.errors import InputRefused
from trustmed.patient.writing import tidy
from trustmed.web import i18n
from trustmed.web.forms import fields
from trustmed.web.i18n import gettext as _
from trustmed.web.templating import render

LONGEST_OUTCOME: Final = 500  # characters of what was done


@get("/")
async def tasks_page(request: AnyRequest) -> Response[str]:
    return await _page(request)


@get("/count")
async def count_fragment(request: AnyRequest) -> Response[str]:
    """Return the number shown in the menu, or nothing while there are no tasks."""
    organization_id = actor_of(request).organization_id
    async with tenant(clinic_of(request).databases.site, organization_id) as connection:
        count = await tasks.count_tasks(connection, organization_id)
    return Response(str(count) if count else "", media_type=MediaType.HTML)


@post("/{conflict_id:uuid}", guards=[registrars], status_code=200)
async def settle_conflict(request: AnyRequest, conflict_id: FromPath[UUID]) -> Response[Any]:
    actor, given = actor_of(request), await fields(request)
    how = tidy(given.get("how", ""))[:LONGEST_OUTCOME]
    try:
        if not how:
            raise FormWrong("how")
        async with audited(clinic_of(request).databases, actor, Action.TASK_SETTLE) as (connection, _trace):
            await tasks.settle_conflict(connection, actor, conflict_id, how)
    except InputRefused as error:
        return await _page(request, wrong=conflict_id, refusal=error)
    return Redirect("/tasks?done=1", status_code=303)


async def _page(
    request: AnyRequest, *, wrong: UUID | None = None, refusal: InputRefused | None = None
) -> Response[str]:
    actor = actor_of(request)
    async with audited(clinic_of(request).databases, actor, Action.TASK_READ) as (connection, trace):
        found = await tasks.tasks(connection, actor.organization_id)
        trace.detail = f"tasks: {len(found)}"
        trace.shown = tuple(dict.fromkeys(one.booking.patient_id for one in found if one.booking.patient_id))
    return render(
        request,
        "booking/tasks.html",
        status=refusal.status if refusal else 200,
        tasks=found,
        kinds=kinds(),
        wrong=wrong,
        refusal=refusal.text(i18n.current.get()) if refusal else "",
        done=request.query_params.get("done") == "1",
    )


def kinds() -> dict[str, tuple[str, str]]:
    """Return what happened and what to do about it, by the kind of a task."""
    return {
        "same_time": (
            _("Две записи на одно время"),
            _("Позвоните пациенту, выясните, какая нужна, вторую отмените или перенесите."),
        ),
        "same_speciality": (
            _("Две записи к одной специальности в один день"),
            _("Позвоните пациенту, выясните, нужны ли обе, лишнюю отмените."),
        ),
        "withdrawn": (
            _("Время снято с приёма, а пациент записан"),
            _("Предупредите пациента и перенесите или отмените запись."),
        ),
        "no_card": (
            _("Записан через регион, карты ещё нет"),
            _("Откройте запись, найдите карту среди похожих или заведите новую."),
        ),
    }


pages = Router(
    "/tasks",
    route_handlers=[tasks_page, count_fragment, settle_conflict],
    guards=[medical],
    include_in_schema=False,
)
