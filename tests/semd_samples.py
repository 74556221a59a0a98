"""Consultations to build documents from; every coded value is a row of the bundled dictionaries."""

import datetime as dt
import os
from importlib.resources import files
from pathlib import Path

import msgspec
import pytest

from trustmed.semd.cda import vocabulary
from trustmed.semd.document import (
    Address,
    Coded,
    Contract,
    Diagnosis,
    Encounter,
    IdentityDocument,
    Organization,
    Patient,
    Payer,
    Payment,
    PersonName,
    Policy,
    Service,
    Staff,
    VitalSign,
)
from trustmed.semd.kind import build as build_of_kind
from trustmed.semd.kind import rows_of
from trustmed.semd.kinds.consultation import KIND, Consultation, Protocol

BUNDLED = vocabulary.read_dictionaries(files("trustmed.embedded").joinpath("dictionaries.toml").read_text("utf-8"))
ROWS = {(coded.system, coded.code): coded for coded in BUNDLED}
MOSCOW = dt.timezone(dt.timedelta(hours=3))
MORNING = dt.datetime(2026, 3, 2, 9, 30, tzinfo=MOSCOW)
DICTIONARIES = vocabulary.required(rows_of(KIND), lambda oid, code: ROWS.get((oid, code)))


def build(consultation: Consultation) -> bytes:
    """Return the bytes of a consultation protocol."""
    return build_of_kind(KIND, consultation)


def row(name: str, code: str) -> Coded:
    return ROWS[vocabulary.FORM_DICTIONARIES[name], code]


def address(kind: str | None = None) -> Address:
    return Address(
        text="г. Москва, ул. Полевая, д. 1, кв. 2",
        region=row("region", "77"),
        postal_code="101000",
        kind=row("address_kind", kind) if kind else None,
    )


PATIENT = Patient(
    local_id="42",
    name=PersonName("Иванова", "Анна", "Петровна"),
    sex=row("sex", "2"),
    birth_date=dt.date(1980, 5, 1),
    address=address("3"),
    snils="112-233-445 95",
)

DOCTOR = Staff("7", "11223344595", PersonName("Петров", "Пётр", "Ильич"), row("position", "34"))

FORM = Protocol(
    visit=row("visit", "1"),
    place=row("place", "1"),
    complaints="Боль за грудиной",
    disease_history="Болен 3 года",
    life_history="Рос и развивался нормально",
    objective_status="Тоны сердца ясные",
    condition=row("condition", "1"),
    diagnoses=(Diagnosis(row("icd", "I11.9"), row("diagnosis_kind", "1"), "ГБ II стадии"),),
    conclusion="Данных за ОКС нет",
)

LEAST = Consultation(
    document_id="7f2c6c0e-4a1f-4a3b-9d0e-5d2a2f9f6c11",
    set_id="0c6a2b9e-8e54-4d3f-8f0f-0f3f7a6f1d22",
    version_number=1,
    created_at=MORNING,
    organization=Organization("1.2.643.5.1.13.13.12.2.77.1", "Поликлиника № 1", "1027700000000", address()),
    patient=PATIENT,
    author=DOCTOR,
    legal_authenticator=DOCTOR,
    encounter=Encounter("e-1", row("card_kind", "1"), MORNING),
    service=Service(MORNING),
    payment=Payment(row("payment_source", "9")),
    form=FORM,
    dictionaries=DICTIONARIES,
)


def with_form(**changes: object) -> Consultation:
    return msgspec.structs.replace(LEAST, form=msgspec.structs.replace(FORM, **changes))


def with_patient(**changes: object) -> Consultation:
    return msgspec.structs.replace(LEAST, patient=msgspec.structs.replace(PATIENT, **changes))


def with_insurance(kind: str, **changes: object) -> Consultation:
    """Return a consultation of a patient with a policy of `kind` (11.1035), paid by compulsory insurance."""
    insurer = Payer("Страховая компания", "77001", "8 800 000-00-00", address())
    policy = Policy(row("policy", kind), "7700000000000001", valid_from=dt.date(2012, 1, 1), insurer=insurer)
    held = with_patient(policy=msgspec.structs.replace(policy, **changes))
    return msgspec.structs.replace(held, payment=Payment(row("payment_source", "1")))


