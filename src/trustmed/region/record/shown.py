"""Grounds and gaps of a record in the words of the request's language."""

from trustmed.region.persons.shown import clinic_title
from trustmed.region.shards import Missing
from trustmed.topology.file.spec import Topology
from trustmed.web.i18n import gettext as _
from trustmed.web.templating import day


def ground_words() -> dict[str, str]:
    return {
        "treatment": _("лечение"),
        "consent": _("согласие пациента"),
        "break_glass": _("экстренный доступ"),
    }


def gap(topology: Topology, missing: Missing) -> str:
    """Return a sentence that says what is not shown because a part is silent."""
    titles = ", ".join(clinic_title(topology, number) for number in missing.organizations)
    if not missing.part:
        return _("Неизвестно, где данные организаций, которых нет в топологии: %(clinics)s.") % {"clinics": titles}
    since = _("со времени запуска сервера")
    if missing.since is not None:
        local = missing.since.astimezone()
        since = _("с %(when)s") % {"when": f"{day(local)} {local:%H:%M}"}
    values = {"part": missing.part, "since": since, "clinics": titles}
    return _("Часть «%(part)s» не отвечает %(since)s: нет данных организаций: %(clinics)s.") % values
