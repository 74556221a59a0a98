"""Record and revoke a patient's consent, within a tenant's transaction."""

import datetime as dt
from typing import Final
from uuid import UUID

from psycopg import AsyncConnection

from trustmed.audit.trail import Actor
from trustmed.clinic.consents.model import Consent
from trustmed.clinic.patients import service as patients
from trustmed.db.async_rows import find_structs, find_value
from trustmed.db.queries import load
from trustmed.errors import Forbidden, InputRefused, NotFound

sql = load(__package__)
LONGEST_YEARS: Final = 100


class ConsentStands(InputRefused):
    """The patient already has a consent in force."""


class DayWrong(InputRefused):
    """The last day of the consent is past or unreasonably far off."""


class ConsentMissing(NotFound):
    """The patient has no such consent, or it is already revoked."""


class EmployeeNeeded(Forbidden):
    """Only an employee may record a consent, because the consent names them."""


async def of_patient(connection: AsyncConnection, organization_id: int, patient_id: UUID) -> list[Consent]:
    """Return the patient's consents, the newest first."""
    values = {"organization_id": organization_id, "patient_id": patient_id}
    return await find_structs(connection, Consent, sql["consents_of_patient"], values)


async def give(connection: AsyncConnection, actor: Actor, patient_id: UUID, valid_until: dt.date | None) -> UUID:
    """Record that the patient consents from now through `valid_until`; return the consent's id.

    Raises ConsentStands, DayWrong, PatientMissing, EmployeeNeeded.
    """
    values = {**_values(actor, patient_id), "valid_until": valid_until}
    today = dt.datetime.now().astimezone().date()
    if valid_until is not None and not today <= valid_until <= today.replace(year=today.year + LONGEST_YEARS, day=1):
        raise DayWrong(
            "Последний день согласия уже прошёл или слишком далёк. Исправьте его или оставьте пустым: бессрочно.",
            "The last day of the consent is past or too far away. Correct it or leave it empty: without an end.",
        )
    await connection.execute(sql["lock_consents_of_patient"], {**values, "patient_id": str(patient_id)})
    if any(one.in_force for one in await of_patient(connection, actor.organization_id, patient_id)):
        raise ConsentStands(
            "Согласие пациента уже действует. Чтобы изменить срок, сначала отзовите его.",
            "The patient's consent is in force already. To change its term revoke it first.",
        )
    consent_id = await find_value(connection, sql["add_consent"], values)
    if consent_id is None:
        await patients.get(connection, actor.organization_id, patient_id)
        raise _consent_missing()
    return consent_id


async def revoke(connection: AsyncConnection, actor: Actor, patient_id: UUID, consent_id: UUID) -> None:
    """Revoke a consent. Raises ConsentMissing, EmployeeNeeded."""
    values = {**_values(actor, patient_id), "id": consent_id}
    if await (await connection.execute(sql["revoke_consent"], values)).fetchone() is None:
        raise _consent_missing()


def _consent_missing() -> ConsentMissing:
    return ConsentMissing(
        "Такого согласия у пациента нет, или оно уже отозвано. Откройте карту заново.",
        "The patient has no such consent, or it is revoked already. Open the card again.",
    )


def _values(actor: Actor, patient_id: UUID) -> dict[str, object]:
    if actor.employee_id is None:
        raise EmployeeNeeded(
            "Согласие записывает сотрудник организации. Войдите под его учётной записью.",
            "A consent is recorded by an employee of the organisation. Sign in with an employee's account.",
        )
    return {
        "organization_id": actor.organization_id,
        "patient_id": patient_id,
        "employee_id": actor.employee_id,
        "employee_name": actor.name,
    }
