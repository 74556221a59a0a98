"""Build the sections of a body: a text for people (paragraphs, tables) and entries for machines."""

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

from trustmed.semd.cda import vocabulary
from trustmed.semd.cda.elements import Element, add, add_coded, lines, moment
from trustmed.semd.document import Coded, Diagnosis, Dossier, VitalSign
from trustmed.semd.refusals import FieldRefused


def add_section(parent: Element, d: Dossier[Any], code: str) -> tuple[Element, Element]:
    """Add a section, titled as in the dictionary, to a body or to another section. Return it and its `text`.

    Raises vocabulary.EntryMissing.
    """
    coded = vocabulary.entry(d, (vocabulary.SECTIONS, code))
    section = add(add(parent, "component"), "section")
    add_coded(section, "code", coded)
    add(section, "title", coded.display)
    return section, add(section, "text")


def add_paragraph(text: Element, caption: str, value: str) -> None:
    """Add a paragraph with a caption; line ends in `value` become <br/>."""
    paragraph = add(text, "paragraph")
    last = add(paragraph, "caption", caption)
    first, *rest = lines(value).split("\n")
    last.tail = first
    for line in rest:
        last = add(paragraph, "br")
        last.tail = line


def add_table(text: Element, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = add(text, "table")
    header = add(add(table, "thead"), "tr")
    for cell in head:
        add(header, "th", cell)
    content = add(table, "tbody")
    for row in rows:
        line = add(content, "tr")
        for cell in row:
            add(line, "td", cell)


def add_observation(section: Element, d: Dossier[Any], field: str) -> Element:
    """Add an entry whose own code is `field` of dictionary 99.2.166. Raises vocabulary.EntryMissing."""
    observation = add(add(section, "entry"), "observation", classCode="OBS", moodCode="EVN")
    add_coded(observation, "code", vocabulary.entry(d, (vocabulary.FIELDS, field)))
    return observation


def add_coded_entry(section: Element, d: Dossier[Any], field: str, value: Coded) -> None:
    add_coded(add_observation(section, d, field), "value", value, xsi="CD")


def add_text_entry(section: Element, d: Dossier[Any], field: str, value: str) -> None:
    add(add_observation(section, d, field), "value", value, xsi="ST")


def add_unknown_entry(section: Element, d: Dossier[Any], field: str) -> None:
    """Add an entry whose value is not known (nullFlavor NI)."""
    add(add_observation(section, d, field), "value", xsi="ST", nullFlavor="NI")


def add_vital_signs(section: Element, signs: Sequence[VitalSign], measured_at: dt.datetime) -> None:
    """Add a cluster of measurements. Raises FieldRefused if a value is not a number or the time has no zone."""
    organizer = add(add(section, "entry"), "organizer", classCode="CLUSTER", moodCode="EVN")
    add(organizer, "statusCode", code="completed")
    add(organizer, "effectiveTime", value=moment(measured_at, "service.started_at"))
    for number, sign in enumerate(signs, start=1):
        _vital_sign(organizer, sign, f"form.vital_signs[{number}]")


def _vital_sign(organizer: Element, sign: VitalSign, field: str) -> None:
    if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", sign.value):
        raise FieldRefused(f"{field}.value", f"«{sign.value}» — не число вида 36.6", f"{sign.value!r} is not a number")
    observation = add(add(organizer, "component", typeCode="COMP"), "observation", classCode="OBS", moodCode="EVN")
    add_coded(observation, "code", sign.kind)
    value = add(observation, "value", xsi="PQ", value=sign.value, unit=sign.unit.display)
    add_coded(value, "translation", sign.unit).set("value", sign.value)


def add_diagnosis(section: Element, diagnosis: Diagnosis) -> None:
    """Add a coded diagnosis: its kind, its code with the character, the doctor's words.

    This is the form kind 185 prescribes; the ministry's rules use a qualifier wherever they add to a code.
    """
    observation = add(add(section, "entry"), "observation", classCode="OBS", moodCode="EVN")
    add_coded(observation, "code", diagnosis.kind)
    add(observation, "text", diagnosis.text)
    value = add_coded(observation, "value", diagnosis.icd, xsi="CD")
    if diagnosis.character is not None:
        add_coded(add(value, "qualifier"), "value", diagnosis.character)
