"""Show times, channels and endings of bookings in the request's language."""

import datetime as dt
from collections.abc import Iterable

import msgspec

from trustmed.booking.model import Booking
from trustmed.web.i18n import gettext as _
from trustmed.web.templating import day, time_of


class Bookings(msgspec.Struct, frozen=True):
    """Bookings to come, the nearest first, and bookings that are past or ended, the latest first."""

    ahead: tuple[Booking, ...]
    behind: tuple[Booking, ...]


def split_by_time(bookings: Iterable[Booking]) -> Bookings:
    now = dt.datetime.now(dt.UTC)
    ahead = [one for one in bookings if one.ended_at is None and one.starts_at > now]
    behind = [one for one in bookings if one.ended_at is not None or one.starts_at <= now]
    return Bookings(
        tuple(sorted(ahead, key=lambda one: one.starts_at)),
        tuple(sorted(behind, key=lambda one: one.starts_at, reverse=True)),
    )


def weekday(date: dt.date) -> str:
    """Return the day of the week in two or three letters."""
    return (_("пн"), _("вт"), _("ср"), _("чт"), _("пт"), _("сб"), _("вс"))[date.weekday()]


def when(moment: dt.datetime) -> str:
    """Return a time as it is said to a caller: чт 12.11.2026, 09:15."""
    local = moment.astimezone()
    return f"{weekday(local)} {day(local)}, {time_of(local)}"


def day_month(date: dt.date) -> str:
    return f"{date:%d.%m}"


def channel_words() -> dict[str, str]:
    return {
        "registrar": _("регистратура"),
        "call_centre": _("кол-центр"),
        "portal": _("портал"),
        "federal": _("Госуслуги"),
    }


def ended_words() -> dict[str, str]:
    return {"cancelled": _("отменена"), "moved": _("перенесена")}


def visit_words() -> dict[str, str]:
    return {"first": _("первичный приём"), "repeat": _("повторный приём"), "any": _("любой приём")}


def reasons() -> tuple[str, ...]:
    """Return ready reasons for a cancellation."""
    return (
        _("Пациент не может прийти"),
        _("Помощь больше не нужна"),
        _("Записан по ошибке"),
        _("Пациент выбрал другого врача"),
    )


def excuses() -> tuple[str, ...]:
    """Return ready reasons to book two visits at one time, or two of one speciality on one day."""
    return (
        _("Пациент настаивает, обе записи нужны"),
        _("Направление врача"),
        _("Первая запись будет отменена клиникой"),
    )
