from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustmed.clinic.patients.model import Wanted
from trustmed.clinic.patients.search import bounds, fold, understand


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("", Wanted()),
        ("  ЁЛКИН   Пётр ", Wanted(prefix="елкин петр")),
        ("112-233-445 95", Wanted(snils="11223344595")),
        ("7750 2008 3300 0063", Wanted(enp="7750200833000063")),
        ("05.11.1980", Wanted(birth_date=date(1980, 11, 5))),
        ("Ёлкин 1980-11-05", Wanted(prefix="елкин", birth_date=date(1980, 11, 5))),
        ("31.02.1980", Wanted(prefix="31.02.1980")),
        ("12345", Wanted(prefix="12345")),
    ],
)
def test_line_is_understood(line: str, wanted: Wanted) -> None:
    assert understand(line) == wanted


@given(st.text(alphabet="абвеёжАЕЁ -", min_size=1), st.text(alphabet="абвеёя -"))
def test_a_name_is_within_the_bounds_of_its_beginning(beginning: str, rest: str) -> None:
    low, high = bounds(fold(beginning))
    assert low <= fold(beginning + rest) < high


@given(st.text())
def test_anything_typed_is_understood(line: str) -> None:
    understand(line)
