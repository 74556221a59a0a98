"""How alike two values are: one case for each thing that goes wrong with a name, a date or a number."""

import datetime as dt

import pytest

from tests.unit.matching.people import ENP, MAN, SNILS, WOMAN, changed, comparison, levels
from trustmed.matching.vocabulary import Conflict, Field, Level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("Журавлёв", "ЖУРАВЛЕВ ", Level.EXACT),
        ("Журавлёв", "Журaвлев", Level.EXACT),  # a Latin "a"
        ("Журавлёв", "Zhuravlev", Level.EXACT),
        ("Журавлёв", ";ehfdktd", Level.EXACT),
        ("Иванов", "Bdfyjd", Level.EXACT),
        ("Иванов", "Ivanov", Level.EXACT),
        ("Иванов", "Иваноф", Level.ALIKE),
        ("Иванов", "Иваноов", Level.ALIKE),
        ("Иванов", "Ивнаов", Level.ALIKE),
        ("Иванов", "Иванв", Level.ALIKE),
        ("Сафронов", "Софронов", Level.ALIKE),
        ("Кириллов", "Кирилов", Level.ALIKE),
        ("Белый", "Белая", Level.ALIKE),
        ("Римский-Корсаков", "Римский Корсаков", Level.EXACT),
        ("Римский-Корсаков", "Корсаков", Level.PART),
        ("Мельниченко", "Мельничинка", Level.ALIKE),
        ("Белоцерковский", "Белацирковскай", Level.NEAR),
        ("Шереметьев", "Шиременьтев", Level.NEAR),
        ("Иванов", "Кузнецов", Level.DIFFERS),
        ("Иванов", "неизвестный", Level.MISSING),
    ],
)
def test_likeness_of_surnames(one: str, other: str, level: Level) -> None:
    assert levels(changed(MAN, surname=one), changed(MAN, surname=other))[Field.SURNAME] == level


def test_a_different_surname_weighs_less_against_a_woman() -> None:
    woman, man = changed(WOMAN, surname="Соколова"), changed(MAN, surname="Соколов")
    assert levels(woman, WOMAN)[Field.SURNAME] == Level.DIFFERS_WOMAN
    weights = [comparison(*pair).fields[0].weight for pair in ((woman, WOMAN), (man, MAN))]
    assert weights[1] < weights[0] < 0


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("Александр", "Саша", Level.VARIANT),
        ("Александр", "Алексаандр", Level.ALIKE),
        ("Александр", "Aleksandr", Level.EXACT),
        ("Наталья", "Наталия", Level.VARIANT),
        ("София", "Софья", Level.VARIANT),
        ("Алёна", "Елена", Level.VARIANT),
        ("Дарья", "Дашуня", Level.VARIANT),
        ("Виктор", "Витенька", Level.VARIANT),
        ("Кирилл", "Кирил", Level.VARIANT),
        ("Александр", "А.", Level.INITIAL),
        ("Александр", "Алексей", Level.DIFFERS),
        ("Марина", "Мария", Level.DIFFERS),
        ("Роман", "Рамон", Level.ALIKE),
        ("Роман", "-", Level.MISSING),
    ],
)
def test_likeness_of_given_names(one: str, other: str, level: Level) -> None:
    assert levels(changed(MAN, given_name=one), changed(MAN, given_name=other))[Field.GIVEN_NAME] == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("Ильинична", "Ильинишна", Level.VARIANT),
        ("Юрьевна", "Юриевна", Level.VARIANT),
        ("Алиевич", "Али оглы", Level.VARIANT),
        ("Алиевна", "Али кызы", Level.VARIANT),
        ("Иванович", "Иваныч", Level.VARIANT),
        ("Александрович", "Алексадрович", Level.ALIKE),
        ("Иванович", "И.", Level.INITIAL),
        ("Иванович", None, Level.MISSING),
        ("Иванович", "Петрович", Level.DIFFERS),
    ],
)
def test_likeness_of_patronymics(one: str, other: str | None, level: Level) -> None:
    assert levels(changed(MAN, patronymic=one), changed(MAN, patronymic=other))[Field.PATRONYMIC] == level


