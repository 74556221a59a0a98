"""On whose behalf the portal calls: the person named by СНИЛС."""

from collections.abc import Iterable
from typing import Final

from trustmed.errors import InputRefused
from trustmed.patient.snils import normalise_snils

SNILS_HEADER: Final = "X-Person-Snils"


class PersonNotNamed(InputRefused):
    """The СНИЛС is missing, or header and query name different people."""

    def __init__(self) -> None:
        super().__init__(
            f"Укажите СНИЛС: заголовок {SNILS_HEADER} (предпочтительно: не попадает в журналы) или параметр snils; "
            "если есть оба, они должны совпадать.",
            f"Name the SNILS: header {SNILS_HEADER} (preferred: it is in no log) or parameter snils; "
            "when both are there they must be equal.",
        )


def snils_of(texts: Iterable[str | None]) -> str:
    """Return the СНИЛС (eleven digits) that header and query name.

    Raises PersonNotNamed, SnilsRefused.
    """
    given = {normalise_snils(text) for text in texts if text}
    if len(given) != 1:
        raise PersonNotNamed
    return given.pop()
