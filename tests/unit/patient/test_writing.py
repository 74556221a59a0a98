"""How typed and pasted text is tidied before it is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustmed.patient.writing import tidy, ungrouped


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ёлкин \t Пётр\n", "Ёлкин Пётр"),
        ("Ива\u00adнов\u200b", "Иванов"),
        ("\x00А\x01", "А"),
        ("Е\u0308лкина и\u0306", "Ёлкина й"),
        ("\u200b \x00", ""),
    ],
)
def test_only_visible_characters_are_kept(typed: str, kept: str) -> None:
    assert tidy(typed) == kept


@pytest.mark.parametrize("typed", ["112-233-445 95", "112\u2011233\u2013445\u00a095", " 11223344595\u200b"])
def test_a_number_loses_its_grouping(typed: str) -> None:
    assert ungrouped(typed) == "11223344595"


@given(st.text())
def test_tidying_twice_changes_nothing_more(typed: str) -> None:
    assert tidy(tidy(typed)) == tidy(typed)
