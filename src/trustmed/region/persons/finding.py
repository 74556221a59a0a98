"""Finding persons for whoever may look for them: by a number, or by what is known of them. Every find is recorded."""

from uuid import UUID

import msgspec

from trustmed.matching.card import Card
from trustmed.matching.decide import Verdict
from trustmed.matching.model import Model
from trustmed.patient.writing import ungrouped
from trustmed.region.access.model import Reader
from trustmed.region.index.model import PatientKey
from trustmed.region.persons.model import Person
from trustmed.region.persons.patients import Patient, patients
from trustmed.region.persons.persons import (
    Identifiers,
    key_of,
    match,
    model_in_force,
    person,
    persons,
    persons_by,
)
from trustmed.region.persons.work import Work, working
from trustmed.region.pools import Pools
from trustmed.region.steward.errors import PersonUnknown
from trustmed.web.forms import uuid_or_none

MOST = 10


class Alike(msgspec.Struct, frozen=True):
    """What the matcher says of a card: the verdict, the persons most alike, and the row each was found by."""

    model: Model
    verdict: Verdict
    persons: dict[UUID, Person]
    rows: dict[PatientKey, Patient]


async def by_number(pools: Pools, reader: Reader, number: str) -> list[Person]:
    """`number`: СНИЛС, policy, document (the series first) or a person's id. Raises PartMissing."""
    async with working(pools, reader, Work.SEARCH) as work:
        named = uuid_or_none(number)
        if named:
            try:
                found = [await person(work.connection, named)]
            except PersonUnknown:
                found = []
        else:
            found = await persons(work.connection, await persons_by(work.connection, understood(number)))
        work.saw(*(one.id for one in found))
    return found


async def alike(pools: Pools, reader: Reader, card: Card) -> Alike:
    """Whom the matcher would take the card for. Nothing is written but that it was asked. Raises PartMissing."""
    async with working(pools, reader, Work.MATCH) as work:
        model = await model_in_force(work.connection)
        verdict = await match(work.connection, model, card)
        best = verdict.best[:MOST]
        whole = {one.id: one for one in await persons(work.connection, [one.person for one in best])} if best else {}
        rows = await patients(work.connection, [key_of(one) for one in best])
        work.saw(*whole)
    return Alike(model, verdict, whole, rows)


def understood(number: str) -> Identifiers:
    """Eleven digits are a СНИЛС, sixteen a policy; anything else a document, the series first if it is parted."""
    digits = ungrouped(number)
    if digits.isascii() and digits.isdecimal() and len(digits) in (11, 16):
        return Identifiers(snils=digits) if len(digits) == 11 else Identifiers(enp=digits)
    *series, last = number.replace("№", " ").split() or [""]
    return Identifiers(identity=last, series="".join(series) or None)
