"""The consultation protocol: kind 119 of dictionary 1520, «Протокол консультации (CDA) Редакция 4».

Schematron 119, У2-1…У3-20, says which sections and entries there must be.
"""

from typing import Final

import msgspec

from trustmed.semd.cda.elements import Element
from trustmed.semd.cda.header import Header
from trustmed.semd.cda.sections import (
    add_coded_entry,
    add_diagnosis,
    add_paragraph,
    add_section,
    add_table,
    add_text_entry,
    add_unknown_entry,
    add_vital_signs,
)
from trustmed.semd.cda.vocabulary import DOCUMENTS, EVENTS, FORM_DICTIONARIES
from trustmed.semd.document import Coded, Diagnosis, Dossier, VitalSign
from trustmed.semd.fields.diagnoses import Diagnoses, DiagnosisEntry
from trustmed.semd.fields.field import Beside
from trustmed.semd.fields.payment import PAYMENT, PaidForm, lacks_policy
from trustmed.semd.fields.plain import OneOf, Text
from trustmed.semd.fields.vital_signs import VitalEntry, VitalSigns
from trustmed.semd.kind import Kind
from trustmed.semd.refusals import FieldRefused
from trustmed.semd.words import Words


class ProtocolForm(PaidForm, frozen=True):
    """What a doctor enters, by codes. `payment` of 1039; "1" (ОМС) needs `insurer` and the policy's first day."""

    complaints: str = ""
    disease_history: str = ""
    life_history: str = ""
    objective_status: str = ""
    conclusion: str = ""
    recommendations: str = ""
    visit: str = "1"
    place: str = "1"
    condition: str = "1"
    referral: str = ""
    diagnoses: tuple[DiagnosisEntry, ...] = ()
    vital_signs: tuple[VitalEntry, ...] = ()


PAGE: Final = (
    Beside(
        (
            OneOf("visit", Words("Обращение", "Visit kind"), FORM_DICTIONARIES["visit"]),
            OneOf("place", Words("Место", "Place"), FORM_DICTIONARIES["place"]),
            OneOf("condition", Words("Состояние пациента", "Patient's condition"), FORM_DICTIONARIES["condition"]),
        )
    ),
    Text("complaints", Words("Жалобы", "Complaints"), height=2, required=True),
    Text("disease_history", Words("Анамнез заболевания", "History of the illness"), required=True),
    Text("life_history", Words("Анамнез жизни", "Life history"), height=2, required=True),
    # Codes of 99.2.262: both pressures, pulse, temperature, saturation, mass.
    VitalSigns("vital_signs", Words("Показатели", "Measurements"), ("3", "2", "4", "1", "6", "50")),
    Text("objective_status", Words("Объективный статус", "Objective status"), height=4, required=True),
    Diagnoses("diagnoses", Words("Диагнозы", "Diagnoses")),
    Text("conclusion", Words("Заключение", "Conclusion"), required=True),
    Text("recommendations", Words("Рекомендации", "Recommendations")),
    Beside(
        (
            OneOf(
                "referral",
                Words("Результат", "Result"),
                FORM_DICTIONARIES["referral"],
                empty=Words("не указан", "not given"),
            ),
            *PAYMENT,
        ),
        columns=2,
    ),
)


class Protocol(msgspec.Struct, frozen=True):
    """What the protocol says. `visit` of 11.1007, `place` of 11.1008, `condition` of 11.1006, `referral` of 11.1009.

    The first of `diagnoses` is the leading one.
    """

    visit: Coded
    place: Coded
    complaints: str
    disease_history: str
    objective_status: str
    condition: Coded
    diagnoses: tuple[Diagnosis, ...]
    conclusion: str
    life_history: str | None = None
    recommendations: str | None = None
    referral: Coded | None = None
    vital_signs: tuple[VitalSign, ...] = ()


Consultation = Dossier[Protocol]


def add_body(body: Element, c: Consultation) -> None:
    """Write the sections. Raises FieldRefused, EntryMissing."""
    if not c.form.diagnoses:
        raise FieldRefused("form.diagnoses", "нужен хотя бы один диагноз", "at least one diagnosis is needed")
    _about(body, c)
    _disease(body, c)
    _life(body, c)
    if c.form.vital_signs:
        _vital_signs(body, c)
    _result(body, c)


