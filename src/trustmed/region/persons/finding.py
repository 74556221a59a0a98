"""Find persons by a number, or by a card that resembles theirs. Everybody found gets a row in the audit log."""

from uuid import UUID

import msgspec

from trustmed.audit.actions import Action
from trustmed.matching.card import Card
from trustmed.matching.decide import Verdict
from trustmed.matching.model import Model
from trustmed.patient.writing import ungrouped
from trustmed.region.access.model import Reader
from trustmed.region.index.model import PatientKey
from trustmed.region.index.weights import model_in_force_async
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

MOST_SHOWN = 10
SNILS_DIGITS = 11
ENP_DIGITS = 16


class Similar(msgspec.Struct, frozen=True):
    """The matcher's verdict on a card, the persons most like it, and the row by which each was found."""

    model: Model
    verdict: Verdict
    persons: dict[UUID, Person]
    rows: dict[PatientKey, Patient]

    def likeliest(self) -> list[Person]:
        """Return each person once, the likeliest first."""
        named = dict.fromkeys(best.person for best in self.verdict.best)
        return [self.persons[one] for one in named if one in self.persons]


async def find_by_number(pools: Pools, reader: Reader, number: str) -> list[Person]:
    """Return the persons with this number: СНИЛС, policy, document (the series first) or person's id.

    Raises PartMissing.
    """
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


async def find_similar(pools: Pools, reader: Reader, card: Card) -> Similar:
    """Return the persons the card resembles, and the matcher's verdict. Only the audit log is written.

    Raises PartMissing.
    """
    async with open_index(pools, reader, Action.INDEX_MATCH) as index:
        model = await model_in_force_async(index.connection)
        verdict = await match_card(index.connection, model, card)
        best = verdict.best[:MOST_SHOWN]
        found = await find_persons(index.connection, [one.person for one in best]) if best else []
        rows = await find_patients(index.connection, [key_of(one) for one in best])
        index.note_seen(*(one.id for one in found))
    return Similar(model, verdict, {one.id: one for one in found}, rows)


def identifiers_of(number: str) -> Identifiers:
    """Return what the number is: eleven digits are a СНИЛС, sixteen a policy, anything else a document.

    The last word is the document's number, the words before it its series.
    """
    digits = ungrouped(number)
    if digits.isascii() and digits.isdecimal():
        if len(digits) == SNILS_DIGITS:
            return Identifiers(snils=digits)
        if len(digits) == ENP_DIGITS:
            return Identifiers(enp=digits)
    *series, last = number.replace("№", " ").split() or [""]
    return Identifiers(identity=last, series="".join(series) or None)
