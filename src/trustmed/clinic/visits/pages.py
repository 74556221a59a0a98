"""Begin a visit from the patient's page, and note there that the patient came."""

from uuid import UUID

from litestar import Router, post
from litestar.params import FromPath
from litestar.response import Redirect

from trustmed.audit.actions import Action
from trustmed.clinic.desk import AnyRequest, actor_of, clinic_of, doctors, schedulers
from trustmed.clinic.visits import service
from trustmed.clinic.work import audited


@post("/patients/{patient_id:uuid}/visits", guards=[doctors], status_code=303)
async def start_visit(request: AnyRequest, patient_id: FromPath[UUID]) -> Redirect:
    actor, clinic = actor_of(request), clinic_of(request)
    async with audited(clinic.databases, actor, Action.VISIT_START, patient_id=patient_id) as (connection, _):
        visit = await service.start(connection, actor, patient_id)
    return Redirect(f"/visits/{visit.id}", status_code=303)


@post("/visits/{visit_id:uuid}/confirm", guards=[schedulers], status_code=303)
async def confirm_visit(request: AnyRequest, visit_id: FromPath[UUID]) -> Redirect:
    """Note that the patient of a visit came."""
    actor, clinic = actor_of(request), clinic_of(request)
    async with audited(clinic.databases, actor, Action.VISIT_CONFIRM) as (connection, trace):
        trace.patient_id = (await service.get(connection, actor.organization_id, visit_id)).patient_id
        visit = await service.confirm(connection, actor, visit_id)
    return Redirect(f"/patients/{visit.patient_id}", status_code=303)


pages = Router("/", route_handlers=[start_visit, confirm_visit], include_in_schema=False)