def with_contract(source: str, ground: str, **changes: object) -> Consultation:
    """Return a consultation paid under a contract or a voluntary policy."""
    contract = Contract(
        row("payment_ground", ground), "Д-15", valid_from=dt.date(2026, 1, 1), payer=Payer("Плательщик")
    )
    grounds = msgspec.structs.replace(contract, **changes)
    return msgspec.structs.replace(LEAST, payment=Payment(row("payment_source", source), grounds))


def full() -> Consultation:
    """Return a consultation with everything the model can hold."""
    c = with_insurance("3", valid_to=dt.date(2030, 1, 1), series="77")
    return msgspec.structs.replace(
        c,
        version_number=3,
        organization=msgspec.structs.replace(
            c.organization, okpo="00000000", okato="45000000000", phone="+7 (495) 000-00-00"
        ),
        patient=msgspec.structs.replace(
            c.patient,
            address=msgspec.structs.replace(
                address("3"),
                fias_object="0c5b2444-70a0-4932-980c-b4dc0d3f02b5",
                fias_house="5f290a1d-4c4b-4b1c-8e32-6f7c1d7a1e11",
            ),
            registered_address=msgspec.structs.replace(
                address("1"), fias_object="0c5b2444-70a0-4932-980c-b4dc0d3f02b5", postal_code=None
            ),
            phone="+79990000000",
            identity_document=IdentityDocument(
                row("identity_document", "1"), "123456", dt.date(2005, 5, 5), "4500", "ОВД", "770-001"
            ),
        ),
        author=msgspec.structs.replace(DOCTOR, phone="8 495 000 00 01"),
        encounter=Encounter(
            "e-1", row("card_kind", "1"), MORNING, "A-17", row("card_form", "41"), MORNING + dt.timedelta(days=1)
        ),
        service=Service(
            MORNING, MORNING + dt.timedelta(minutes=20), row("help_form", "1"), row("care", "3"), row("conditions", "2")
        ),
        form=msgspec.structs.replace(
            FORM,
            diagnoses=(
                *FORM.diagnoses,
                Diagnosis(row("icd", "I50.0"), row("diagnosis_kind", "2"), "ХСН", row("diagnosis_character", "1")),
                Diagnosis(row("icd", "E66.0"), row("diagnosis_kind", "3"), "Ожирение"),
            ),
            recommendations="1. Диета\n2. Контроль АД",
            referral=row("referral", "4"),
            vital_signs=(
                VitalSign(row("vital_sign", "3"), "140", row("unit", "50")),
                VitalSign(row("vital_sign", "1"), "36.6", row("unit", "515")),
            ),
        ),
    )


def newborn() -> Consultation:
    """Return a consultation of a newborn: no patronymic, a birth certificate, an address without a postal code."""
    return with_patient(
        name=PersonName("О'Коннор", "Мария-Изабель"),
        birth_date=dt.date(2026, 2, 28),
        sex=row("sex", "3"),
        address=msgspec.structs.replace(address("3"), postal_code=None),
        identity_document=IdentityDocument(row("identity_document", "6"), "654321", dt.date(2026, 3, 1), "V-МЮ"),
    )


ACCEPTED = {
    "least": LEAST,
    "full": full(),
    "newborn": newborn(),
    "ОМС, endless policy": with_insurance("2"),
    "ОМС, old policy": with_insurance("1", series="АБ"),
    "ОМС, old policy without series": with_insurance("1"),
    "ОМС, temporary, term unknown": with_insurance("4", valid_from=None),
    "ОМС, insurer by name only": with_insurance("2", insurer=Payer("Страховая компания")),
    "ДМС": with_contract("3", "2", series="С", valid_to=dt.date(2026, 12, 31)),
    "no life history": with_form(life_history=None),
    "inpatient": msgspec.structs.replace(
        LEAST, encounter=Encounter("e-2", row("card_kind", "2"), MORNING, "С-1", row("card_form", "94"))
    ),
    "patient pays": with_contract("4", "3", inn="770000000000", payer=None),
    "company pays": with_contract("6", "3"),
    "long text": with_form(objective_status="Жалоб нет. " * 20_000),
    "west of Greenwich": msgspec.structs.replace(
        LEAST, created_at=MORNING.astimezone(dt.timezone(-dt.timedelta(hours=5)))
    ),
}


def semd_directory() -> Path:
    """Return the folder of the ministry's packs; skip the test where there is none."""
    named = os.environ.get("TRUSTMED_SEMD_DIR")
    if not named or not Path(named).is_dir():
        pytest.skip("TRUSTMED_SEMD_DIR does not name a folder with the ministry's schema packs")
    return Path(named)
