"""Whether what a citizen's token says agrees with a person of the index: a pure comparison.

A number typed on somebody else's card must open nobody's record, so all that stands for the person is looked at, not
only the golden record: one card of another human being among them would show that one's documents.
"""

import datetime as dt
from collections.abc import Iterable
from hashlib import sha256

import msgspec

from trustmed.matching.card import Card
from trustmed.patient.writing import folded, tidy
from trustmed.region.persons.golden import Source, text_of
from trustmed.region.persons.model import Person


class Stated(msgspec.Struct, frozen=True):
    """Who somebody says to be, with proof: number, name and birth date."""

    snils: str
    surname: str
    given_name: str
    patronymic: str | None
    birth_date: dt.date

    @property
    def sha256(self) -> str:
        """Return what stands for the whole, however it is written."""
        names = (name_key(one) for one in (self.surname, self.given_name, self.patronymic))
        return sha256("\n".join((self.snils, *names, self.birth_date.isoformat())).encode()).hexdigest()


def name_key(text: str | None) -> str:
    """Return the spelling by which names are compared: no case, no hyphens or spaces, ё as е."""
    return folded(tidy(text or "")).replace(" ", "").replace(".", "")


def agrees(stated: Stated, person: Person) -> bool:
    """Return whether the golden record and every card of the person are of the one who stated it."""
    return _golden_agrees(stated, person) and all(card_agrees(stated, source.card) for source in person.sources)


def find_agreeing(stated: Stated, persons: Iterable[Person]) -> Person | None:
    """Return the agreeing person; of several, the one with most cards of the number, the earlier one among equals."""
    found = [person for person in persons if agrees(stated, person)]
    return min(found, key=lambda person: (-count_bearing(stated, person), person.id), default=None)


def count_bearing(stated: Stated, person: Person) -> int:
    """Return how many cards of the person bear the number."""
    return sum(source.card.snils == stated.snils for source in person.sources)


def card_agrees(stated: Stated, card: Card) -> bool:
    """Return whether a card is of the one who stated it.

    A former surname is no other human being where all the rest is the same, patronymic included; a second СНИЛС is.
    """
    given, patronymic, surname = (name_key(text_of(card, name)) for name in ("given_name", "patronymic", "surname"))
    stated_patronymic = name_key(stated.patronymic)
    if text_of(card, "snils") not in ("", stated.snils) or card.birth_date != stated.birth_date:
        return False
    if given != name_key(stated.given_name) or (patronymic and stated_patronymic and patronymic != stated_patronymic):
        return False
    return surname == name_key(stated.surname) or bool(patronymic and patronymic == stated_patronymic)


def cards_sha256(sources: Iterable[Source]) -> str:
    """Return what changes when these cards say something else, or are others."""
    lines = sorted(
        " ".join(
            (
                str(one.key.organization_id),
                str(one.key.id),
                *(name_key(text_of(one.card, name)) or "-" for name in ("surname", "given_name", "patronymic")),
                one.card.birth_date.isoformat(),
                one.card.snils or "-",
            )
        )
        for one in sources
    )
    return sha256("\n".join(lines).encode()).hexdigest()


def _golden_agrees(stated: Stated, person: Person) -> bool:
    golden = {name: field.value for name, field in person.golden.items()}
    patronymic, stated_patronymic = name_key(golden.get("patronymic")), name_key(stated.patronymic)
    return (
        name_key(golden.get("surname")) == name_key(stated.surname)
        and name_key(golden.get("given_name")) == name_key(stated.given_name)
        and (not patronymic or not stated_patronymic or patronymic == stated_patronymic)
        and golden.get("birth_date") == stated.birth_date.isoformat()
        and golden.get("snils") == stated.snils
    )
