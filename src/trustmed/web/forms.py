"""Read the values of forms and of query strings."""

import datetime as dt
from typing import Any, Final
from uuid import UUID

from litestar import Request

LONGEST_LIST: Final = 10_000  # characters of a list of ids
MOST_DIGITS: Final = 9  # so that every number fits into a PostgreSQL integer


async def fields(request: Request[Any, Any, Any]) -> dict[str, str]:
    """Return the text fields of a form, without files."""
    form = await request.form()
    return {name: value for name, value in form.multi_items() if isinstance(value, str)}


def uuid_or_none(text: str | None) -> UUID | None:
    """Return the id in a text, None if it is not one."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def uuids_of(text: str) -> list[UUID]:
    """Return the ids in a text that joins them by commas; what is none is left out."""
    return [one for part in text[:LONGEST_LIST].split(",") if (one := uuid_or_none(part)) is not None]


def number_or_none(text: str) -> int | None:
    """Return the number in a text, None if it is not one or has more than MOST_DIGITS."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS else None


def day_or_none(text: str) -> dt.date | None:
    """Return the day in a text like 2026-11-05, None if it is not one."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
