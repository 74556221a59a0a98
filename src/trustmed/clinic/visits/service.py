"""Begin and read visits, within a tenant's transaction."""

from collections.abc import Mapping
from uuid import UUID

from psycopg import AsyncConnection

from trustmed.audit.trail import Actor
from trustmed.clinic.patients import service as patients
from trustmed.clinic.visits.model import Visit
from trustmed.db.async_rows import find_structs
from trustmed.db.queries import load
from trustmed.errors import Forbidden, NotFound

sql = load(__package__)


class VisitMissing(NotFound):
    """No such visit in this organisation."""


class OnlyDoctors(Forbidden):
    """Only a doctor may do this."""


class ConfirmedByItsDoctor(Forbidden):
    """Who began a visit does not confirm it."""

    def __init__(self) -> None:
        super().__init__(
            "Приход пациента отмечает другой сотрудник, а не врач, который начал визит.",
            "Another employee notes that the patient came, not the doctor who began the visit.",
        )


async def start(connection: AsyncConnection, actor: Actor, patient_id: UUID) -> Visit:
    """Begin a visit of the patient to the acting doctor. Raises PatientMissing, OnlyDoctors."""
    if actor.role != "doctor" or actor.employee_id is None:
        raise OnlyDoctors("Визит начинает врач.", "A visit is begun by a doctor.")
    await patients.get(connection, actor.organization_id, patient_id)
    values = {
        "organization_id": actor.organization_id,
        "patient_id": patient_id,
        "employee_id": actor.employee_id,
        "doctor_name": actor.name,
    }
    return (await _rows(connection, "add_visit", values))[0]


async def confirm(connection: AsyncConnection, actor: Actor, visit_id: UUID) -> Visit:
    """Note that the patient came: what a doctor alone has begun opens the whole record from then on.

    Noted already, it stays as it was. Raises VisitMissing, ConfirmedByItsDoctor.
    """
    if actor.employee_id is None:
        raise ConfirmedByItsDoctor
    values = {
        "organization_id": actor.organization_id,
        "id": visit_id,
        "employee_id": actor.employee_id,
        "employee_name": actor.name,
    }
    confirmed = await _rows(connection, "confirm_visit", values)
    if confirmed:
        return confirmed[0]
    visit = await get(connection, actor.organization_id, visit_id)
    if visit.employee_id == actor.employee_id:
        raise ConfirmedByItsDoctor
    return visit


async def get(connection: AsyncConnection, organization_id: int, visit_id: UUID) -> Visit:
    """Return a visit. Raises VisitMissing."""
    rows = await _rows(connection, "find_visit", {"organization_id": organization_id, "id": visit_id})
    if not rows:
        raise VisitMissing(
            "Такого визита в вашей организации нет. Откройте его со страницы пациента.",
            "There is no such visit in your organisation. Open it from the patient's page.",
        )
    return rows[0]


async def of_patient(connection: AsyncConnection, organization_id: int, patient_id: UUID) -> list[Visit]:
    """Return the patient's visits, the newest first."""
    return await _rows(connection, "visits_of_patient", {"organization_id": organization_id, "patient_id": patient_id})


async def _rows(connection: AsyncConnection, name: str, values: Mapping[str, object]) -> list[Visit]:
    return await find_structs(connection, Visit, sql[name], values)
