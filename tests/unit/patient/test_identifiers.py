"""Check digits of СНИЛС and ЕНП."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustmed.demo.content.people import enp, snils
from trustmed.patient.identifiers import is_valid_enp, is_valid_snils

NUMBERS = st.integers(1_001_999, 999_999_999)


@pytest.mark.parametrize("good", ["11223344595", "00100199800", "00000000199"])
def test_a_correct_snils_is_valid(good: str) -> None:
    assert is_valid_snils(good)


@pytest.mark.parametrize(
    "bad", [None, "", "11223344594", "112-233-445 95", "1122334459", "112233445950", "00000000000", "١١٢٢٣٣٤٤٥٩٥"]
)
def test_a_wrong_snils_is_not_valid(bad: str | None) -> None:
    assert not is_valid_snils(bad)


@given(NUMBERS, st.integers(0, 98), st.integers(0, 8))
def test_one_wrong_digit_makes_snils_invalid(number: int, other: int, place: int) -> None:
    good = snils(number)
    assert is_valid_snils(good)
    check = [value for value in range(101) if value % 100 != int(good[9:])][other]
    assert not is_valid_snils(f"{good[:9]}{check % 100:02}")
    wrong = str((int(good[place]) + 1) % 10)
    changed = good[:place] + wrong + good[place + 1 :]
    if int(changed[:9]) > 1_001_998 and good[9:] != "00":  # remainders 0 and 100 are both written 00
        assert not is_valid_snils(changed)


@given(st.dates(), st.sampled_from((1, 2)), st.integers(0, 99_999), st.integers(0, 15), st.integers(1, 9))
def test_one_wrong_digit_makes_enp_invalid(born, sex: int, number: int, place: int, by: int) -> None:
    good = enp(born.replace(year=2000), sex, number)
    assert is_valid_enp(good)
    assert not is_valid_enp(good[:place] + str((int(good[place]) + by) % 10) + good[place + 1 :])


@pytest.mark.parametrize("bad", [None, "", "0" * 16, "123", "7" * 17])
def test_a_wrong_enp_is_not_valid(bad: str | None) -> None:
    assert not is_valid_enp(bad)
