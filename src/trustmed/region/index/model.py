"""Patients, persons and the links between them, as the index sees them."""

from collections.abc import Iterable
from typing import Literal
from uuid import UUID

import msgspec

from trustmed.db.arrays import array_literal
from trustmed.matching.card import Card
from trustmed.matching.profile import Profile
from trustmed.wal.values import Row as ChangedRow


class PatientKey(msgspec.Struct, frozen=True, order=True):
    """A patient is identified by an organisation and the organisation's id of the patient."""

    organization_id: int
    id: UUID


class PatientLink(msgspec.Struct, frozen=True):
    """The person a patient stands for, whether a human decided so, and why."""

    person_id: UUID
    decision: Literal["automatic", "manual"]
    reason: str


class Row(msgspec.Struct, frozen=True):
    """A patient's row as it is now, and the profile and link that the index made of it before.

    `version` changes with every change of the row or of its link. `number`, `content` and `keys` are those of the
    stored profile; if there is none, `number` is new and `content` None. `new_person`: the id of a person to be added.
    """

    key: PatientKey
    card: Card
    version: str
    number: int
    content: bytes | None
    keys: tuple[int, ...]
    link: PatientLink | None
    new_person: UUID


class Prepared(msgspec.Struct, frozen=True):
    """A row, its profile, the keys it is found by and the probes it looks for others with."""

    row: Row
    profile: Profile
    content: bytes
    keys: tuple[int, ...]
    probes: tuple[int, ...]


class Member(msgspec.Struct, frozen=True):
    """A linked patient, as the matcher sees them."""

    key: PatientKey
    person_id: UUID
    decision: Literal["automatic", "manual"]
    profile: Profile


def arrays(keys: Iterable[PatientKey], prefix: str = "") -> dict[str, str]:
    """Return the parameters by which queries take patients: `organizations` and `ids`, in the same order."""
    listed = list(keys)
    return {
        f"{prefix}organizations": array_literal(key.organization_id for key in listed),
        f"{prefix}ids": array_literal(key.id for key in listed),
    }


def patient_key(row: ChangedRow, column: str) -> PatientKey:
    """Return the patient of a changed row of the feed; `column` holds the organisation's id of the patient."""
    organization_id, patient_id = row["organization_id"], row[column]
    if not isinstance(organization_id, int) or not isinstance(patient_id, UUID):
        raise TypeError(f"organization_id and {column} are not of the expected types")
    return PatientKey(organization_id, patient_id)
