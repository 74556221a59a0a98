"""Read patients' rows and the persons they stand for, within a transaction of `open_index`."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, Literal
from uuid import UUID

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import kwargs_row

from trustmed.db.queries import load
from trustmed.matching.card import Card
from trustmed.region.index.model import PatientKey, arrays
from trustmed.region.persons.golden import Source

QUERIES = load(__package__)


class Patient(msgspec.Struct, frozen=True):
    """A row and the person it stands for."""

    person_id: UUID
    source: Source


async def find_patients(connection: AsyncConnection, keys: Iterable[PatientKey]) -> dict[PatientKey, Patient]:
    """Return these patients as they are now; one that is gone or not linked yet is left out."""
    found = await _patients(connection, "patients", arrays(dict.fromkeys(keys)))
    return {one.source.key: one for one in found}


async def find_patients_of_persons(connection: AsyncConnection, persons: Iterable[UUID]) -> list[Patient]:
    """Return the patients that stand for these persons, as they are now."""
    return await _patients(connection, "sources", {"persons": list(persons)})


async def _patients(connection: AsyncConnection, query: str, values: dict[str, Any]) -> list[Patient]:
    async with connection.cursor(row_factory=kwargs_row(_patient)) as rows:
        await rows.execute(QUERIES[query], values)
        return await rows.fetchall()


def _patient(
    *,
    person_id: UUID,
    organization_id: int,
    patient_id: UUID,
    updated_at: dt.datetime,
    decision: Literal["automatic", "manual"],
    reason: str,
    linked_at: dt.datetime,
    **card: Any,
) -> Patient:
    key = PatientKey(organization_id, patient_id)
    return Patient(person_id, Source(key, Card(**card), updated_at, decision, reason, linked_at))
