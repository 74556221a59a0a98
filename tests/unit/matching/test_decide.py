"""Which cards are linked, which are left to a steward, and which are new persons."""

import datetime as dt

import pytest

from tests.unit.matching.people import (
    ENP,
    MAN,
    ONE,
    OTHER,
    OTHER_ENP,
    OTHER_SNILS,
    SNILS,
    WOMAN,
    changed,
    verdict,
)
from trustmed.matching.card import Card
from trustmed.matching.decide import Reason
from trustmed.matching.vocabulary import Conflict

TWIN = changed(MAN, given_name="Алексей")


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"surname": "Журавлев"},
        {"surname": "Жураавлев"},
        {"surname": "Жуарвлев"},
        {"surname": "Журовлев"},
        {"given_name": "Саша"},
        {"patronymic": None},
        {"surname": "Александр", "given_name": "Журавлёв"},
        {"surname": "Zhuravlev", "given_name": "Aleksandr", "patronymic": "Ilich"},
        {"surname": ";ehfdktd", "given_name": "Fktrcfylh", "patronymic": "Bkmbx"},
        {"birth_date": dt.date(1985, 3, 26)},
        {"birth_date": dt.date(1986, 3, 27)},
        {"phone": None, "address": None},
        {"address": "Казань, Мира 12-45"},
    ],
)
def test_a_card_with_one_slip_is_linked(fields: dict) -> None:
    found = verdict(changed(MAN, **fields), MAN)
    assert (found.outcome, found.person, found.reasons) == ("linked", ONE, (Reason.CERTAIN,))


def test_a_maiden_name_is_linked() -> None:
    assert verdict(changed(WOMAN, surname="Соколова"), WOMAN).outcome == "linked"


def test_a_birth_date_with_day_and_month_swapped_is_linked() -> None:
    row = changed(MAN, birth_date=dt.date(1985, 3, 7))
    assert verdict(changed(MAN, birth_date=dt.date(1985, 7, 3)), row).outcome == "linked"


def test_a_stranger_is_separate() -> None:
    found = verdict(WOMAN, changed(MAN, phone=None, address=None))
    assert (found.outcome, found.person, found.best) == ("separate", None, ())
    assert found.reasons == (Reason.NOBODY,)


@pytest.mark.parametrize("other", [TWIN, changed(TWIN, surname="Журавлев", phone="8 9123456798")])
def test_twins_are_never_linked(other: Card) -> None:
    assert verdict(MAN, other).outcome != "linked"


def test_twins_whose_names_differ_only_by_sex_are_not_linked() -> None:
    brother = changed(MAN, given_name="Евгений")
    sister = changed(WOMAN, given_name="Евгения", birth_date=MAN.birth_date)
    assert verdict(sister, brother).outcome != "linked"


@pytest.mark.parametrize(
    ("mine", "theirs", "conflict"),
    [
        ({"snils": SNILS}, {"snils": OTHER_SNILS}, Conflict.OTHER_SNILS),
        ({"enp": ENP}, {"enp": OTHER_ENP}, Conflict.OTHER_ENP),
        ({"snils": SNILS, "enp": ENP}, {"snils": OTHER_SNILS, "enp": ENP}, Conflict.OTHER_SNILS),
    ],
)
def test_another_valid_number_forbids_an_automatic_link(mine: dict, theirs: dict, conflict: Conflict) -> None:
    found = verdict(changed(MAN, **mine), changed(MAN, **theirs))
    assert found.outcome == "review"
    assert conflict in found.best[0].conflicts


def test_another_number_in_any_row_of_the_person_forbids_an_automatic_link() -> None:
    found = verdict(changed(MAN, snils=SNILS), MAN, changed(MAN, snils=OTHER_SNILS))
    assert found.outcome == "review"


def test_a_person_with_two_numbers_is_linked_by_either() -> None:
    rows = (changed(MAN, snils=SNILS), changed(MAN, snils=OTHER_SNILS))
    assert verdict(changed(MAN, snils=OTHER_SNILS), *rows).outcome == "linked"


def test_a_child_under_the_mothers_number_is_left_to_a_steward() -> None:
    child = changed(WOMAN, given_name="Мария", patronymic="Олеговна", birth_date=dt.date(2020, 5, 5), snils=SNILS)
    found = verdict(child, changed(WOMAN, snils=SNILS))
    assert found.outcome == "review"
    assert Conflict.BORROWED_IDENTIFIER in found.best[0].conflicts


@pytest.mark.parametrize(
    "name", ["Новорожденный", "новорожд. мальчик", "Ребёнок", "Неизвестный", "-", "БОМЖ", "unknown"]
)
def test_a_placeholder_is_never_linked_by_name(name: str) -> None:
    baby = changed(MAN, given_name=name, patronymic=None, birth_date=dt.date(2024, 5, 5))
    assert verdict(baby, baby).outcome != "linked"
    assert verdict(changed(baby, enp=ENP), changed(WOMAN, enp=ENP)).outcome != "linked"


def test_a_placeholder_with_its_own_number_is_linked() -> None:
    baby = changed(MAN, given_name="Новорожденный", birth_date=dt.date(2024, 5, 5), snils=SNILS)
    assert verdict(baby, changed(baby, given_name="Олег")).outcome == "linked"


def test_father_and_son_of_one_name_are_not_linked() -> None:
    son = changed(MAN, birth_date=dt.date(2015, 3, 27))
    assert verdict(son, MAN).outcome != "linked"
    assert verdict(changed(MAN, birth_date=dt.date(2013, 11, 2)), MAN).outcome != "linked"


def test_namesakes_of_one_birth_date_are_left_to_a_steward() -> None:
    found = verdict(changed(MAN, phone=None, address=None), (ONE, MAN), (OTHER, changed(MAN, phone=None, address=None)))
    assert found.outcome == "review"
    assert Reason.CLOSE in found.reasons
    assert found.margin is not None


def test_a_person_kept_apart_is_neither_linked_nor_proposed() -> None:
    found = verdict(MAN, (ONE, MAN), apart=frozenset({ONE}))
    assert (found.outcome, found.best) == ("separate", ())


def test_a_card_with_nobody_to_compare_with_is_separate() -> None:
    assert verdict(MAN).outcome == "separate"
