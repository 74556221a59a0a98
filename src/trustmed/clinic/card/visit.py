"""The page of a visit: its patient, its drafts and its signed documents."""

from uuid import UUID

from litestar import Response, Router, get
from litestar.params import FromPath

from trustmed.audit.actions import Action
from trustmed.clinic.desk import AnyRequest, actor_of, clinic_of, hand_over, medical
from trustmed.clinic.documents import drafts, reading
from trustmed.clinic.patients import service as patients
from trustmed.clinic.visits import service as visits
from trustmed.clinic.work import audited, tenant
from trustmed.semd.kinds import KINDS
from trustmed.web.templating import render


@get("/visits/{visit_id:uuid}")
async def visit_page(request: AnyRequest, visit_id: FromPath[UUID]) -> Response[str]:
    actor, clinic = actor_of(request), clinic_of(request)
    organization_id = actor.organization_id
    async with audited(clinic.databases, actor, Action.VISIT_READ) as (connection, trace):
        visit = await visits.get(connection, organization_id, visit_id)
        trace.patient_id = visit.patient_id
        patient = await patients.get(connection, organization_id, visit.patient_id)
        writing = await drafts.of_visit(connection, organization_id, visit_id)
    async with tenant(clinic.databases.documents, organization_id) as connection:
        documents = await reading.of_visit(connection, organization_id, visit_id)
    signed = {document.id for document in documents}
    states = {document.id: hand_over(clinic, document.signed_at) for document in documents}
    return render(
        request,
        "card/visit.html",
        visit=visit,
        kinds=KINDS.values(),
        patient=patient,
        drafts=[draft for draft in writing if draft.id not in signed],
        documents=documents,
        states=states,
    )


pages = Router("/", route_handlers=[visit_page], guards=[medical], include_in_schema=False)
