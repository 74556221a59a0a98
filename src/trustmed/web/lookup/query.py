"""Parse a query of dictionaries from the parameters of a URL."""

import datetime as dt
from typing import Final

from trustmed.errors import InputRefused
from trustmed.nsi.model import MOST, Query
from trustmed.nsi.readings import LAST
from trustmed.patient.writing import tidy

MOST_ROWS: Final = 200
EARLIEST: Final = dt.date(1900, 1, 1)
LATEST: Final = dt.date(2200, 1, 1)


class DayWrong(InputRefused):
    """The text given as a day is not one."""

    def __init__(self, given: str) -> None:
        super().__init__(
            f"«{given[:40]}» не дата. Нужна дата вида 2024-03-31.",
            f"{given[:40]!r} is no date. A date like 2024-03-31 is needed.",
        )


class LimitWrong(InputRefused):
    """The limit is not a number from 1 to MOST_ROWS."""

    def __init__(self, given: str) -> None:
        super().__init__(
            f"limit={given[:40]}: нужно целое число от 1 до {MOST_ROWS}.",
            f"limit={given[:40]}: a whole number from 1 to {MOST_ROWS} is needed.",
        )


def parse_query(q: str = "", oid: str = "", parent: str = "", on: str = "", limit: str = "") -> Query:
    """Return the query in the parameters of a URL; an empty one sets no condition. Raises DayWrong, LimitWrong."""
    return Query(
        line=q,
        oid=tidy(oid)[:200] or None,
        parent=tidy(parent)[:1000].replace(LAST, "") or None,
        on=parse_day(on),
        limit=_limit(limit),
    )


def parse_day(given: str) -> dt.date | None:
    """Return a day written as ISO 8601 or as 31.03.2024, None if the text is empty. Raises DayWrong."""
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
