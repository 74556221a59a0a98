"""Patients, persons and what ties them, as the index sees them."""

from collections.abc import Iterable
from typing import Any, Literal
from uuid import UUID

import msgspec

from trustmed.db.arrays import array_literal
from trustmed.matching.card import Card
from trustmed.matching.profile import Profile
from trustmed.wal.values import Row as ChangedRow


class PatientKey(msgspec.Struct, frozen=True, order=True):
    """A patient is known by the organisation and the organisation's id of them."""

    organization_id: int
    id: UUID


class PatientLink(msgspec.Struct, frozen=True):
    """For which person a patient stands, by whose decision and why."""

    person_id: UUID
    decision: Literal["automatic", "manual"]
    reason: str


class Row(msgspec.Struct, frozen=True):
    """A patient as the organisation's row says now, and what the index made of it before.

    `version` changes with every change of the row or of its link. `number`, `content` and `keys` are the profile's;
    without one `number` is a new one and `content` None.
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
    """A row and what is looked for on its behalf."""

    row: Row
    profile: Profile
    content: bytes
    keys: tuple[int, ...]
    probes: tuple[int, ...]


class Member(msgspec.Struct, frozen=True):
    """A patient who has been linked, as the matcher sees them."""

    key: PatientKey
    person_id: UUID
    decision: Literal["automatic", "manual"]
    profile: Profile


def arrays(keys: Iterable[PatientKey], prefix: str = "") -> dict[str, str]:
    """The parameters by which queries take patients: `organizations` and `ids`, in one order."""
    listed = list(keys)
    return {
        f"{prefix}organizations": array_literal(key.organization_id for key in listed),
        f"{prefix}ids": array_literal(key.id for key in listed),
    }


def patient_key(row: ChangedRow, column: str) -> PatientKey:
    """Return the patient that a changed row of the feed is of; `column` holds the organisation's id of them."""
    organization_id, patient_id = row["organization_id"], row[column]
    if not isinstance(organization_id, int) or not isinstance(patient_id, UUID):
        raise TypeError(f"organization_id and {column} are not of the expected types")
    return PatientKey(organization_id, patient_id)


def card_of(values: tuple[Any, ...]) -> Card:
    """The card out of a row's columns in the order of Card's fields."""
    return Card(*values)
