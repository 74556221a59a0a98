"""What a document of any kind is made of, as plain values.

Every coded value carries its dictionary with it (`Coded`), so that a document says which version of which dictionary
its words come from. A string field is never blank: an unknown value is `None`.
"""

import datetime as dt
from typing import Generic, TypeVar

import msgspec

Body = TypeVar("Body", bound=msgspec.Struct)


class Coded(msgspec.Struct, frozen=True):
    """One row of a dictionary: `system` is its OID, `system_name` its full name, `system_version` as "4.29"."""

    code: str
    display: str
    system: str
    system_name: str
    system_version: str


class PersonName(msgspec.Struct, frozen=True):
    surname: str
    given: str
    patronymic: str | None = None


class Address(msgspec.Struct, frozen=True):
    """`text` in one line; `region` of dictionary 99.2.206; `kind` of 11.1504 (patients' addresses only).

    `fias_object` and `fias_house` are GUIDs of the state address register.
    """

    text: str
    region: Coded
    postal_code: str | None = None
    kind: Coded | None = None
    fias_object: str | None = None
    fias_house: str | None = None


class Organization(msgspec.Struct, frozen=True):
    """A clinic as the federal register (ФРМО) knows it: `oid` of the register."""

    oid: str
    name: str
    ogrn: str
    address: Address
    okpo: str | None = None
    okato: str | None = None
    phone: str | None = None


class IdentityDocument(msgspec.Struct, frozen=True):
    """`kind` of dictionary 99.2.48."""

    kind: Coded
    number: str
    issued_on: dt.date
    series: str | None = None
    issued_by: str | None = None
    issuer_code: str | None = None


class Payer(msgspec.Struct, frozen=True):
    """An insurer or another organisation that pays; `code` is the insurer's in dictionary 99.2.183."""

    name: str
    code: str | None = None
    phone: str | None = None
    address: Address | None = None


class Policy(msgspec.Struct, frozen=True):
    """A policy of compulsory insurance (ОМС); `kind` of dictionary 11.1035."""

    kind: Coded
    number: str
    series: str | None = None
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    insurer: Payer | None = None


class Contract(msgspec.Struct, frozen=True):
    """The ДМС policy or the contract behind a payment other than ОМС; `kind` of dictionary 99.2.724."""

    kind: Coded
    number: str
    series: str | None = None
    inn: str | None = None
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    payer: Payer | None = None


class Payment(msgspec.Struct, frozen=True):
    """`source` of dictionary 11.1039. Source 1 (ОМС) rests on the patient's policy, 3 to 6 on `contract`."""

    source: Coded
    contract: Contract | None = None


class Patient(msgspec.Struct, frozen=True):
    """`local_id` is the site's own id; `address` is where the patient lives (kind 3 of 11.1504)."""

    local_id: str
    name: PersonName
    sex: Coded
    birth_date: dt.date
    address: Address
    snils: str | None = None
    registered_address: Address | None = None
    phone: str | None = None
    identity_document: IdentityDocument | None = None
    policy: Policy | None = None


class Staff(msgspec.Struct, frozen=True):
    """A member of the clinic's staff; `position` of dictionary 11.1002."""

    local_id: str
    snils: str
    name: PersonName
    position: Coded
    phone: str | None = None


class Encounter(msgspec.Struct, frozen=True):
    """The case a document belongs to. `card_kind` of 99.2.723, `card_form` of 11.1522."""

    local_id: str
    card_kind: Coded
    opened_at: dt.datetime
    card_number: str | None = None
    card_form: Coded | None = None
    closed_at: dt.datetime | None = None


class Service(msgspec.Struct, frozen=True):
    """When and how help was given: `form` of 11.1551, `care` of 11.1034, `conditions` of 99.2.322."""

    started_at: dt.datetime
    finished_at: dt.datetime | None = None
    form: Coded | None = None
    care: Coded | None = None
    conditions: Coded | None = None


class VitalSign(msgspec.Struct, frozen=True):
    """`kind` of 99.2.262; `value` a decimal with a point; `unit` of 11.1358 (its display is the printed unit)."""

    kind: Coded
    value: str
    unit: Coded


class Diagnosis(msgspec.Struct, frozen=True):
    """`icd` of 11.1005 (code "I11.9"); `kind` of 11.1077: main, complication, accompanying…"""

    icd: Coded
    kind: Coded
    text: str
    character: Coded | None = None


class Dossier(msgspec.Struct, Generic[Body], frozen=True):
    """Everything a document is built from; `form` is the content of its body, as its kind defines it.

    `mis_number` and `instance_number` make the roots of object ids: `<organization.oid>.100.<mis>.<instance>.<type>`.
    `dictionaries` are the rows that the document's template needs (see `trustmed.semd.kind.rows_of`).
    `payment` is None where the kind does not say who pays.
    """

    document_id: str
    set_id: str
    version_number: int
    created_at: dt.datetime
    organization: Organization
    patient: Patient
    author: Staff
    legal_authenticator: Staff
    encounter: Encounter
    service: Service
    payment: Payment | None
    form: Body
    dictionaries: tuple[Coded, ...]
    mis_number: int = 1
    instance_number: int = 1
