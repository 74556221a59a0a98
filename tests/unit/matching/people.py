"""Synthetic people to compare."""

import datetime as dt
from uuid import UUID

import msgspec

from trustmed.demo.content.people import luhn
from trustmed.matching.card import Card
from trustmed.matching.compare import compare
from trustmed.matching.decide import Candidate, Verdict, decide
from trustmed.matching.model import load_model
from trustmed.matching.profile import Profile, profile_of
from trustmed.matching.vocabulary import Comparison, Field, Level

MODEL = load_model()
ONE, OTHER = UUID(int=1), UUID(int=2)
MAN = Card(
    surname="Журавлёв",
    given_name="Александр",
    patronymic="Ильич",
    birth_date=dt.date(1985, 3, 27),
    sex=1,
    phone="+7 912 345-67-98",
    address="г. Казань, ул. Мира, д. 12, кв. 45",
)
WOMAN = Card(
    surname="Журавлёва",
    given_name="Наталья",
    patronymic="Ильинична",
    birth_date=dt.date(1988, 9, 14),
    sex=2,
    phone="+7 912 345-67-98",
    address="г. Казань, ул. Мира, д. 12, кв. 45",
)
SNILS, OTHER_SNILS = "112-233-445 95", "001-001-998 00"
ENP, OTHER_ENP = (body + luhn(body) for body in ("770030060070090", "770030060070091"))


def changed(card: Card, **fields: object) -> Card:
    return msgspec.structs.replace(card, **fields)


def profile(card: Card, **fields: object) -> Profile:
    return profile_of(changed(card, **fields))


def comparison(a: Card, b: Card) -> Comparison:
    return compare(MODEL, profile_of(a), profile_of(b))


def levels(a: Card, b: Card) -> dict[Field, Level]:
    return {score.field: score.level for score in comparison(a, b).fields}


def verdict(query: Card, *rows: Card | tuple[UUID, Card], apart: frozenset[UUID] = frozenset()) -> Verdict:
    """Return the verdict on `query`. Rows belong to person ONE unless a person is given with them."""
    pairs = [(ONE, row) if isinstance(row, Card) else row for row in rows]
    candidates = [Candidate(person, place, profile_of(row)) for place, (person, row) in enumerate(pairs)]
    return decide(MODEL, profile_of(query), candidates, apart)