@pytest.mark.parametrize(
    ("surname", "given", "patronymic"),
    [
        ("Александр", "Журавлёв", "Ильич"),
        ("Саша", "Журавлёв", "Ильич"),
        ("Журавлёв", "Ильич", "Александр"),
    ],
)
def test_names_in_each_others_place_count_as_swapped(surname: str, given: str, patronymic: str) -> None:
    found = levels(changed(MAN, surname=surname, given_name=given, patronymic=patronymic), MAN)
    assert Level.SWAPPED in (found[Field.SURNAME], found[Field.GIVEN_NAME])
    assert Level.DIFFERS not in (found[Field.SURNAME], found[Field.GIVEN_NAME], found[Field.PATRONYMIC])


@pytest.mark.parametrize(
    "fields",
    [
        {"given_name": "Александр Ильич", "patronymic": None},
        {"surname": "Журавлёв Александр Ильич", "given_name": "Александр", "patronymic": None},
    ],
)
def test_a_whole_name_in_one_field_is_read_exactly(fields: dict) -> None:
    found = levels(changed(MAN, **fields), MAN)
    assert {found[Field.SURNAME], found[Field.GIVEN_NAME], found[Field.PATRONYMIC]} == {Level.EXACT}


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ((1985, 3, 7), (1985, 3, 7), Level.EXACT),
        ((1985, 3, 7), (1985, 7, 3), Level.SWAPPED),
        ((1985, 3, 17), (1985, 3, 18), Level.SLIP),
        ((1985, 3, 17), (1958, 3, 17), Level.SLIP),
        ((1985, 3, 17), (1985, 1, 1), Level.ROUND),
        ((1985, 1, 1), (1985, 1, 1), Level.ROUND),
        ((1985, 3, 17), (1985, 3, 28), Level.PART),
        ((1985, 3, 17), (1971, 8, 2), Level.DIFFERS),
        ((1985, 3, 17), (1900, 1, 1), Level.MISSING),
    ],
)
def test_likeness_of_birth_dates(one: tuple[int, int, int], other: tuple[int, int, int], level: Level) -> None:
    found = levels(changed(MAN, birth_date=dt.date(*one)), changed(MAN, birth_date=dt.date(*other)))
    assert found[Field.BIRTH_DATE] == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        (SNILS, "11223344595", Level.EXACT),
        (SNILS, "11223344596", Level.SLIP),
        (SNILS, "12123344595", Level.SLIP),
        (SNILS, "00100199800", Level.DIFFERS),
        (SNILS, "99999999999", Level.MISSING),
        ("11223344596", "11223344596", Level.MISSING),
        (SNILS, None, Level.MISSING),
    ],
)
def test_likeness_of_snils(one: str, other: str | None, level: Level) -> None:
    assert levels(changed(MAN, snils=one), changed(MAN, snils=other))[Field.SNILS] == level