def _about(body: Element, c: Consultation) -> None:
    form = c.form
    section, text = add_section(body, c, "DOCINFO")
    add_paragraph(text, "Обращение", form.visit.display)
    add_paragraph(text, "Место проведения", form.place.display)
    add_paragraph(text, "Шифр по МКБ-10", ", ".join(diagnosis.icd.code for diagnosis in form.diagnoses))
    for diagnosis in form.diagnoses:
        add_coded_entry(section, c, "809", diagnosis.icd)
    add_coded_entry(section, c, "800", form.visit)
    add_coded_entry(section, c, "801", form.place)


def _disease(body: Element, c: Consultation) -> None:
    section, text = add_section(body, c, "ANAM")
    add_paragraph(text, "Жалобы", c.form.complaints)
    add_paragraph(text, "Анамнез заболевания", c.form.disease_history)
    add_text_entry(section, c, "7006", f"Жалобы: {c.form.complaints}\nАнамнез заболевания: {c.form.disease_history}")


def _life(body: Element, c: Consultation) -> None:
    section, text = add_section(body, c, "LANAM")
    add_paragraph(text, "Анамнез жизни", c.form.life_history or "не указан")
    if c.form.life_history is None:
        add_unknown_entry(section, c, "7006")
    else:
        add_text_entry(section, c, "7006", c.form.life_history)


def _vital_signs(body: Element, c: Consultation) -> None:
    section, text = add_section(body, c, "VITALPARAM")
    signs = c.form.vital_signs
    add_table(text, ("Показатель", "Значение", "Единица"), [(s.kind.display, s.value, s.unit.display) for s in signs])
    add_vital_signs(section, signs, c.service.started_at)


def _result(body: Element, c: Consultation) -> None:
    form = c.form
    section, text = add_section(body, c, "RESCONS")
    add_paragraph(text, "Протокол консультации", form.objective_status)
    add_paragraph(text, "Состояние пациента", form.condition.display)
    add_paragraph(text, "Заключение", form.conclusion)
    if form.referral is not None:
        add_paragraph(text, "Результат консультации", form.referral.display)
    add_coded_entry(section, c, "804", form.condition)
    add_text_entry(section, c, "805", form.objective_status)
    add_text_entry(section, c, "806", form.conclusion)
    add_coded_entry(section, c, "808", form.diagnoses[0].icd)
    if form.referral is not None:
        add_coded_entry(section, c, "810", form.referral)
    _diagnoses(section, c)
    if form.recommendations is not None:
        regime, regime_text = add_section(section, c, "REGIME")
        add_paragraph(regime_text, "Рекомендации", form.recommendations)
        add_text_entry(regime, c, "807", form.recommendations)


def _diagnoses(result: Element, c: Consultation) -> None:
    """Add the section of diagnoses; the rules of kind 119 do not say how a single diagnosis is coded."""
    section, text = add_section(result, c, "DGN")
    add_table(
        text,
        ("Вид", "Шифр", "Диагноз", "Характер"),
        [(d.kind.display, d.icd.code, d.text, d.character.display if d.character else "") for d in c.form.diagnoses],
    )
    in_words = (f"{d.kind.display}: {d.text} ({d.icd.code})" for d in c.form.diagnoses)
    add_text_entry(section, c, "806", "\n".join(in_words))
    for diagnosis in c.form.diagnoses:
        add_diagnosis(section, diagnosis)


KIND: Final = Kind(
    number="119",
    title=Words("Протокол консультации", "Consultation protocol"),
    header=Header(
        template="1.2.643.5.1.13.2.7.5.1.5.9.4",  # required by У1-11 where ClinicalDocument/code is 5
        code=(DOCUMENTS, "5"),
        event=(EVENTS, "1"),
        without_snils=Words(
            "протокол консультации (вид 119) без СНИЛС пациента не принимается; внесите СНИЛС в карту",
            "a consultation protocol (kind 119) is not accepted without the patient's SNILS; enter it in the card",
        ),
    ),
    form=ProtocolForm,
    body=Protocol,
    page=PAGE,
    sections=("DOCINFO", "ANAM", "LANAM", "VITALPARAM", "RESCONS", "DGN", "REGIME"),
    observations=("800", "801", "804", "805", "806", "807", "808", "809", "810", "7006"),
    add_body=add_body,
    rules=(lacks_policy,),
)
