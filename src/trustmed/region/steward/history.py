"""What was decided about a person, automatically and by stewards, within a transaction of `open_index`."""

from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import kwargs_row

from trustmed.db.async_rows import find_structs
from trustmed.db.queries import load
from trustmed.region.index.model import PatientKey
from trustmed.region.steward.model import Act, Author, Decision, KeptApart

QUERIES = load(__package__)
LIMIT = 200


async def find_history(connection: AsyncConnection, person_id: UUID, limit: int = LIMIT) -> list[Decision]:
    """Return what was decided about the person, the newest first."""
    async with connection.cursor(row_factory=kwargs_row(_decision)) as rows:
        await rows.execute(QUERIES["history"], {"person_id": person_id, "limit": limit})
        return await rows.fetchall()


async def find_acts(connection: AsyncConnection, person_id: UUID) -> list[Act]:
    """Return stewards' acts about the person, the newest first."""
    return await find_structs(connection, Act, QUERIES["acts_of_person"], {"person_id": person_id})


async def find_kept_apart(connection: AsyncConnection, person_id: UUID) -> list[KeptApart]:
    """Return the persons that stewards said this one is not, the latest first."""
    return await find_structs(connection, KeptApart, QUERIES["kept_apart"], {"person_id": person_id})


async def write_history(
    connection: AsyncConnection,
    kind: str,
    person_id: UUID,
    author: Author,
    reason: str,
    *,
    act: Act | None = None,
    patient: PatientKey | None = None,
    former: UUID | None = None,
) -> None:
    """Write a line of the person's history. `former`: whom the patient stood for before."""
    values = {
        "kind": kind,
        "person_id": person_id,
        "former_person_id": former,
        "organization_id": patient.organization_id if patient else None,
        "patient_id": patient.id if patient else None,
        "author": author.login,
        "author_name": author.name,
        "reason": reason,
        "act_id": act.id if act else None,
    }
    await connection.execute(QUERIES["note"], values)


def _decision(*, organization_id: int | None, patient_id: UUID | None, **rest: Any) -> Decision:
    patient = PatientKey(organization_id, patient_id) if organization_id is not None and patient_id else None
    return Decision(patient=patient, **rest)
