"""Patients of the organisation who may be the same person, by the rules the region matches by.

They are found by the site's own indexes and compared here, so it works with the link to the region cut. Within a
tenant's transaction: another organisation's patients are never seen.
"""

import datetime as dt
from collections.abc import Sequence
from functools import cache
from typing import Any, Final
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from trustmed.clinic.patients.model import Patient
from trustmed.clinic.patients.search import bounds, fold
from trustmed.db.queries import load
from trustmed.matching.card import Card
from trustmed.matching.compare import compare
from trustmed.matching.explain import Language, words
from trustmed.matching.model import Model, configured_model, resize_model
from trustmed.matching.profile import profile_of
from trustmed.matching.vocabulary import Comparison, Conflict, Field, Level
from trustmed.patient.identifiers import is_valid_enp, is_valid_snils
from trustmed.patient.writing import tidy, ungrouped

sql = load(__package__)

PERSONS: Final = 100_000  # as the region's index counts at least, so that both say the same of a small clinic's pair
MOST_SHOWN: Final = 5
EACH: Final = 200  # rows of one way of finding
BEGINNING: Final = 4  # letters of a surname that slips of the keyboard mostly leave alone
UNKNOWN_BIRTH: Final = dt.date(1900, 1, 1)  # the matcher knows it for made up
NOT_A_DUPLICATE: Final = frozenset({Conflict.OTHER_SNILS, Conflict.OTHER_ENP, Conflict.OTHER_GIVEN_NAME})


class Entry(msgspec.Struct, frozen=True):
    """What is known of a patient so far; dates as ISO, numbers in whatever form."""

    surname: str = ""
    given_name: str = ""
    patronymic: str | None = None
    birth_date: dt.date | None = None
    sex: int | None = None
    snils: str | None = None
    enp: str | None = None
    phone: str | None = None
    address: str | None = None

    def card(self) -> Card:
        return Card(
            surname=tidy(self.surname),
            given_name=tidy(self.given_name),
            birth_date=self.birth_date or UNKNOWN_BIRTH,
            sex=self.sex or 3,
            patronymic=tidy(self.patronymic or "") or None,
            snils=ungrouped(self.snils or "") or None,
            enp=ungrouped(self.enp or "") or None,
            phone=tidy(self.phone or "") or None,
            address=tidy(self.address or "") or None,
        )


class Similar(msgspec.Struct, frozen=True):
    """A patient who may be the same; `weight` in bits. `certain`: registering would most likely make a second card."""

    patient: Patient
    weight: float
    certain: bool
    same_number: bool
    comparison: Comparison

    def reason(self, language: Language) -> str:
        return words(self.comparison, language).line


class Together(msgspec.Struct, frozen=True):
    """What the region decided of a patient: whom else of the organisation it takes for the same person."""

    decision: str
    reason: str
    linked_at: dt.datetime
    others: tuple[Similar, ...]


def entry_of(patient: Patient) -> Entry:
    """A card as it is."""
    return Entry(**{name: getattr(patient, name) for name in Entry.__struct_fields__})


def seen(found: Sequence[Similar]) -> str | None:
    """For the audit trail: whose cards were shown."""
    return "similar: " + ", ".join(str(one.patient.id) for one in found) if found else None


async def similar(
    connection: AsyncConnection, organization_id: int, entry: Entry, but: UUID | None = None
) -> list[Similar]:
    """Patients alike, the likeliest first, at most MOST_SHOWN. `but`: the patient's own card."""
    card = entry.card()
    wanted = _wanted(organization_id, card)
    if wanted is None:
        return []
    profile = profile_of(card)
    found: list[Similar] = []
    for row in await (await connection.execute(sql["find_similar"], wanted)).fetchall():
        patient, other = _read(row)
        if patient.id != but:
            comparison = compare(_model(), profile, profile_of(other))
            if comparison.weight >= _model().thresholds.review or _numbers(comparison):
                found.append(_similar(patient, comparison))
    return sorted(found, key=lambda one: (not one.certain, -one.weight, one.patient.id))[:MOST_SHOWN]


async def together(connection: AsyncConnection, organization_id: int, patient_id: UUID) -> Together | None:
    """What the region said of the patient, as far as it has come down; None until it has."""
    values = {"organization_id": organization_id, "id": patient_id}
    link = await (await connection.execute(sql["find_link"], values)).fetchone()
    if link is None:
        return None
    rows = [_read(row) for row in await (await connection.execute(sql["find_together"], values)).fetchall()]
    own = next((card for patient, card in rows if patient.id == patient_id), None)
    if own is None:
        return None
    profile = profile_of(own)
    others = [
        _similar(patient, compare(_model(), profile, profile_of(card)))
        for patient, card in rows
        if patient.id != patient_id
    ]
    return Together(*link, others=tuple(others))


def _wanted(organization_id: int, card: Card) -> dict[str, Any] | None:
    """What to look for; None while too little is known."""
    snils = card.snils if is_valid_snils(card.snils) else None
    enp = card.enp if is_valid_enp(card.enp) else None
    born = card.birth_date if card.birth_date != UNKNOWN_BIRTH else None
    if not (snils or enp or (born and (card.surname or card.given_name))):
        return None
    low, high = bounds(fold(card.surname)[:BEGINNING])
    year = (born or UNKNOWN_BIRTH).year
    return {
        "organization_id": organization_id,
        "snils": snils,
        "enp": enp,
        "born": born,
        "swapped": _swapped(born),
        "low": low if card.surname else None,
        "high": high if card.surname else None,
        "from": dt.date(year, 1, 1),
        "to": dt.date(year, 12, 31),
        "each": EACH,
    }


def _swapped(born: dt.date | None) -> dt.date | None:
    if born is None or born.day > 12 or born.day == born.month:
        return None
    return born.replace(month=born.day, day=born.month)


def _similar(patient: Patient, comparison: Comparison) -> Similar:
    numbers = _numbers(comparison)
    likely = comparison.weight >= _model().thresholds.automatic and not NOT_A_DUPLICATE & set(comparison.conflicts)
    return Similar(patient, round(comparison.weight, 2), likely or numbers, numbers, comparison)


def _numbers(comparison: Comparison) -> bool:
    """Whether both have one СНИЛС or policy number: two cards must not."""
    return any(
        one.level is Level.EXACT and one.field in (Field.SNILS, Field.ENP) and one.weight > 0
        for one in comparison.fields
    )


def _read(row: tuple[Any, ...]) -> tuple[Patient, Card]:
    """A row of the patients' columns and, after them, the document's."""
    *columns, kind, series, number = row
    patient = Patient(*columns)
    card = Card(
        patient.surname,
        patient.given_name,
        patient.birth_date,
        patient.sex,
        patient.patronymic,
        patient.snils,
        patient.enp,
        kind,
        series,
        number,
        patient.phone,
        patient.address,
    )
    return patient, card


@cache
def _model() -> Model:
    return resize_model(configured_model(), PERSONS)
