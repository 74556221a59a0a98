"""Visits for programs."""

from uuid import UUID

import msgspec
from litestar import Router, post
from litestar.params import FromPath, JSONBody

from trustmed.audit.actions import Action
from trustmed.clinic.desk import AnyRequest, actor_of, clinic_of, doctors, schedulers
from trustmed.clinic.visits import service
from trustmed.clinic.visits.model import Visit
from trustmed.clinic.work import audited


class NewVisit(msgspec.Struct, frozen=True):
    patient_id: UUID


@post("/visits", guards=[doctors], tags=["visits"])
async def start_api_visit(request: AnyRequest, data: JSONBody[NewVisit]) -> Visit:
    """Begin a visit of a patient to the signed-in doctor."""
    actor = actor_of(request)
    databases = clinic_of(request).databases
    async with audited(databases, actor, Action.VISIT_START, patient_id=data.patient_id) as (connection, _):
        return await service.start(connection, actor, data.patient_id)


@post("/visits/{visit_id:uuid}/confirm", guards=[schedulers], tags=["visits"], status_code=200)
async def confirm_api_visit(request: AnyRequest, visit_id: FromPath[UUID]) -> Visit:
    """Note that the patient came: by somebody else than the doctor who began the visit."""
    actor = actor_of(request)
    async with audited(clinic_of(request).databases, actor, Action.VISIT_CONFIRM) as (connection, trace):
        trace.patient_id = (await service.get(connection, actor.organization_id, visit_id)).patient_id
        return await service.confirm(connection, actor, visit_id)


api = Router("/", route_handlers=[start_api_visit, confirm_api_visit])
