"""Patients, persons and what ties them, as the index sees them."""

import datetime as dt
from enum import StrEnum
from functools import lru_cache
from typing import Literal
from uuid import UUID

import msgspec

from trustmed.patient.identifiers import valid_enp, valid_snils


class Kind(StrEnum):
    """An identifier's kind, the more telling first."""

    SNILS = "snils"
    ENP = "enp"

    @property
    def ru(self) -> str:
        return "СНИЛС" if self is Kind.SNILS else "ЕНП"


class Identifier(msgspec.Struct, frozen=True, order=True):
    kind: Kind
    value: str


class PatientKey(msgspec.Struct, frozen=True, order=True):
    """A patient is known by the organisation and the organisation's id of them."""

    organization_id: int
    id: UUID


class Patient(msgspec.Struct, frozen=True):
    """What a patient's row says now."""

    key: PatientKey
    surname: str
    given_name: str
    birth_date: dt.date
    snils: str | None
    enp: str | None

    @property
    def identifiers(self) -> tuple[Identifier, ...]:
        """The valid ones, СНИЛС first. What fails its check digits is never matched on."""
        return _identifiers(self.snils, self.enp)

    @property
    def invalid(self) -> tuple[Kind, ...]:
        """Kinds that are filled in but fail their check digits."""
        refused_snils = self.snils is not None and not valid_snils(self.snils)
        refused_enp = self.enp is not None and not valid_enp(self.enp)
        return (Kind.SNILS,) * refused_snils + (Kind.ENP,) * refused_enp


class Link(msgspec.Struct, frozen=True):
    person_id: UUID
    decision: Literal["automatic", "manual"]
    reason: str


@lru_cache(4096)
def _identifiers(snils: str | None, enp: str | None) -> tuple[Identifier, ...]:
    found = ((Kind.SNILS, snils, valid_snils), (Kind.ENP, enp, valid_enp))
    return tuple(Identifier(kind, value) for kind, value, valid in found if value is not None and valid(value))