def test_enp_is_compared_as_snils_is() -> None:
    assert levels(changed(MAN, enp=ENP), changed(MAN, enp=ENP))[Field.ENP] == Level.EXACT
    assert levels(changed(MAN, enp=ENP), changed(MAN, enp="0" * 16))[Field.ENP] == Level.MISSING


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("+7 912 345-67-98", "8(912)3456798", Level.EXACT),
        ("+7 912 345-67-98", "9123456798, 8(843)2345671", Level.EXACT),
        ("+7 912 345-67-98", "84328123456 89123456798", Level.EXACT),
        ("+7 912 345-67-98", "8 912 345 67 88", Level.SLIP),
        ("+7 912 345-67-98", "8 843 234 56 71", Level.DIFFERS),
        ("+7 999 999 99 99", "+7 999 999 99 99", Level.MISSING),
        ("1234567", "1234567", Level.MISSING),
        ("нет", "нет", Level.MISSING),
    ],
)
def test_likeness_of_phones(one: str, other: str, level: Level) -> None:
    assert levels(changed(MAN, phone=one), changed(MAN, phone=other))[Field.PHONE] == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("г. Казань, ул. 8 Марта, д. 12, корп. 2, кв. 45", "Казань г, 8 Марта ул, дом 12 к.2 кв.45", Level.EXACT),
        ("г. Казань, ул. Мира, д. 12, кв. 45", "Казань, Мира 12-45", Level.EXACT),
        ("г. Казань, ул. Мира, д. 12, кв. 45", "420000, РТ, Казань, улица Мира, дом 12, квартира 45", Level.ALIKE),
        ("г. Казань, ул. Мира, д. 12, кв. 45", "ул. Мира, д. 12, кв. 45", Level.ALIKE),
        ("г. Казань, ул. Мира, д. 12, кв. 45", "г. Казань, ул. Мира, д. 12, кв. 46", Level.PART),
        ("г. Казань, ул. Мира, д. 12, кв. 45", "г. Казань, ул. Мира, д. 2, кв. 46", Level.NEAR),
        ("г. Казань, ул. Мира, д. 12, кв. 45", "г. Арск, ул. Лесная, д. 2", Level.DIFFERS),
        ("нет", "нет", Level.MISSING),
        ("БОМЖ", "г. Арск, ул. Лесная, д. 2", Level.MISSING),
    ],
)
def test_likeness_of_addresses(one: str, other: str, level: Level) -> None:
    assert levels(changed(MAN, address=one), changed(MAN, address=other))[Field.ADDRESS] == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        (("45 10", "123987"), ("4510", "123987"), Level.EXACT),
        (("45 10", "123987"), (None, "123987"), Level.PART),
        (("45 10", "123987"), ("4510", "123978"), Level.SLIP),
        (("45 10", "123987"), ("9211", "555123"), Level.DIFFERS),
        (("00 00", "000000"), ("00 00", "000000"), Level.MISSING),
        (("45 10", "111111"), ("45 10", "111111"), Level.MISSING),
        (("XII-AB", "765430"), ("ХІІ-АВ".replace("І", "I"), "765430"), Level.EXACT),
    ],
)
def test_likeness_of_identity_documents(
    one: tuple[str | None, str], other: tuple[str | None, str], level: Level
) -> None:
    a = changed(MAN, identity_series=one[0], identity_number=one[1])
    b = changed(MAN, identity_series=other[0], identity_number=other[1])
    assert levels(a, b)[Field.DOCUMENT] == level


def test_documents_of_two_kinds_do_not_differ() -> None:
    a = changed(MAN, identity_kind="1", identity_series="4510", identity_number="123987")
    b = changed(MAN, identity_kind="6", identity_series="II-АГ", identity_number="543987")
    assert levels(a, b)[Field.DOCUMENT] == Level.MISSING


def test_sex_is_read_from_names_where_it_is_not_recorded() -> None:
    assert levels(changed(MAN, sex=3), MAN)[Field.SEX] == Level.EXACT
    assert levels(changed(MAN, sex=2), MAN)[Field.SEX] == Level.MISSING  # the record contradicts itself


def test_family_contacts_together_weigh_little_more_than_one() -> None:
    both = comparison(MAN, MAN)
    phone, address = both.fields[-2:]
    assert max(phone.weight, address.weight) <= 9
    assert phone.weight + address.weight < 12


def test_a_rare_name_proves_more_than_a_common_one() -> None:
    rare, common = changed(MAN, surname="Цапелюк"), changed(MAN, surname="Иванов")
    assert comparison(rare, rare).fields[0].weight > comparison(common, common).fields[0].weight + 2


def test_an_initial_alone_is_not_a_name() -> None:
    assert Conflict.NO_NAME in comparison(changed(MAN, given_name="А."), MAN).conflicts
