"""Put events of a person's record into words, for pages of the region and of sites (`web/timeline.html`)."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Final, Generic, Protocol, TypeVar

import msgspec

from trustmed.web.i18n import gettext as _

CODED: Final = frozenset({"diagnosis", "procedure", "disability", "sick_leave"})
"""Kinds of events whose codes mean something to people, so pages show them."""


class Event(Protocol):
    """An event of a record. `detail`: details of a fact (`Fact.detail`); of a booking, who made it and how it ended."""

    @property
    def kind(self) -> str: ...
    @property
    def at(self) -> dt.datetime: ...
    @property
    def code(self) -> str | None: ...
    @property
    def title(self) -> str: ...
    @property
    def text(self) -> str | None: ...
    @property
    def value(self) -> str | None: ...
    @property
    def unit(self) -> str | None: ...
    @property
    def detail(self) -> Mapping[str, Any] | None: ...


E = TypeVar("E", bound=Event)


class DayOfEvents(msgspec.Struct, Generic[E], frozen=True):
    """Events of one local day, in the order given."""

    day: dt.date
    events: list[E]


def by_days(events: Iterable[E]) -> list[DayOfEvents[E]]:
    """Group events by local day, keeping their order."""
    days: list[DayOfEvents[E]] = []
    for event in events:
        on = event.at.astimezone().date()
        if not days or days[-1].day != on:
            days.append(DayOfEvents(on, []))
        days[-1].events.append(event)
    return days


def kind_words() -> dict[str, str]:
    """Return the name of each kind of event."""
    return {
        "document": _("Документ"),
        "visit": _("Приём"),
        "booking": _("Запись к врачу"),
        "diagnosis": _("Диагноз"),
        "allergy": _("Аллергия"),
        "vital": _("Измерение"),
        "laboratory": _("Анализ"),
        "image": _("Исследование"),
        "medication": _("Лекарство"),
        "procedure": _("Вмешательство"),
        "vaccination": _("Прививка"),
        "sick_leave": _("Больничный"),
        "disability": _("Инвалидность"),
        "referral": _("Направление"),
        "other": _("Прочее"),
    }


def coded(event: Event) -> str:
    """Return the code if it means something to people."""
    return event.code or "" if event.kind in CODED else ""


def field(event: Event) -> str:
    """Return the form's field that the event comes from, unless the kind of the event says the same."""
    return _word(event, "field")


def measured(event: Event) -> str:
    """Return value and unit."""
    return " ".join(filter(None, (event.value, event.unit)))


def further(event: Event) -> str:
    """Return the rest: the wording beside the code, the kind of a diagnosis, how a booking ended."""
    words = [event.text or ""] if event.text != event.title else []
    if event.kind == "diagnosis":
        words = [_word(event, "kind"), _word(event, "character"), *words]
    if event.kind == "booking":
        ended = {"cancelled": _("отменена"), "moved": _("перенесена")}
        words.append(ended.get(_word(event, "ended"), ""))
    return "; ".join(filter(None, words))


def words() -> dict[str, Any]:
    """Return the functions that `web/timeline.html` calls."""
    return {
        "kind_words": kind_words(),
        "coded": coded,
        "field": field,
        "measured": measured,
        "further": further,
    }


def _word(event: Event, name: str) -> str:
    return str((event.detail or {}).get(name) or "")
