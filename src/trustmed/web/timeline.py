"""Events of a person's record in words, for the pages of the region and of the sites alike (`web/timeline.html`)."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Final, Generic, Protocol, TypeVar

import msgspec

from trustmed.web.i18n import gettext as _

CODED: Final = frozenset({"diagnosis", "procedure", "disability", "sick_leave"})
"""Kinds of events whose codes people know and read."""


class Event(Protocol):
    """What is told of. `detail`: further words of the fact (`semd.facts.Fact.detail`), of a booking who and how."""

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
    """In the order given."""
    days: list[DayOfEvents[E]] = []
    for event in events:
        on = event.at.astimezone().date()
        if not days or days[-1].day != on:
            days.append(DayOfEvents(on, []))
        days[-1].events.append(event)
    return days


def kind_words() -> dict[str, str]:
    """What each kind of event is called."""
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
    """The code, where people would read it."""
    return event.code or "" if event.kind in CODED else ""


def field(event: Event) -> str:
    """The field of the form that the event answers, where its kind does not say it."""
    return _word(event, "field")


def measured(event: Event) -> str:
    """Value and unit."""
    return " ".join(filter(None, (event.value, event.unit)))


def further(event: Event) -> str:
    """What else is told: the wording beside the code, what kind of diagnosis it is, how a booking ended."""
    words = [event.text or ""] if event.text != event.title else []
    if event.kind == "diagnosis":
        words = [_word(event, "kind"), _word(event, "character"), *words]
    if event.kind == "booking":
        ended = {"cancelled": _("отменена"), "moved": _("перенесена")}
        words.append(ended.get(_word(event, "ended"), ""))
    return "; ".join(filter(None, words))


def words() -> dict[str, Any]:
    """What `web/timeline.html` is given."""
    return {
        "kind_words": kind_words(),
        "coded": coded,
        "field": field,
        "measured": measured,
        "further": further,
    }


def _word(event: Event, name: str) -> str:
    return str((event.detail or {}).get(name) or "")
