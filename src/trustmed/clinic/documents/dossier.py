"""Gather the content of a document from the card, the visit, the form and the dictionaries."""

import datetime as dt
from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from trustmed.clinic.accounts.model import Employee
from trustmed.clinic.patients.model import Patient
from trustmed.clinic.visits.model import Visit
from trustmed.semd import document as semd
from trustmed.semd.cda.payment import BY_CONTRACT, OMS
from trustmed.semd.cda.vocabulary import FORM_DICTIONARIES, Key, required
from trustmed.semd.fields.field import Form
from trustmed.semd.fields.payment import PaidForm
from trustmed.semd.kind import Kind, body_of, chosen, rows_of
from trustmed.semd.refusals import DossierIncomplete
from trustmed.semd.rows import Rows
from trustmed.semd.words import Words
from trustmed.topology.file.spec import Organization

REGION: Final = FORM_DICTIONARIES["region"]
SEX: Final = FORM_DICTIONARIES["sex"]
ADDRESS_KIND: Final = FORM_DICTIONARIES["address_kind"]
POSITION: Final = FORM_DICTIONARIES["position"]
CARD_KIND: Final = FORM_DICTIONARIES["card_kind"]
POLICY_KIND: Final = FORM_DICTIONARIES["policy"]
PAYMENT_SOURCE: Final = FORM_DICTIONARIES["payment_source"]

ENDLESS_POLICY: Final = "2"
AMBULATORY_CARD: Final = "1"
LIVES_HERE: Final = "3"
"""Codes of dictionaries 11.1035, 99.2.723 and 11.1504."""


def needed_rows(
    kind: Kind, organization: Organization, patient: Patient, author: Employee, form: Form
) -> Iterator[Key]:
    """Yield the dictionary rows that the document will need."""
    yield from rows_of(kind)
    yield from _always_chosen(organization, patient, author)
    yield from chosen(kind, form)


def gather_dossier(
    kind: Kind,
    document_id: UUID,
    created_at: dt.datetime,
    organization: Organization,
    patient: Patient,
    author: Employee,
    visit: Visit,
    form: Form,
    rows: Rows,
) -> semd.Dossier[Any]:
    """Return the value that `trustmed.semd.kind.build` takes; `rows` holds the rows of `needed_rows` that exist.

    Raises DossierIncomplete with what is missing, vocabulary.EntryMissing.
    """
    paid = form if isinstance(form, PaidForm) else None
    _refuse_contract(paid)
    doctor = _staff(author, rows)
    region = rows.get_choice(REGION, organization.region_code, Words("Регион организации", "Organisation's region"))
    return semd.Dossier(
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
        patient=_patient(patient, paid, region, rows),
        author=doctor,
        legal_authenticator=doctor,
        encounter=semd.Encounter(
            str(visit.id),
            rows.get_choice(CARD_KIND, AMBULATORY_CARD, Words("Вид карты", "Card kind")),
            visit.started_at,
        ),
        service=semd.Service(visit.started_at, created_at),
        payment=_payment(paid, rows),
        form=body_of(kind, form, rows),
        dictionaries=required(rows_of(kind), rows.find),
    )


def _always_chosen(organization: Organization, patient: Patient, author: Employee) -> Iterator[Key]:
    yield REGION, organization.region_code
    yield SEX, str(patient.sex)
    yield ADDRESS_KIND, LIVES_HERE
    yield POSITION, author.position_code
    yield CARD_KIND, AMBULATORY_CARD
    yield POLICY_KIND, ENDLESS_POLICY


def _refuse_contract(paid: PaidForm | None) -> None:
    if paid is not None and paid.payment in BY_CONTRACT:
        raise DossierIncomplete(
            "Оплата по договору или полису ДМС этой формой не оформляется. Выберите ОМС или бюджет либо загрузите "
            "документ, составленный другой программой.",
            "This form does not take payment by a contract or a voluntary policy. Choose compulsory insurance or a "
            "budget, or upload a document made by another program.",
        )


def _payment(paid: PaidForm | None, rows: Rows) -> semd.Payment | None:
    if paid is None:
        return None
    return semd.Payment(rows.get_choice(PAYMENT_SOURCE, paid.payment, Words("Источник оплаты", "Payment")))


def _staff(employee: Employee, rows: Rows) -> semd.Staff:
    if employee.snils is None:
        raise DossierIncomplete(
            "У вашей учётной записи не указан СНИЛС врача. Обратитесь к руководителю организации.",
            "Your account has no doctor's SNILS. Ask the head of your organisation.",
        )
    name = semd.PersonName(employee.surname, employee.given_name, employee.patronymic)
    position = rows.get_choice(POSITION, employee.position_code, Words("Должность", "Position"))
    return semd.Staff(str(employee.id), employee.snils, name, position)


def _patient(patient: Patient, paid: PaidForm | None, region: semd.Coded, rows: Rows) -> semd.Patient:
    if patient.address is None:
        raise DossierIncomplete(
            "В карте пациента нет адреса проживания. Внесите его в карту.",
            "The patient's card has no address. Enter it in the card.",
        )
    kind = rows.get_choice(ADDRESS_KIND, LIVES_HERE, Words("Тип адреса", "Address kind"))
    return semd.Patient(
        local_id=str(patient.id),
        name=semd.PersonName(patient.surname, patient.given_name, patient.patronymic),
        sex=rows.get_choice(SEX, str(patient.sex), Words("Пол", "Sex")),
        birth_date=patient.birth_date,
        address=semd.Address(patient.address, region, kind=kind),
        snils=patient.snils,
        phone=patient.phone,
        policy=_policy(patient, paid, rows),
    )


def _policy(patient: Patient, paid: PaidForm | None, rows: Rows) -> semd.Policy | None:
    if patient.enp is None:
        return None
    kind = rows.get_choice(POLICY_KIND, ENDLESS_POLICY, Words("Вид полиса", "Policy kind"))
    if paid is None or paid.payment != OMS:
        return semd.Policy(kind, patient.enp)
    if not paid.insurer.strip() or paid.policy_from is None:
        raise DossierIncomplete(
            "При оплате по ОМС укажите страховую организацию и дату начала действия полиса.",
            "For payment by compulsory insurance enter the insurer and the policy's first day.",
        )
    return semd.Policy(kind, patient.enp, valid_from=paid.policy_from, insurer=semd.Payer(paid.insurer.strip()))
