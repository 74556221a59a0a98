"""Check digits of a person's identifiers: СНИЛС and ЕНП."""

from typing import TypeGuard

_LAST_UNCHECKED_SNILS = "001001998"
_ASCII_DIGITS = frozenset("0123456789")


def is_valid_snils(snils: str | None) -> bool:
    """Whether these are 11 digits that pass the Pension Fund's check.

    Numbers up to 001-001-998 were issued before the check existed. A number of zeros alone is not valid.
    """
    if not _digits(snils, 11):
        return False
    body, check = snils[:9], snils[9:]
    if not int(body):
        return False
    if body <= _LAST_UNCHECKED_SNILS:
        return True
    return int(check) == snils_check_number(body)


def snils_check_number(nine: str) -> int:
    """Return what the last two of the eleven digits must be: weights 9…1, modulo 101, where 100 becomes 00."""
    return sum((9 - place) * int(digit) for place, digit in enumerate(nine)) % 101 % 100


def is_valid_enp(enp: str | None) -> bool:
    """Whether these are 16 digits that pass the check of a unified policy number (Luhn's) and are not all zeros."""
    if not _digits(enp, 16) or not int(enp):
        return False
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(enp))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _digits(value: str | None, length: int) -> TypeGuard[str]:
    return value is not None and len(value) == length and _ASCII_DIGITS.issuperset(value)
