"""What keeps a protocol from being built, field by field, so that the page says all of it at once.

The build itself checks again and has the last word; this is for the eyes of the person who fills the form.
"""

import re
from collections.abc import Container, Iterator
from typing import Final

from trustmed.clinic.documents.dossier import OMS
from trustmed.clinic.documents.model import ProtocolForm
from trustmed.clinic.patients.model import Patient
from trustmed.web.i18n import gettext as _

REQUIRED: Final = ("complaints", "disease_history", "life_history", "objective_status", "conclusion")
NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def in_form(form: ProtocolForm, patient: Patient, icd: Container[str]) -> dict[str, str]:
    """Field of the page -> what to do, in the request's language. `icd`: those of the form's codes that exist."""
    return dict((*_texts(form), *_vital_signs(form), *_diagnoses(form, icd), *_payment(form, patient)))


def in_card(patient: Patient) -> list[str]:
    """What the patient's card lacks for a protocol."""
    wanted = ((patient.snils, _("СНИЛС")), (patient.address, _("Адрес проживания")))
    return [name for value, name in wanted if value is None]


def _texts(form: ProtocolForm) -> Iterator[tuple[str, str]]:
    yield from ((name, _("Заполните это поле.")) for name in REQUIRED if not getattr(form, name).strip())


def _vital_signs(form: ProtocolForm) -> Iterator[tuple[str, str]]:
    for sign in form.vital_signs:
        if not NUMBER.fullmatch(sign.value):
            yield f"vital_{sign.kind}", _("Нужно число.")


def _diagnoses(form: ProtocolForm, icd: Container[str]) -> Iterator[tuple[str, str]]:
    if not form.diagnoses:
        yield "diagnosis0_icd", _("Укажите код МКБ-10.")
    for number, diagnosis in enumerate(form.diagnoses):
        if not diagnosis.icd:
            yield f"diagnosis{number}_icd", _("Укажите код МКБ-10.")
        elif diagnosis.icd not in icd:
            yield f"diagnosis{number}_icd", _("Такого кода нет в справочнике МКБ-10.")


def _payment(form: ProtocolForm, patient: Patient) -> Iterator[tuple[str, str]]:
    if form.payment != OMS:
        return
    if patient.enp is None:
        yield "payment", _("В карте пациента нет полиса ОМС.")
    if not form.insurer.strip():
        yield "insurer", _("Заполните это поле.")
    if form.policy_from is None:
        yield "policy_from", _("Заполните это поле.")
