"""Verdicts and comparisons explained in words."""

import datetime as dt

import pytest

from tests.unit.matching.people import MAN, ONE, SNILS, WOMAN, changed, comparison, verdict
from trustmed.matching import explain
from trustmed.matching.decide import Reason
from trustmed.matching.vocabulary import Conflict, Field, Level


def test_every_term_has_words_in_both_languages() -> None:
    for vocabulary, table in (
        (Field, explain._FIELDS),
        (Field, explain._BY),
        (Field, explain._UNLIKE),
        (Level, explain._LEVELS),
        (Conflict, explain._CONFLICTS),
        (Reason, explain._REASONS),
    ):
        assert set(table) == set(vocabulary)
        assert all(russian and english and russian != english for russian, english in table.values())


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("ru", "по СНИЛС, фамилии, отчеству, дате рождения, телефону и адресу; имя другое"),
        ("en", "by SNILS, surname, patronymic, birth date, phone and address; the given name differs"),
    ],
)
def test_a_comparison_is_told_in_one_line(language: explain.Language, line: str) -> None:
    a, b = changed(MAN, snils=SNILS), changed(MAN, snils=SNILS, given_name="Олег")
    assert explain.words(comparison(a, b), language).line == line


def test_rows_show_every_field_in_words() -> None:
    found = verdict(changed(WOMAN, surname="Соколова"), WOMAN)
    rows = explain.words(found, "ru").rows
    assert [row.field for row in rows] == list(Field)
    assert rows[0].title == "Фамилия"
    assert rows[0].level == "различается, возможна смена фамилии"
    assert rows[0].weight < 0


def test_a_verdict_says_why_cards_are_not_linked() -> None:
    twin = changed(MAN, given_name="Алексей")
    assert "близнецы" in explain.words(verdict(MAN, twin), "ru").line
    namesake = changed(MAN, birth_date=dt.date(1950, 1, 8))
    assert "namesakes" in explain.words(verdict(MAN, (ONE, namesake)), "en").line
    assert explain.words(verdict(MAN), "ru") == explain.Explanation("отдельный человек: похожих нет", ())
