"""Find patients of the organisation who may be the same person, by the matching rules of the region.

The site finds them by its own indexes and compares them itself, so this works without a link to the region. It works
within a tenant's transaction: another organisation's patients are never seen.
"""

import datetime as dt
from collections.abc import Sequence
from functools import cache
from typing import Any, Final, TypeVar
from uuid import UUID

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import dict_row

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

PERSONS: Final = (
    100_000  # the least the region's index reckons with, so that both give a small clinic's pair one weight
)
MOST_SHOWN: Final = 5
EACH: Final = 200  # rows for each way of finding (a number, a date, a name)
BEGINNING: Final = 4  # letters of a surname; slips of the keyboard mostly come later
UNKNOWN_BIRTH: Final = dt.date(1900, 1, 1)  # the matcher ignores this date as made up
NOT_A_DUPLICATE: Final = frozenset({Conflict.OTHER_SNILS, Conflict.OTHER_ENP, Conflict.OTHER_GIVEN_NAME})


Part = TypeVar("Part", bound=msgspec.Struct)


class Entry(msgspec.Struct, frozen=True):
    """What is known of a patient so far; dates as ISO, numbers in any form."""

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
    """A patient who may be the same person. `weight` in bits; `certain`: a new card would likely be a second one."""

    patient: Patient
    weight: float
    certain: bool
    same_number: bool
    comparison: Comparison

    def reason(self, language: Language) -> str:
        return words(self.comparison, language).line


class Together(msgspec.Struct, frozen=True):
    """The region's decision on a patient: which other patients of the organisation are the same person."""

    decision: str
    reason: str
    linked_at: dt.datetime
    others: tuple[Similar, ...]


def entry_of(patient: Patient) -> Entry:
    """Return a stored card as an entry."""
    return Entry(**{name: getattr(patient, name) for name in Entry.__struct_fields__})


def audit_detail(found: Sequence[Similar]) -> str | None:
    """Return the detail for the audit trail: whose cards were shown."""
    return "similar: " + ", ".join(str(one.patient.id) for one in found) if found else None


async def find_similar(
    connection: AsyncConnection, organization_id: int, entry: Entry, but: UUID | None = None
) -> list[Similar]:
    """Return similar patients, the likeliest first, at most MOST_SHOWN. `but`: the patient's own card, left out."""
    card = entry.card()
    keys = _search_keys(organization_id, card)
    if keys is None:
        return []
    profile = profile_of(card)
    found: list[Similar] = []
    for patient, other in await _candidates(connection, "find_similar", keys):
        if patient.id != but:
            comparison = compare(_model(), profile, profile_of(other))
            if comparison.weight >= _model().thresholds.review or _share_number(comparison):
                found.append(_similar(patient, comparison))
    return sorted(found, key=lambda one: (not one.certain, -one.weight, one.patient.id))[:MOST_SHOWN]


async def find_together(connection: AsyncConnection, organization_id: int, patient_id: UUID) -> Together | None:
    """Return the region's decision on the patient; None until one has come down to the site."""
    values = {"organization_id": organization_id, "id": patient_id}
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(sql["find_link"], values)
        link = await cursor.fetchone()
    if link is None:
        return None
    rows = await _candidates(connection, "find_together", values)
    own = next((card for patient, card in rows if patient.id == patient_id), None)
    if own is None:
        return None
    profile = profile_of(own)
    others = [
        _similar(patient, compare(_model(), profile, profile_of(card)))
        for patient, card in rows
        if patient.id != patient_id
    ]
    return Together(**link, others=tuple(others))


def _search_keys(organization_id: int, card: Card) -> dict[str, Any] | None:
    """Return what to search by; None while too little is known."""
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
    same_number = _share_number(comparison)
    likely = comparison.weight >= _model().thresholds.automatic and not NOT_A_DUPLICATE & set(comparison.conflicts)
    return Similar(patient, round(comparison.weight, 2), likely or same_number, same_number, comparison)


def _share_number(comparison: Comparison) -> bool:
    """Return whether both cards have one СНИЛС or policy number, which two people never do."""
    return any(
        one.level is Level.EXACT and one.field in (Field.SNILS, Field.ENP) and one.weight > 0
        for one in comparison.fields
    )


async def _candidates(connection: AsyncConnection, name: str, values: dict[str, Any]) -> list[tuple[Patient, Card]]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(sql[name], values)
        return [(_part(row, Patient), _part(row, Card)) for row in await cursor.fetchall()]


def _part(row: dict[str, Any], part: type[Part]) -> Part:
    return part(**{name: row[name] for name in part.__struct_fields__})


@cache
def _model() -> Model:
    return resize_model(configured_model(), PERSONS)
