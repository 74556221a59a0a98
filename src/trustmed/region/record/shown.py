"""Events and gaps of a record in the words of the request's language."""

import datetime as dt
from collections.abc import Iterable

import msgspec

from trustmed.region.record.event import Event, Missing
from trustmed.topology.spec import Topology
from trustmed.web.i18n import gettext as _
from trustmed.web.templating import day


class DayOfEvents(msgspec.Struct, frozen=True):
    """Events of one day, the newest first."""

    day: dt.date
    events: list[Event]


def kind_words() -> dict[str, str]:
    """What each kind of event is called."""
    return {
        "document": _("Документ"),
        "visit": _("Приём"),
        "diagnosis": _("Диагноз"),
        "allergy": _("Аллергия"),
        "vital": _("Измерение"),
        "laboratory": _("Анализ"),
        "image": _("Исследование"),
        "sick_leave": _("Больничный"),
        "disability": _("Инвалидность"),
        "medication": _("Лекарство"),
        "procedure": _("Вмешательство"),
        "vaccination": _("Прививка"),
        "referral": _("Направление"),
        "booking": _("Запись к врачу"),
        "other": _("Прочее"),
    }


def ground_words() -> dict[str, str]:
    return {
        "treatment": _("лечение"),
        "consent": _("согласие пациента"),
        "break_glass": _("экстренный доступ"),
    }


def by_days(events: Iterable[Event]) -> list[DayOfEvents]:
    """In the order given."""
    days: list[DayOfEvents] = []
    for event in events:
        on = event.at.astimezone().date()
        if not days or days[-1].day != on:
            days.append(DayOfEvents(on, []))
        days[-1].events.append(event)
    return days


def gap(topology: Topology, missing: Missing) -> str:
    """What a silent part would have told, in a sentence."""
    titles = ", ".join(clinic(topology, number) for number in missing.organizations)
    if not missing.part:
        return _("Неизвестно, где данные организаций, которых нет в топологии: %(clinics)s.") % {"clinics": titles}
    since = _("со времени запуска сервера")
    if missing.since is not None:
        local = missing.since.astimezone()
        since = _("с %(when)s") % {"when": f"{day(local)} {local:%H:%M}"}
    values = {"part": missing.part, "since": since, "clinics": titles}
    return _("Часть «%(part)s» не отвечает %(since)s: нет данных организаций: %(clinics)s.") % values


def clinic(topology: Topology, number: int) -> str:
    """An organisation's title; its number where the topology has it no more."""
    found = topology.organization(number)
    return found.title if found else " ".join((_("организация"), str(number)))


def measured(event: Event) -> str:
    """Value and unit."""
    return " ".join(filter(None, (event.value, event.unit)))
