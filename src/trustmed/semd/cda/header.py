"""The header of a document: author, patient, organisation, times and payment.

The schema (POCD_MT000040.xsd) fixes the order of the elements; the schematrons say which of them must be there
(for kind 119: У1-10…У1-29).
"""

from typing import Any, Final

import msgspec

from trustmed.semd.cda import vocabulary
from trustmed.semd.cda.elements import (
    IDENTITY,
    MED_SERVICE,
    SNILS,
    Element,
    add,
    add_address,
    add_coded,
    add_null,
    add_person,
    add_phone,
    day,
    moment,
    snils,
)
from trustmed.semd.cda.payment import add_payer
from trustmed.semd.document import Dossier, Encounter, IdentityDocument, Organization, Patient, Policy, Service, Staff
from trustmed.semd.refusals import FieldRefused
from trustmed.semd.words import Words

MINISTRY: Final = ("1.2.643.5.1.13", "Министерство здравоохранения Российской Федерации")

INPATIENT_CARD: Final = "2"
"""Code of dictionary 99.2.723; the number of such a card has a root of its own."""

PATIENT_ROOT: Final = 10
CASE_ROOT: Final = 15
INPATIENT_CARD_ROOT: Final = 16
CARD_ROOT: Final = 17
SET_ROOT: Final = 50
DOCUMENT_ROOT: Final = 51
STAFF_ROOT: Final = 70
"""The last arc of the OID under which objects of a type have their ids (`object_root`)."""

LIVES_HERE: Final = "3"
"""Code of the address a patient lives at, in dictionary 11.1504; the rules want it first."""


class Header(msgspec.Struct, frozen=True):
    """What a kind of document requires of its header.

    `template` is the OID of its form (templateId), `code` its row of dictionary 11.1522, `event` the row of 99.2.726
    that says what was documented; None: the kind has no documentationOf. `without_snils` says why the kind cannot
    do without the patient's СНИЛС; None: it can. `is_paid` and `has_encounter` say whether the header names the payer
    and the case.
    """

    template: str
    code: vocabulary.Key
    event: vocabulary.Key | None
    without_snils: Words | None = None
    is_paid: bool = True
    has_encounter: bool = True


def rows_of(header: Header) -> tuple[vocabulary.Key, ...]:
    """Return the dictionary rows that the header itself names."""
    grounds = (vocabulary.GROUND_OMS,) if header.is_paid else ()
    event = (header.event,) if header.event else ()
    return header.code, vocabulary.CONFIDENTIALITY_NORMAL, *grounds, *event


def object_root(d: Dossier[Any], kind: int) -> str:
    """Return the OID under which this installation numbers objects of `kind`, such as PATIENT_ROOT."""
    return f"{d.organization.oid}.100.{d.mis_number}.{d.instance_number}.{kind}"


def add_header(root: Element, d: Dossier[Any], header: Header) -> None:
    """Add everything before `component`. Raises FieldRefused, vocabulary.EntryMissing."""
    _document(root, d, header)
    _patient(root, d, header)
    _author(root, d)
    _custodian(root, d.organization)
    _recipient(root)
    _authenticator(root, d)
    if header.is_paid:
        add_payer(root, d)
    if header.event is not None:
        _service(root, d, d.service, header.event)
    if header.has_encounter:
        _encounter(root, d, d.encounter)


def _document(root: Element, d: Dossier[Any], header: Header) -> None:
    title = vocabulary.entry(d, header.code)
    add(root, "realmCode", code="RU")
    add(root, "typeId", root="2.16.840.1.113883.1.3", extension="POCD_MT000040")
    add(root, "templateId", root=header.template)
    add(root, "id", root=object_root(d, DOCUMENT_ROOT), extension=d.document_id)
    add_coded(root, "code", title)
    add(root, "title", title.display)
    add(root, "effectiveTime", value=moment(d.created_at, "created_at"))
    add_coded(root, "confidentialityCode", vocabulary.entry(d, vocabulary.CONFIDENTIALITY_NORMAL))
    add(root, "languageCode", code="ru-RU")
    add(root, "setId", root=object_root(d, SET_ROOT), extension=d.set_id)
    add(root, "versionNumber", value=str(d.version_number))


def _patient(root: Element, d: Dossier[Any], header: Header) -> None:
    patient = d.patient
    role = add(add(root, "recordTarget"), "patientRole")
    add(role, "id", root=object_root(d, PATIENT_ROOT), extension=patient.local_id)
    _patient_snils(role, patient, header.without_snils)
    _identity_document(role, patient.identity_document)
    _policy(role, patient.policy)
    _patient_addresses(role, patient)
    add_phone(role, patient.phone, "patient.phone")
    person = add(role, "patient")
    add_person(person, patient.name)
    add_coded(person, "administrativeGenderCode", patient.sex)
    add(person, "birthTime", value=day(patient.birth_date))
    _provider(role, d.organization)


def _patient_addresses(role: Element, patient: Patient) -> None:
    if patient.address.kind is None or patient.address.kind.code != LIVES_HERE:
        raise FieldRefused(
            "patient.address",
            "нужен адрес фактического проживания (код 3 справочника типов адреса)",
            "the address the patient lives at is needed (kind 3)",
        )
    add_address(role, patient.address)
    if patient.registered_address is None:
        return
    if patient.registered_address.kind is None:
        raise FieldRefused("patient.registered_address", "нужен тип адреса", "the kind of the address is needed")
    add_address(role, patient.registered_address)


def _patient_snils(role: Element, patient: Patient, why_needed: Words | None) -> None:
    if patient.snils is not None:
        add(role, "id", root=SNILS, extension=snils(patient.snils, "patient.snils"))
    elif why_needed is None:
        add_null(role, "id")
    else:
        raise FieldRefused("patient.snils", why_needed.ru, why_needed.en)


