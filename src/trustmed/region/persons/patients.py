"""Patients' rows by their keys, with whose they are. Within `work.working`."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from trustmed.db.queries import load
from trustmed.region.index.model import PatientKey, arrays, card_of
from trustmed.region.persons.golden import Source

QUERIES = load(__package__)


class Patient(msgspec.Struct, frozen=True):
    """A row and the person it stands for."""

    person_id: UUID
    source: Source


async def patients(connection: AsyncConnection, keys: Iterable[PatientKey]) -> dict[PatientKey, Patient]:
    """These patients as they are now; one that is gone or not linked yet is left out."""
    rows = await (await connection.execute(QUERIES["patients"], arrays(dict.fromkeys(keys)))).fetchall()
    return {one.source.key: one for one in map(patient_of, rows)}


def patient_of(row: tuple[Any, ...]) -> Patient:
    """A row of queries `patients` and `sources`."""
    person_id, organization_id, patient_id, updated, decision, reason, linked, *card = row
    key = PatientKey(organization_id, patient_id)
    return Patient(person_id, Source(key, card_of(tuple(card)), updated, decision, reason, linked))
