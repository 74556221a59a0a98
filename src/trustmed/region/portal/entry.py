"""On whose behalf the portal calls: the person named by СНИЛС."""

from typing import Final

from trustmed.errors import InputRefused
from trustmed.patient.snils import normalise_snils

SNILS_HEADER: Final = "X-Person-Snils"


class PersonNotNamed(InputRefused):
    """The header with the СНИЛС is missing."""

    def __init__(self) -> None:
        super().__init__(
            f"Укажите СНИЛС в заголовке {SNILS_HEADER}: адреса попадают в журналы, в них номера людей не пишутся.",
            f"Name the СНИЛС in header {SNILS_HEADER}: addresses end up in logs, so they hold no one's number.",
        )


def snils_of(header: str | None) -> str:
    """Return the СНИЛС (eleven digits) that the header names. Raises PersonNotNamed, SnilsRefused."""
    if not header:
        raise PersonNotNamed
    return normalise_snils(header)
