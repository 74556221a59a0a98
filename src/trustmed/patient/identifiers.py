"""Check digits of the identifiers a person is known by: СНИЛС and ЕНП."""

from typing import TypeGuard

_UNCHECKED_SNILS = "001001998"
_ASCII_DIGITS = frozenset("0123456789")


def valid_snils(snils: str | None) -> bool:
    """Whether these are 11 digits that pass the Pension Fund's check.

    Numbers up to 001-001-998 were given out before the check existed; zeros alone are no number.
    """
    if not _digits(snils, 11):
        return False
    body, check = snils[:9], snils[9:]
    if not int(body):
        return False
    if body <= _UNCHECKED_SNILS:
        return True
    return int(check) == snils_control(body)


def snils_control(nine: str) -> int:
    """The number that the last two of the eleven digits are to show: weights 9…1, modulo 101, where 100 is 00."""
    return sum((9 - place) * int(digit) for place, digit in enumerate(nine)) % 101 % 100


def valid_enp(enp: str | None) -> bool:
    """Whether these are 16 digits that pass the unified policy number's check (Luhn's); zeros alone are no number."""
    if not _digits(enp, 16) or not int(enp):
        return False
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(enp))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _digits(value: str | None, length: int) -> TypeGuard[str]:
    return value is not None and len(value) == length and _ASCII_DIGITS.issuperset(value)
