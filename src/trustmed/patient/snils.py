"""СНИЛС as a caller writes it: eleven digits, or with separators, the control number checked."""

import re

from trustmed.errors import InputRefused
from trustmed.patient.identifiers import is_valid_snils

SHAPE = re.compile(r"^\d{3}[- ]?\d{3}[- ]?\d{3}[- ]?\d{2}$", re.ASCII)


class SnilsRefused(InputRefused):
    """Not an СНИЛС. The text never repeats what was given."""

    def __init__(self) -> None:
        super().__init__(
            "Неверный СНИЛС: нужны 11 цифр с верным контрольным числом, например 112-233-445 95.",
            "Wrong СНИЛС: eleven digits with the right control number are needed, like 112-233-445 95.",
        )


def normalise_snils(given: str) -> str:
    """Eleven digits. Raises SnilsRefused."""
    if not SHAPE.match(given.strip()):
        raise SnilsRefused
    digits = re.sub(r"\D", "", given)
    if not is_valid_snils(digits):
        raise SnilsRefused
    return digits
