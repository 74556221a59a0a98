"""Whether a token agrees with a person: names however written, nobody else's card among them."""

import datetime as dt
from uuid import uuid4

import msgspec
import pytest

from trustmed.matching.card import Card
from trustmed.region.citizens.agreement import Stated, agrees, cards_sha256, find_agreeing
from trustmed.region.index.model import PatientKey
from trustmed.region.persons.golden import Pin, Source, golden_record
from trustmed.region.persons.model import Person

NOW = dt.datetime(2026, 11, 5, tzinfo=dt.UTC)
BORN = dt.date(1980, 5, 5)
HERS, OTHER = "11223344595", "08765430300"
CARD = Card(surname="Семёнова-Ли", given_name="Алёна", birth_date=BORN, sex=2, patronymic="Ильинична", snils=HERS)
STATED = Stated(HERS, "Семёнова-Ли", "Алёна", "Ильинична", BORN)


def person(*cards: Card, pins: tuple[Pin, ...] = ()) -> Person:
    sources = tuple(Source(PatientKey(101, uuid4()), one, NOW, "automatic", "", NOW) for one in cards)
    return Person(uuid4(), golden_record(sources, pins), sources, pins)


def changed(**fields: object) -> Card:
    return msgspec.structs.replace(CARD, **fields)


@pytest.mark.parametrize(
    "stated",
    [
        STATED,
        Stated(HERS, "СЕМЕНОВА ЛИ", "алена", None, BORN),
        Stated(HERS, " семёнова — ли ", "Aлёна", "ильинична", BORN),
    ],
)
def test_a_name_is_the_same_however_it_is_written(stated: Stated):
    assert agrees(stated, person(CARD))


@pytest.mark.parametrize(
    "stated",
    [
        Stated(HERS, "Семёнова", "Алёна", "Ильинична", BORN),
        Stated(HERS, "Семёнова-Ли", "Алина", "Ильинична", BORN),
        Stated(HERS, "Семёнова-Ли", "Алёна", "Ивановна", BORN),
        Stated(HERS, "Семёнова-Ли", "Алёна", "Ильинична", dt.date(1980, 5, 6)),
        Stated(OTHER, "Семёнова-Ли", "Алёна", "Ильинична", BORN),
        Stated(HERS, "Алёна", "Семёнова-Ли", "Ильинична", BORN),
    ],
)
def test_another_name_date_or_number_is_another(stated: Stated):
    assert not agrees(stated, person(CARD))


@pytest.mark.parametrize(
    ("card", "same"),
    [
        (changed(snils=None), True),
        (changed(surname="Прежняя"), True),
        (changed(surname="Прежняя", patronymic=None), False),
        (changed(patronymic=None), True),
        (changed(given_name="Борис"), False),
        (changed(given_name="Новорожденный"), False),
        (changed(patronymic="Ивановна"), False),
        (changed(birth_date=dt.date(1981, 5, 5)), False),
        (changed(snils=OTHER), False),
        (changed(snils="11223344596"), True),  # no СНИЛС at all
    ],
)
def test_one_card_of_somebody_else_spoils_the_whole(card: Card, same: bool):
    assert agrees(STATED, person(CARD, CARD, card)) == same


def test_what_a_steward_fixed_counts_as_the_golden_record():
    pin = Pin("surname", "Новая", "Стюард", "паспорт", NOW)
    assert not agrees(STATED, person(CARD, pins=(pin,)))
    assert agrees(msgspec.structs.replace(STATED, surname="Новая"), person(CARD, pins=(pin,)))


def test_of_several_persons_the_agreeing_one_is_found():
    his = person(changed(given_name="Борис"), changed(given_name="Борис"))
    hers, more = person(CARD), person(CARD, CARD)
    assert find_agreeing(STATED, [his, hers, more]) == more
    assert find_agreeing(STATED, [his, hers]) == hers
    assert find_agreeing(STATED, [his]) is None
    assert find_agreeing(STATED, [person()]) is None


def test_the_digest_of_cards_changes_with_what_they_say():
    before = person(CARD)
    (source,) = before.sources
    corrected = msgspec.structs.replace(source, card=changed(snils=None))
    assert cards_sha256([source]) != cards_sha256([corrected])
    assert cards_sha256([source, corrected]) == cards_sha256([corrected, source])
    phoned = msgspec.structs.replace(source, card=changed(phone="+7"))
    assert cards_sha256([source]) == cards_sha256([phoned])
