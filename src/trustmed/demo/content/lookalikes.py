"""Patients who are hard to tell apart: the cases that stewards of the index decide from the first day.

They are made of generated people like all others; real registries are full of such cases.
"""

import datetime as dt
import itertools
from collections.abc import Iterator
from typing import Final

import msgspec

from trustmed.demo.content.people import Someone, enp, patronymic, people
from trustmed.matching.card import Card

SEED: Final = 2000
_KEYS: Final = dict(
    zip(
        "йцукенгшщзхъфывапролджэячсмитьбюё", "qwertyuiop[]asdfghjkl;'zxcvbnm,.`", strict=True
    )  # a Russian layout as a Latin one
)


class Case(msgspec.Struct, frozen=True):
    """Cards in the order of entry, each with its place: the number, from 0, of the organisation that enters it."""

    name: str
    cards: tuple[tuple[int, Card], ...]


def lookalikes(seed: int = SEED) -> tuple[Case, ...]:
    """Return the cases, the same for the same seed."""
    women = (one for one in people(seed) if one.sex == 2 and 1962 < one.birth_date.year < 1992)
    men = (one for one in people(seed + 1) if one.sex == 1 and 1962 < one.birth_date.year < 1992)
    return (
        *_families(women, men),
        *_slips(women, men),
    )


def _families(women: Iterator[Someone], men: Iterator[Someone]) -> Iterator[Case]:
    mother, father = card(next(women)), card(next(men))
    born = dt.date(2021, 6, 14)
    child = changed(mother, birth_date=born, patronymic=patronymic("Олег", 2), snils=None, enp=None)
    boy = changed(child, surname=mother.surname.removesuffix("а"), sex=1, patronymic=patronymic("Олег", 1))
    yield Case("twins", ((0, changed(boy, given_name="Артём")), (2, changed(boy, given_name="Антон"))))
    other = card(next(women))
    daughter = changed(
        other, given_name="Василиса", birth_date=dt.date(2016, 2, 3), patronymic=patronymic("Игорь", 2), enp=None
    )
    yield Case("child under the mother's СНИЛС", ((0, other), (3, daughter)))
    third = card(next(women))
    newborn = changed(third, birth_date=dt.date(2025, 11, 2), patronymic=None, sex=3, snils=None, enp=None)
    named = changed(newborn, given_name="Мирослава", patronymic=patronymic("Павел", 2), sex=2)
    yield Case("newborn", ((1, changed(newborn, given_name="Новорожденный")), (3, named)))
    son = changed(
        father, birth_date=father.birth_date.replace(year=father.birth_date.year + 24, day=7), snils=None, enp=None
    )
    yield Case("father and son of one name", ((0, changed(father, snils=None, enp=None)), (2, son)))


def _slips(women: Iterator[Someone], men: Iterator[Someone]) -> Iterator[Case]:
    bride = card(next(women))
    maiden = changed(bride, snils=None, enp=None, address=None)
    married = changed(maiden, surname="Северская", phone=bride.phone)
    yield Case("maiden name", ((0, maiden), (3, married)))
    typist = changed(card(next(women)), snils=None)
    slipped = changed(
        typist, surname=_mistyped(typist.surname), given_name=_mistyped(typist.given_name), enp=None, patronymic=None
    )
    yield Case("another keyboard layout", ((0, typist), (2, slipped)))
    swapped = changed(card(next(men)), birth_date=dt.date(1979, 4, 11))
    yield Case(
        "day and month in each other's place",
        ((1, swapped), (3, changed(swapped, birth_date=dt.date(1979, 11, 4), snils=None, enp=None, address=None))),
    )
    vowel = card(next(women))
    yield Case("a slip in the surname", ((0, vowel), (3, changed(vowel, surname=_one_vowel(vowel.surname), enp=None))))
    strangers = itertools.islice(people(SEED + 2), 2)
    first, second = (one.snils for one in strangers)
    two = changed(card(next(men)), snils=first, enp=None)
    yield Case("two СНИЛС", ((0, two), (2, changed(two, snils=second))))
    doubtful = changed(card(next(women)), given_name="Мария", snils=None, enp=None, birth_date=dt.date(1987, 10, 12))
    vague = changed(doubtful, given_name="Маша", patronymic=None, phone=None, address=None)
    vague = changed(vague, surname=_one_vowel(vague.surname), birth_date=dt.date(1987, 10, 17))
    yield Case("little is known", ((1, doubtful), (3, vague)))


def card(someone: Someone) -> Card:
    """Return the card of a generated person."""
    return Card(**{name: getattr(someone, name) for name in someone.__struct_fields__})


def changed(one: Card, **fields: object) -> Card:
    """Return the card with other values; the policy number contains birth date and sex, so it follows them."""
    other = msgspec.structs.replace(one, **fields)
    if other.enp and (other.birth_date, other.sex) != (one.birth_date, one.sex) and other.enp == one.enp:
        other = msgspec.structs.replace(other, enp=enp(other.birth_date, other.sex, int(other.enp[10:15])))
    return other


def _mistyped(name: str) -> str:
    """Return a name as the other keyboard layout types it."""
    return "".join(_KEYS.get(letter, letter) for letter in name.lower()).capitalize()


def _one_vowel(surname: str) -> str:
    """Return a surname with one vowel misheard."""
    for heard, written in (("о", "а"), ("а", "о"), ("е", "и")):
        if heard in surname[1:-2]:
            return surname[0] + surname[1:-2].replace(heard, written, 1) + surname[-2:]
    return surname + "х"
