"""Finding persons for whoever may look for them: by a number, or by what is known of them. Every find is recorded."""

from uuid import UUID

import msgspec

from trustmed.audit.actions import Action
from trustmed.matching.card import Card
from trustmed.matching.decide import Verdict
from trustmed.matching.model import Model
from trustmed.patient.writing import ungrouped
from trustmed.region.access.model import Reader
from trustmed.region.index.model import PatientKey
from trustmed.region.index.weights import model_in_force
from trustmed.region.persons.errors import PersonUnknown
from trustmed.region.persons.model import Person
from trustmed.region.persons.opening import open_index
from trustmed.region.persons.patients import Patient, find_patients
from trustmed.region.persons.reading import (
    Identifiers,
    find_ids,
    find_person,
    find_persons,
    key_of,
    match_card,
)
from trustmed.region.pools import Pools
from trustmed.web.forms import uuid_or_none

MOST = 10


class Alike(msgspec.Struct, frozen=True):
    """What the matcher says of a card: the verdict, the persons most alike, and the row each was found by."""

    model: Model
    verdict: Verdict
    persons: dict[UUID, Person]
    rows: dict[PatientKey, Patient]

    def likeliest(self) -> list[Person]:
        """Each person once, the likeliest first."""
        named = dict.fromkeys(best.person for best in self.verdict.best)
        return [self.persons[one] for one in named if one in self.persons]


async def find_by_number(pools: Pools, reader: Reader, number: str) -> list[Person]:
    """`number`: СНИЛС, policy, document (the series first) or a person's id. Raises PartMissing."""
    async with open_index(pools, reader, Action.INDEX_SEARCH) as index:
        named = uuid_or_none(number)
        if named:
            try:
                found = [await find_person(index.connection, named)]
            except PersonUnknown:
                found = []
        else:
            found = await find_persons(index.connection, await find_ids(index.connection, identifiers_of(number)))
        index.note_seen(*(one.id for one in found))
    return found


async def find_alike(pools: Pools, reader: Reader, card: Card) -> Alike:
    """Whom the matcher would take the card for. Nothing is written but that it was asked. Raises PartMissing."""
    async with open_index(pools, reader, Action.INDEX_MATCH) as index:
        model = await model_in_force(index.connection)
        verdict = await match_card(index.connection, model, card)
        best = verdict.best[:MOST]
        found = await find_persons(index.connection, [one.person for one in best]) if best else []
        rows = await find_patients(index.connection, [key_of(one) for one in best])
        index.note_seen(*(one.id for one in found))
    return Alike(model, verdict, {one.id: one for one in found}, rows)


def identifiers_of(number: str) -> Identifiers:
    """Eleven digits are a СНИЛС, sixteen a policy; anything else a document, the series first if it is parted."""
    digits = ungrouped(number)
    if digits.isascii() and digits.isdecimal() and len(digits) in (11, 16):
        return Identifiers(snils=digits) if len(digits) == 11 else Identifiers(enp=digits)
    *series, last = number.replace("№", " ").split() or [""]
    return Identifiers(identity=last, series="".join(series) or None)
