"""Show a person in the request's language."""

import datetime as dt

from trustmed.region.persons.golden import GoldenField
from trustmed.region.persons.model import Person
from trustmed.topology.file.spec import Topology
from trustmed.web.i18n import gettext as _
from trustmed.web.templating import day, snils


def person_line(person: Person) -> str:
    """Return the person in one line: name and birth date."""
    name = " ".join(
        person.golden[field].value for field in ("surname", "given_name", "patronymic") if field in person.golden
    )
    born = golden_text(person.golden["birth_date"]) if "birth_date" in person.golden else ""
    return ", ".join(filter(None, (name or _("без имени"), born)))


def golden_text(golden: GoldenField, value: str | None = None) -> str:
    """Return a value of the field as people write it; the golden value by default."""
    text = golden.value if value is None else value
    if golden.field == "birth_date":
        return day(dt.date.fromisoformat(text))
    if golden.field == "sex":
        return sex_word(int(text))
    if golden.field == "snils":
        return snils(text)
    return fours(text) if golden.field == "enp" else text


def sex_word(sex: int) -> str:
    """Return a code of dictionary 1040 (sex) in words."""
    return {1: _("мужской"), 2: _("женский")}.get(sex, _("не указан"))


def fours(digits: str | None) -> str:
    """Return a policy number's digits in groups of four."""
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4)) if digits else ""


def clinic_title(topology: Topology, organization_id: int) -> str:
    """Return an organisation's title, or its number if the topology no longer has it."""
    found = topology.organization(organization_id)
    return found.title if found else " ".join((_("организация"), str(organization_id)))
