"""A comparison prepared for drawing: bars add up, differing letters are marked and nothing is lost."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustmed.matching.card import Card
from trustmed.matching.compare import compare
from trustmed.matching.model import load_model, resize_model
from trustmed.matching.profile import profile_of
from trustmed.matching.vocabulary import Field
from trustmed.region.persons.finding import identifiers_of
from trustmed.region.persons.reading import Identifiers
from trustmed.region.steward.drawing import WIDE, Drawing, drawing_of, mark_letters

MODEL = resize_model(load_model(), 100_000)
CARD = Card("Иванова", "Анна", dt.date(1980, 3, 4), 2, "Петровна", phone="+7 900 111-22-33")


def draw(one: Card, other: Card) -> Drawing:
    return drawing_of(compare(MODEL, profile_of(one), profile_of(other)), MODEL.thresholds, one, other)


def marked_texts(parts: tuple[tuple[str, bool], ...]) -> list[str]:
    return [text for text, differs in parts if differs]


@given(st.text(max_size=40), st.text(max_size=40))
def test_marking_keeps_texts_whole(one: str, other: str) -> None:
    mine, theirs = mark_letters(one, other)
    assert "".join(text for text, _ in mine) == one
    assert "".join(text for text, _ in theirs) == other


@pytest.mark.parametrize(
    ("one", "other", "mine", "theirs"),
    [
        ("Иванова", "Ивонова", ["а"], ["о"]),
        ("Семёнова", "СЕМЕНОВА", [], []),
        ("Иванова", "Северская", [], []),
        ("", "Иванова", [], []),
        ("112-233-445 95", "112-233-447 95", ["5"], ["7"]),
    ],
)
def test_letters_that_differ_are_marked(one: str, other: str, mine: list[str], theirs: list[str]) -> None:
    parts = mark_letters(one, other)
    assert (marked_texts(parts[0]), marked_texts(parts[1])) == (mine, theirs)


def test_each_bar_starts_where_the_previous_one_ends_and_the_last_at_the_sum() -> None:
    drawing = draw(CARD, Card("Ивонова", "Анна", dt.date(1980, 4, 3), 2, "Петровна", phone="89001112233"))
    weights = [drawing.prior.weight, *(line.bar.weight for line in drawing.lines)]
    assert sum(weights) == pytest.approx(drawing.total.weight)
    at = drawing.prior.left
    for line in drawing.lines:
        if line.bar.tone == "for":
            assert line.bar.left == pytest.approx(at, abs=0.2)
            at = line.bar.left + line.bar.width
    assert min(bar.left for bar in (drawing.prior, drawing.total)) >= 0
    assert drawing.total.left + drawing.total.width <= WIDE
    assert drawing.review < drawing.zero < drawing.automatic


def test_a_name_typed_in_another_layout_is_shown_as_it_is_read() -> None:
    drawing = draw(CARD, Card("Bdfyjdf", "Анна", dt.date(1980, 3, 4), 2))
    surname = next(line for line in drawing.lines if line.field is Field.SURNAME)
    assert (surname.one_read, surname.other_read) == ("", "Иванова")


@pytest.mark.parametrize(
    ("typed", "identifiers"),
    [
        ("112-233-445 95", Identifiers(snils="11223344595")),
        ("7700 3006 0070 0908", Identifiers(enp="7700300600700908")),
        ("4501 № 123456", Identifiers(identity="123456", series="4501")),
        ("45 01 123456", Identifiers(identity="123456", series="4501")),
        ("123456", Identifiers(identity="123456")),
    ],
)
def test_numbers_are_understood_however_they_are_grouped(typed: str, identifiers: Identifiers) -> None:
    assert identifiers_of(typed) == identifiers
