from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustmed.clinic.patients.model import Wish
from trustmed.clinic.patients.search import bounds, fold, parse_line


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("", Wish()),
        ("  ЁЛКИН   Пётр ", Wish(prefix="елкин петр")),
        ("112-233-445 95", Wish(snils="11223344595")),
        ("7750 2008 3300 0063", Wish(enp="7750200833000063")),
        ("05.11.1980", Wish(birth_date=date(1980, 11, 5))),
        ("Ёлкин 1980-11-05", Wish(prefix="елкин", birth_date=date(1980, 11, 5))),
        ("31.02.1980", Wish(prefix="31.02.1980")),
        ("12345", Wish(prefix="12345")),
    ],
)
def test_a_search_line_is_understood(line: str, wanted: Wish) -> None:
    assert parse_line(line) == wanted


@given(st.text(alphabet="абвеёжАЕЁ -", min_size=1), st.text(alphabet="абвеёя -"))
def test_a_name_is_within_the_bounds_of_its_beginning(beginning: str, rest: str) -> None:
    low, high = bounds(fold(beginning))
    assert low <= fold(beginning + rest) < high


@given(st.text())
def test_no_line_makes_the_parser_fail(line: str) -> None:
    parse_line(line)
