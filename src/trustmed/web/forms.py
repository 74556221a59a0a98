"""What pages take from forms and addresses."""

import datetime as dt
from typing import Any
from uuid import UUID

from litestar import Request


async def fields(request: Request[Any, Any, Any]) -> dict[str, str]:
    """The text fields of a form; files are left out."""
    form = await request.form()
    return {name: value for name, value in form.multi_items() if isinstance(value, str)}


def uuid_or_none(text: str | None) -> UUID | None:
    """An id out of text; None for what is none."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def number_or_none(text: str) -> int | None:
    """A number of at most nine digits out of text; None for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def day_or_none(text: str) -> dt.date | None:
    """A day like 2026-11-05 out of text; None for what is none."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
