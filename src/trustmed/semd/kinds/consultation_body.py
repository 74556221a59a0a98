"""The body of a consultation protocol: sections with a text for people and entries for machines.

Which sections and entries there must be: schematron 119, У2-1…У3-20.
"""

import re
from collections.abc import Sequence

from trustmed.semd.cda import vocabulary
from trustmed.semd.cda.elements import Element, add, add_coded, lines, moment
from trustmed.semd.model import Coded, Consultation, ConsultationForm, Diagnosis, FieldRefused, VitalSign


def add_body(root: Element, c: Consultation) -> None:
    """`component/structuredBody`. Raises FieldRefused, vocabulary.EntryMissing."""
    if not c.form.diagnoses:
        raise FieldRefused("form.diagnoses", "нужен хотя бы один диагноз", "at least one diagnosis is needed")
    body = add(add(root, "component"), "structuredBody")
    _about(body, c)
    _disease(body, c)
    _life(body, c)
    if c.form.vital_signs:
        _vital_signs(body, c)
    _result(body, c)


def _section(parent: Element, c: Consultation, code: str) -> tuple[Element, Element]:
    """A new section of `parent` and its `text`; the title is the dictionary's name of the section."""
    coded = vocabulary.entry(c, (vocabulary.SECTIONS, code))
    section = add(add(parent, "component"), "section")
    add_coded(section, "code", coded)
    add(section, "title", coded.display)
    return section, add(section, "text")


def _observation(section: Element, c: Consultation, field: str) -> Element:
    observation = add(add(section, "entry"), "observation", classCode="OBS", moodCode="EVN")
    add_coded(observation, "code", vocabulary.entry(c, (vocabulary.FIELDS, field)))
    return observation


def _coded_entry(section: Element, c: Consultation, field: str, value: Coded) -> None:
    add_coded(_observation(section, c, field), "value", value, xsi="CD")


def _text_entry(section: Element, c: Consultation, field: str, value: str) -> None:
    add(_observation(section, c, field), "value", value, xsi="ST")


def _paragraph(text: Element, caption: str, value: str) -> None:
    """A paragraph with a caption; line ends in `value` become <br/>."""
    paragraph = add(text, "paragraph")
    last = add(paragraph, "caption", caption)
    first, *rest = lines(value).split("\n")
    last.tail = first
    for line in rest:
        last = add(paragraph, "br")
        last.tail = line


def _table(text: Element, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = add(text, "table")
    header = add(add(table, "thead"), "tr")
    for cell in head:
        add(header, "th", cell)
    content = add(table, "tbody")
    for row in rows:
        line = add(content, "tr")
        for cell in row:
            add(line, "td", cell)


def _about(body: Element, c: Consultation) -> None:
    form = c.form
    section, text = _section(body, c, "DOCINFO")
    _paragraph(text, "Обращение", form.visit.display)
    _paragraph(text, "Место проведения", form.place.display)
    _paragraph(text, "Шифр по МКБ-10", ", ".join(diagnosis.icd.code for diagnosis in form.diagnoses))
    for diagnosis in form.diagnoses:
        _coded_entry(section, c, "809", diagnosis.icd)
    _coded_entry(section, c, "800", form.visit)
    _coded_entry(section, c, "801", form.place)


def _disease(body: Element, c: Consultation) -> None:
    section, text = _section(body, c, "ANAM")
    _paragraph(text, "Жалобы", c.form.complaints)
    _paragraph(text, "Анамнез заболевания", c.form.disease_history)
    _text_entry(section, c, "7006", f"Жалобы: {c.form.complaints}\nАнамнез заболевания: {c.form.disease_history}")


def _life(body: Element, c: Consultation) -> None:
    section, text = _section(body, c, "LANAM")
    _paragraph(text, "Анамнез жизни", c.form.life_history or "не указан")
    if c.form.life_history is None:
        add(_observation(section, c, "7006"), "value", xsi="ST", nullFlavor="NI")
    else:
        _text_entry(section, c, "7006", c.form.life_history)


def _vital_signs(body: Element, c: Consultation) -> None:
    section, text = _section(body, c, "VITALPARAM")
    signs = c.form.vital_signs
    _table(text, ("Показатель", "Значение", "Единица"), [(s.kind.display, s.value, s.unit.display) for s in signs])
    organizer = add(add(section, "entry"), "organizer", classCode="CLUSTER", moodCode="EVN")
    add(organizer, "statusCode", code="completed")
    add(organizer, "effectiveTime", value=moment(c.service.started_at, "service.started_at"))
    for number, sign in enumerate(signs, start=1):
        _vital_sign(organizer, sign, f"form.vital_signs[{number}]")


def _vital_sign(organizer: Element, sign: VitalSign, field: str) -> None:
    if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", sign.value):
        raise FieldRefused(f"{field}.value", f"«{sign.value}» — не число вида 36.6", f"{sign.value!r} is not a number")
    observation = add(add(organizer, "component", typeCode="COMP"), "observation", classCode="OBS", moodCode="EVN")
    add_coded(observation, "code", sign.kind)
    value = add(observation, "value", xsi="PQ", value=sign.value, unit=sign.unit.display)
    add_coded(value, "translation", sign.unit).set("value", sign.value)


def _result(body: Element, c: Consultation) -> None:
    form = c.form
    section, text = _section(body, c, "RESCONS")
    _paragraph(text, "Протокол консультации", form.objective_status)
    _paragraph(text, "Состояние пациента", form.condition.display)
    _paragraph(text, "Заключение", form.conclusion)
    if form.referral is not None:
        _paragraph(text, "Результат консультации", form.referral.display)
    _coded_entry(section, c, "804", form.condition)
    _text_entry(section, c, "805", form.objective_status)
    _text_entry(section, c, "806", form.conclusion)
    _coded_entry(section, c, "808", form.diagnoses[0].icd)
    if form.referral is not None:
        _coded_entry(section, c, "810", form.referral)
    _diagnoses(section, c, form)
    if form.recommendations is not None:
        regime, regime_text = _section(section, c, "REGIME")
        _paragraph(regime_text, "Рекомендации", form.recommendations)
        _text_entry(regime, c, "807", form.recommendations)


def _diagnoses(section: Element, c: Consultation, form: ConsultationForm) -> None:
    diagnoses, text = _section(section, c, "DGN")
    _table(
        text,
        ("Вид", "Шифр", "Диагноз", "Характер"),
        [(d.kind.display, d.icd.code, d.text, d.character.display if d.character else "") for d in form.diagnoses],
    )
    _text_entry(diagnoses, c, "806", "\n".join(_in_words(diagnosis) for diagnosis in form.diagnoses))
    for diagnosis in form.diagnoses:
        _diagnosis(diagnoses, diagnosis)


def _diagnosis(section: Element, diagnosis: Diagnosis) -> None:
    """For machines: its kind, its code with the character, the doctor's words. The rules of kind 119 leave such entries
    free; in this form kind 185 has them, and the qualifier is how the rules themselves say more of a code.
    """
    observation = add(add(section, "entry"), "observation", classCode="OBS", moodCode="EVN")
    add_coded(observation, "code", diagnosis.kind)
    add(observation, "text", diagnosis.text)
    value = add_coded(observation, "value", diagnosis.icd, xsi="CD")
    if diagnosis.character is not None:
        add_coded(add(value, "qualifier"), "value", diagnosis.character)


def _in_words(diagnosis: Diagnosis) -> str:
    return f"{diagnosis.kind.display}: {diagnosis.text} ({diagnosis.icd.code})"
