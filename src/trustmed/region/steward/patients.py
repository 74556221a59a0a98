"""Patients' rows by their keys, with whose they are. Within `work.working`."""

from collections.abc import Iterable
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from trustmed.db.queries import load
from trustmed.region.index.model import PatientKey, card_of
from trustmed.region.steward.golden import Source

QUERIES = load(__package__)


class Patient(msgspec.Struct, frozen=True):
    """A row and the person it stands for."""

    person_id: UUID
    source: Source


async def patients(connection: AsyncConnection, keys: Iterable[PatientKey]) -> dict[PatientKey, Patient]:
    """These patients as they are now; one that is gone or not linked yet is left out."""
    wanted = list(dict.fromkeys(keys))
    values = {"organizations": [key.organization_id for key in wanted], "ids": [key.id for key in wanted]}
    found: dict[PatientKey, Patient] = {}
    for person_id, organization_id, patient_id, updated, decision, reason, linked, *card in await (
        await connection.execute(QUERIES["patients"], values)
    ).fetchall():
        key = PatientKey(organization_id, patient_id)
        found[key] = Patient(person_id, Source(key, card_of(tuple(card)), updated, decision, reason, linked))
    return found
