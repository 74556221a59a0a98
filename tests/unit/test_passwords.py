"""New passwords: not too short, not among the first that are guessed; any characters, none left out of the check."""

import pytest

from trustmed.passwords import (
    LONGEST_PASSWORD,
    PasswordTooCommon,
    PasswordTooLong,
    PasswordTooShort,
    hash_password,
    is_right,
)


@pytest.mark.parametrize(
    "password",
    [
        "1234567890",
        "qwertyuiop",
        "Password123!",
        "manchester2026",
        "Q1W2E3R4T5Y6",
        "йцукенгшщз",
        "Поликлиника-2026",
        "gjkbrkbybrf1",  # «поликлиника» typed on the other keyboard
        "TrustMed2026",
        "ababababab",
    ],
)
def test_a_password_that_is_guessed_first_is_refused(password: str) -> None:
    with pytest.raises(PasswordTooCommon):
        hash_password(password)


@pytest.mark.parametrize(
    "password", ["a long password", "синий трамвай ждёт", "правильная лошадь 7", "8-915-204-77-13 x", "qzK8;ю№%+ъ|"]
)
def test_any_other_is_taken_exactly_as_typed(password: str) -> None:
    stored = hash_password(password)
    assert is_right(password, stored)
    assert not is_right(password + " ", stored)
    assert not is_right(password.swapcase(), stored)


def test_length_is_bounded_and_nothing_is_cut_off() -> None:
    longest = "абвгд" * (LONGEST_PASSWORD // 5)
    stored = hash_password(longest)
    assert is_right(longest, stored)
    assert not is_right(longest + "е", stored)
    with pytest.raises(PasswordTooLong):
        hash_password(longest + "е")
    with pytest.raises(PasswordTooShort):
        hash_password("семь букв")
