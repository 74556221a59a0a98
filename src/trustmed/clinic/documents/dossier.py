"""All that a consultation protocol says, gathered from the card, the visit, the form and the dictionaries."""

import datetime as dt
from collections.abc import Iterator
from typing import Final
from uuid import UUID

from trustmed.clinic.accounts.model import Employee
from trustmed.clinic.documents.dictionaries import Key, Rows
from trustmed.clinic.documents.errors import DossierIncomplete
from trustmed.clinic.documents.model import DiagnosisEntry, ProtocolForm, VitalEntry
from trustmed.clinic.patients.model import Patient
from trustmed.clinic.visits.model import Visit
from trustmed.semd import model as semd
from trustmed.semd.cda.payment import BY_CONTRACT
from trustmed.semd.cda.vocabulary import FORM_DICTIONARIES, REQUIRED_ENTRIES, required
from trustmed.topology.file.spec import Organization

OMS: Final = "1"
ENDLESS_POLICY: Final = "2"
AMBULATORY_CARD: Final = "1"
LIVES_HERE: Final = "3"

UNITS: Final = {"1": "515", "2": "50", "3": "50", "4": "337", "6": "53", "7": "337", "50": "9", "57": "3"}
"""Vital sign (99.2.262) -> the unit it is entered in (11.1358)."""


def keys(organization: Organization, patient: Patient, author: Employee, form: ProtocolForm) -> Iterator[Key]:
    """The dictionary rows the document will need."""
    yield from REQUIRED_ENTRIES
    for name, code in _choices(organization, patient, author, form):
        yield FORM_DICTIONARIES[name], code


def consultation(
    document_id: UUID,
    created_at: dt.datetime,
    organization: Organization,
    patient: Patient,
    author: Employee,
    visit: Visit,
    form: ProtocolForm,
    rows: Rows,
) -> semd.Consultation:
    """The value `trustmed.semd.kinds.consultation.build` takes.

    Raises DossierIncomplete naming what is missing, vocabulary.EntryMissing, and whatever `build` itself refuses.
    """
    if form.payment in BY_CONTRACT:
        raise DossierIncomplete(
            "Оплата по договору или полису ДМС этой формой не оформляется. Выберите ОМС или бюджет либо загрузите "
            "документ, составленный другой программой.",
            "This form does not take payment by a contract or a voluntary policy. Choose compulsory insurance or a "
            "budget, or upload a document made by another program.",
        )
    doctor = _staff(author, rows)
    region = rows.chosen("region", organization.region_code, "Регион организации / Organisation's region")
    return semd.Consultation(
        document_id=str(document_id),
        set_id=str(document_id),
        version_number=1,
        created_at=created_at,
        organization=semd.Organization(
            organization.oid,
            organization.title,
            organization.ogrn,
            semd.Address(organization.address, region),
            okpo=organization.okpo,
            okato=organization.okato,
            phone=organization.phone,
        ),
        patient=_patient(patient, form, region, rows),
        author=doctor,
        legal_authenticator=doctor,
        encounter=semd.Encounter(
            str(visit.id), rows.chosen("card_kind", AMBULATORY_CARD, "Вид карты / Card kind"), visit.started_at
        ),
        service=semd.Service(visit.started_at, created_at),
        payment=semd.Payment(rows.chosen("payment_source", form.payment, "Источник оплаты / Payment")),
        form=_form(form, rows),
        dictionaries=required(rows.find),
    )


def _choices(
    organization: Organization, patient: Patient, author: Employee, form: ProtocolForm
) -> Iterator[tuple[str, str]]:
    yield "region", organization.region_code
    yield "sex", str(patient.sex)
    yield "address_kind", LIVES_HERE
    yield "position", author.position_code
    yield "card_kind", AMBULATORY_CARD
    yield "policy", ENDLESS_POLICY
    yield "payment_source", form.payment
    yield from (
        ("visit", form.visit),
        ("place", form.place),
        ("condition", form.condition),
        ("referral", form.referral),
    )
    for diagnosis in form.diagnoses:
        yield "icd", diagnosis.icd
        yield "diagnosis_kind", diagnosis.kind
        yield "diagnosis_character", diagnosis.character
    for sign in form.vital_signs:
        yield "vital_sign", sign.kind
        yield "unit", UNITS.get(sign.kind, "")


