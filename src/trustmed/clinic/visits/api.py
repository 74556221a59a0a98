"""Visits for programs."""

from uuid import UUID

import msgspec
from litestar import Router, post
from litestar.params import JSONBody

from trustmed.audit.actions import Action
from trustmed.clinic.desk import AnyRequest, actor_of, clinic_of, doctors
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


api = Router("/", route_handlers=[start_api_visit])
