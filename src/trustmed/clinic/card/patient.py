"""The page of a patient: card, consents, similar patients, documents, bookings, visits."""

from uuid import UUID

from litestar import Response, Router, get
from litestar.params import FromPath

from trustmed.audit.actions import Action
from trustmed.clinic.booking import service as booking
from trustmed.clinic.consents import service as consents
from trustmed.clinic.desk import AnyRequest, actor_of, clinic_of, hand_over, medical
from trustmed.clinic.documents import reading
from trustmed.clinic.patients import service as patients
from trustmed.clinic.patients import similar
from trustmed.clinic.visits import service as visits
from trustmed.clinic.work import audited, tenant
from trustmed.web.templating import render


@get("/patients/{patient_id:uuid}")
async def patient_page(request: AnyRequest, patient_id: FromPath[UUID]) -> Response[str]:
    actor, clinic = actor_of(request), clinic_of(request)
    organization_id = actor.organization_id
    async with audited(clinic.databases, actor, Action.PATIENT_READ, patient_id=patient_id) as (connection, _):
        patient = await patients.get(connection, organization_id, patient_id)
        booked = await booking.bookings_of(connection, organization_id, patient_id)
        held = await visits.of_patient(connection, organization_id, patient_id)
        given = await consents.of_patient(connection, organization_id, patient_id)
        region = await similar.find_together(connection, organization_id, patient_id)
        alike = await similar.find_similar(connection, organization_id, similar.entry_of(patient), patient_id)
    async with tenant(clinic.databases.documents, organization_id) as connection:
        documents = await reading.of_patient(connection, organization_id, patient_id)
    states = {document.id: hand_over(clinic, document.signed_at) for document in documents}
    return render(
        request,
        "card/patient.html",
        patient=patient,
        visits=held,
        booked=booked,
        documents=documents,
        states=states,
        consents=given,
        region=region,
        alike=_not_linked(alike, region),
    )


def _not_linked(alike: list[similar.Similar], region: similar.Together | None) -> list[similar.Similar]:
    """Leave out those whom the region has linked to the patient already."""
    known = {one.patient.id for one in region.others} if region else set()
    return [one for one in alike if one.patient.id not in known]


pages = Router("/", route_handlers=[patient_page], guards=[medical], include_in_schema=False)