def _staff(employee: Employee, rows: Rows) -> semd.Staff:
    if employee.snils is None:
        raise DossierIncomplete(
            "У вашей учётной записи не указан СНИЛС врача. Обратитесь к руководителю организации.",
            "Your account has no doctor's SNILS. Ask the head of your organisation.",
        )
    name = semd.PersonName(employee.surname, employee.given_name, employee.patronymic)
    position = rows.chosen("position", employee.position_code, "Должность / Position")
    return semd.Staff(str(employee.id), employee.snils, name, position)


def _patient(patient: Patient, form: ProtocolForm, region: semd.Coded, rows: Rows) -> semd.Patient:
    if patient.address is None:
        raise DossierIncomplete(
            "В карте пациента нет адреса проживания. Внесите его в карту.",
            "The patient's card has no address. Enter it in the card.",
        )
    kind = rows.chosen("address_kind", LIVES_HERE, "Тип адреса / Address kind")
    return semd.Patient(
        local_id=str(patient.id),
        name=semd.PersonName(patient.surname, patient.given_name, patient.patronymic),
        sex=rows.chosen("sex", str(patient.sex), "Пол / Sex"),
        birth_date=patient.birth_date,
        address=semd.Address(patient.address, region, kind=kind),
        snils=patient.snils,
        phone=patient.phone,
        policy=_policy(patient, form, rows),
    )


def _policy(patient: Patient, form: ProtocolForm, rows: Rows) -> semd.Policy | None:
    if patient.enp is None:
        return None
    kind = rows.chosen("policy", ENDLESS_POLICY, "Вид полиса / Policy kind")
    if form.payment != OMS:
        return semd.Policy(kind, patient.enp)
    if not form.insurer.strip() or form.policy_from is None:
        raise DossierIncomplete(
            "При оплате по ОМС укажите страховую организацию и дату начала действия полиса.",
            "For payment by compulsory insurance enter the insurer and the policy's first day.",
        )
    return semd.Policy(kind, patient.enp, valid_from=form.policy_from, insurer=semd.Payer(form.insurer.strip()))


def _form(form: ProtocolForm, rows: Rows) -> semd.ConsultationForm:
    if not form.diagnoses:
        raise DossierIncomplete(
            "Укажите хотя бы один диагноз с кодом МКБ-10.", "Enter at least one diagnosis with an ICD-10 code."
        )
    return semd.ConsultationForm(
        visit=rows.chosen("visit", form.visit, "Обращение / Visit kind"),
        place=rows.chosen("place", form.place, "Место / Place"),
        complaints=form.complaints,
        disease_history=form.disease_history,
        life_history=form.life_history,
        objective_status=form.objective_status,
        condition=rows.chosen("condition", form.condition, "Состояние / Condition"),
        diagnoses=tuple(_diagnosis(entry, rows) for entry in form.diagnoses),
        conclusion=form.conclusion,
        recommendations=form.recommendations.strip() or None,
        referral=rows.chosen_or_none("referral", form.referral, "Результат / Result"),
        vital_signs=tuple(_vital_sign(entry, rows) for entry in form.vital_signs),
    )


def _diagnosis(entry: DiagnosisEntry, rows: Rows) -> semd.Diagnosis:
    icd = rows.chosen("icd", entry.icd, "Код МКБ-10 / ICD-10 code")
    return semd.Diagnosis(
        icd,
        rows.chosen("diagnosis_kind", entry.kind, "Вид диагноза / Diagnosis kind"),
        entry.text.strip() or icd.display,
        rows.chosen_or_none("diagnosis_character", entry.character, "Характер заболевания / Character"),
    )


def _vital_sign(entry: VitalEntry, rows: Rows) -> semd.VitalSign:
    kind = rows.chosen("vital_sign", entry.kind, "Показатель / Vital sign")
    unit = rows.chosen("unit", UNITS.get(entry.kind, ""), "Единица / Unit")
    return semd.VitalSign(kind, entry.value.strip().replace(",", "."), unit)