def _identity_document(role: Element, document: IdentityDocument | None) -> None:
    if document is None:
        add_null(role, "IdentityDoc", ns=IDENTITY)
        return
    element = add(role, "IdentityDoc", ns=IDENTITY)
    add_coded(element, "IdentityCardType", document.kind, ns=IDENTITY, xsi="CD")
    # The schematron requires xsi:type even where there is no series.
    if document.series is None:
        add(element, "Series", ns=IDENTITY, xsi="ST", nullFlavor="NA")
    else:
        add(element, "Series", document.series, ns=IDENTITY, xsi="ST")
    add(element, "Number", document.number, ns=IDENTITY, xsi="ST")
    for name, text in (("IssueOrgName", document.issued_by), ("IssueOrgCode", document.issuer_code)):
        if text is None:
            add(element, name, ns=IDENTITY, xsi="ST", nullFlavor="NI")
        else:
            add(element, name, text, ns=IDENTITY, xsi="ST")
    add(element, "IssueDate", ns=IDENTITY, xsi="TS", value=day(document.issued_on))


def _policy(role: Element, policy: Policy | None) -> None:
    if policy is None:
        add_null(role, "InsurancePolicy", ns=IDENTITY)
        return
    element = add(role, "InsurancePolicy", ns=IDENTITY)
    add_coded(element, "InsurancePolicyType", policy.kind, ns=IDENTITY, xsi="CD")
    if policy.series is not None:
        add(element, "Series", policy.series, ns=IDENTITY, xsi="ST")
    add(element, "Number", policy.number, ns=IDENTITY, xsi="ST")


def _provider(role: Element, organization: Organization) -> None:
    element = add(role, "providerOrganization")
    add(element, "id", root=organization.oid)
    properties = add(element, "Props", ns=IDENTITY)
    for name, value in (("Ogrn", organization.ogrn), ("Okpo", organization.okpo), ("Okato", organization.okato)):
        if value is not None:
            add(properties, name, value, ns=IDENTITY, xsi="ST")
    _contacts(element, organization)


def _contacts(element: Element, organization: Organization) -> None:
    add(element, "name", organization.name)
    add_phone(element, organization.phone, "organization.phone")
    add_address(element, organization.address)


def _represented(parent: Element, organization: Organization) -> None:
    element = add(parent, "representedOrganization", classCode="ORG")
    add(element, "id", root=organization.oid)
    _contacts(element, organization)


def _staff(parent: Element, name: str, d: Dossier[Any], person: Staff, field: str) -> None:
    element = add(parent, name)
    add(element, "id", root=object_root(d, STAFF_ROOT), extension=person.local_id)
    add(element, "id", root=SNILS, extension=snils(person.snils, f"{field}.snils"))
    add_coded(element, "code", person.position)
    add_phone(element, person.phone, f"{field}.phone")
    add_person(add(element, "assignedPerson"), person.name)
    _represented(element, d.organization)


def _author(root: Element, d: Dossier[Any]) -> None:
    author = add(root, "author")
    add_null(author, "time")
    _staff(author, "assignedAuthor", d, d.author, "author")


def _custodian(root: Element, organization: Organization) -> None:
    holder = add(add(add(root, "custodian"), "assignedCustodian"), "representedCustodianOrganization")
    add(holder, "id", root=organization.oid)
    _contacts(holder, organization)


def _recipient(root: Element) -> None:
    oid, name = MINISTRY
    receiver = add(add(add(root, "informationRecipient"), "intendedRecipient"), "receivedOrganization")
    add(receiver, "id", root=oid)
    add(receiver, "name", name)


def _authenticator(root: Element, d: Dossier[Any]) -> None:
    element = add(root, "legalAuthenticator")
    add_null(element, "time")
    add_null(element, "signatureCode")
    _staff(element, "assignedEntity", d, d.legal_authenticator, "legal_authenticator")


def _service(root: Element, d: Dossier[Any], service: Service, code: vocabulary.Key) -> None:
    event = add(add(root, "documentationOf"), "serviceEvent")
    add_coded(event, "code", vocabulary.entry(d, code))
    period = add(event, "effectiveTime")
    add(period, "low", value=moment(service.started_at, "service.started_at"))
    if service.finished_at is None:
        add_null(period, "high")
    else:
        add(period, "high", value=moment(service.finished_at, "service.finished_at"))
    for name, value in (
        ("serviceForm", service.form),
        ("serviceType", service.care),
        ("serviceCond", service.conditions),
    ):
        if value is not None:
            add_coded(event, name, value, ns=MED_SERVICE, xsi="CD")
    performer = add(event, "performer", typeCode="PPRF")
    _staff(performer, "assignedEntity", d, d.author, "author")


def _encounter(root: Element, d: Dossier[Any], encounter: Encounter) -> None:
    element = add(add(root, "componentOf"), "encompassingEncounter")
    add(element, "id", root=object_root(d, CASE_ROOT), extension=encounter.local_id)
    if encounter.card_number is None:
        add_null(element, "id")
    else:
        kind = INPATIENT_CARD_ROOT if encounter.card_kind.code == INPATIENT_CARD else CARD_ROOT
        add(element, "id", root=object_root(d, kind), extension=encounter.card_number)
    add_coded(element, "code", encounter.card_kind)
    if encounter.card_form is None:
        add_null(element, "DocType", ns=MED_SERVICE)
    else:
        add_coded(element, "DocType", encounter.card_form, ns=MED_SERVICE, xsi="CD")
    period = add(element, "effectiveTime")
    add(period, "low", value=moment(encounter.opened_at, "encounter.opened_at"))
    if encounter.closed_at is not None:
        add(period, "high", value=moment(encounter.closed_at, "encounter.closed_at"))
