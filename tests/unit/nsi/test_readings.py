"""How a line typed into the search of dictionaries is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustmed.nsi.errors import LineTooLong
from trustmed.nsi.readings import readings_of
from trustmed.patient.writing import folded, other_layout

RUSSIAN = st.text("абвгдеёжзийклмнопрстуфхцчшщъыьэюя", min_size=1, max_size=20)
LATIN = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=20)
LINES = st.text(max_size=150)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("  Острый   ИНФАРКТ ", ("острый", "инфаркт")),
        ("ёлка-Ёж", ("елка", "еж")),
        ("I11.9", ("i11.9",)),
        ("сифилис [первичный]", ("сифилис", "первичный")),
        ("\u200bмио\u00adкард", ("миокард",)),
        ("100%_", ("100",)),
    ],
)
def test_a_line_is_split_into_folded_words(typed: str, words: tuple[str, ...]) -> None:
    assert readings_of(typed)[0].words == tuple(map(folded, words))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("rfhlbjkju", "кардиолог"), ("[jktcnth", "холестер"), ("'gbktgcbz", "эпилепсия"), ("ф00", "a00")],
)
def test_the_other_layout_is_a_second_reading(typed: str, meant: str) -> None:
    assert readings_of(typed)[-1].line == meant


@pytest.mark.parametrize(
    ("typed", "code"), [("А00", "A00"), ("с50", "C50"), ("Е11", "E11"), ("e11", "E11"), ("к70", "K70")]
)
def test_letters_that_look_alike_are_the_same_in_a_code(typed: str, code: str) -> None:
    assert code in readings_of(typed)[0].code_beginnings


@pytest.mark.parametrize("typed", ["", "   ", "%", "_ % '", "\u200b", "\\"])
def test_punctuation_alone_has_no_readings(typed: str) -> None:
    assert not any(reading.words for reading in readings_of(typed)[:1] if reading.line == typed.strip())


@given(RUSSIAN.map(lambda word: word + "ф"))
def test_changing_the_layout_twice_changes_nothing(word: str) -> None:
    assert other_layout(other_layout(word)) == word


@given(LATIN)
def test_latin_keys_can_be_read_as_russian(word: str) -> None:
    assert other_layout(other_layout(word)) == word


@given(RUSSIAN, LATIN)
def test_a_line_in_both_alphabets_keeps_its_layout(russian: str, latin: str) -> None:
    assert other_layout(russian + latin) == russian + latin


@given(st.text())
def test_folding_twice_is_folding_once(typed: str) -> None:
    assert folded(folded(typed)) == folded(typed)


@given(LINES)
def test_patterns_take_no_wildcards_from_the_line(typed: str) -> None:
    for reading in readings_of(typed):
        assert reading.words
        for pattern in (*reading.patterns, *reading.word_beginnings):
            assert not set(pattern[1:-1]) & set("%_\\")


@given(LINES)
def test_the_readings_of_a_line_differ(typed: str) -> None:
    readings = readings_of(typed)
    assert len({reading.words for reading in readings}) == len(readings) <= 2


@given(st.text("абвгд ", min_size=1, max_size=60).filter(str.strip))
def test_case_and_spaces_do_not_matter(typed: str) -> None:
    assert readings_of(typed.upper())[0].words == readings_of(f" {typed}  ")[0].words


def test_a_line_that_is_too_long_is_refused() -> None:
    with pytest.raises(LineTooLong) as refused:
        readings_of("а" * 201)
    assert "201" in refused.value.ru
    assert "201" in refused.value.en
