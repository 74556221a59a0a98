"""What an address asks of dictionaries, out of text."""

import datetime as dt
from typing import Final

from trustmed.errors import InputRefused
from trustmed.nsi.model import MOST, Query
from trustmed.nsi.typed import LAST
from trustmed.patient.writing import tidy

MOST_ROWS: Final = 200
EARLIEST: Final = dt.date(1900, 1, 1)
LATEST: Final = dt.date(2200, 1, 1)


class DayWrong(InputRefused):
    """A day that is no day."""

    def __init__(self, given: str) -> None:
        super().__init__(
            f"«{given[:40]}» не дата. Нужна дата вида 2024-03-31.",
            f"{given[:40]!r} is no date. A date like 2024-03-31 is needed.",
        )


class LimitWrong(InputRefused):
    """How many rows are wanted is not a number from 1 to MOST_ROWS."""

    def __init__(self, given: str) -> None:
        super().__init__(
            f"limit={given[:40]}: нужно целое число от 1 до {MOST_ROWS}.",
            f"limit={given[:40]}: a whole number from 1 to {MOST_ROWS} is needed.",
        )


def asked(q: str = "", oid: str = "", parent: str = "", on: str = "", limit: str = "") -> Query:
    """The query of an address; what is empty is not asked for. Raises DayWrong, LimitWrong."""
    return Query(
        line=q,
        oid=tidy(oid)[:200] or None,
        parent=tidy(parent)[:1000].replace(LAST, "") or None,
        on=day_of(on),
        limit=_limit(limit),
    )


def day_of(given: str) -> dt.date | None:
    """A day as ISO 8601 or as 31.03.2024; None for nothing. Raises DayWrong."""
    text = tidy(given)
    if not text:
        return None
    for form in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            found = dt.datetime.strptime(text, form).date()  # noqa: DTZ007 a day has no zone
        except ValueError:
            continue
        if EARLIEST <= found <= LATEST:
            return found
    raise DayWrong(text)


def _limit(given: str) -> int:
    if not given.strip():
        return MOST
    if not (given.isascii() and given.isdigit() and 1 <= int(given[:9]) <= MOST_ROWS):
        raise LimitWrong(given)
    return int(given)
