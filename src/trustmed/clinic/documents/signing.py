"""Signing: signatures are verified over the exact bytes, then everything of the document is kept at once."""

import asyncio
import datetime as dt
import re
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import NAMESPACE_OID, UUID, uuid5

import msgspec
from psycopg import AsyncConnection

from trustmed.audit.actions import Action
from trustmed.audit.trail import Actor, Event, values_of
from trustmed.clinic.accounts.model import Employee
from trustmed.clinic.accounts.service import employee_in, find_employee
from trustmed.clinic.documents import dictionaries, drafts, reading
from trustmed.clinic.documents.errors import (
    BreaksRules,
    ChangedSincePreview,
    DocumentTooLarge,
    DraftMissing,
    EmptyDocument,
    HeaderDisagrees,
    OtherDocument,
    SignatureRepeated,
    SignaturesMissing,
    TooManySignatures,
)
from trustmed.clinic.documents.model import CONSULTATION, LARGEST, Document, Prepared
from trustmed.clinic.documents.service import verdict
from trustmed.clinic.patients import service as patients
from trustmed.clinic.patients.model import Patient
from trustmed.clinic.site import Clinic
from trustmed.clinic.software_keys import Given
from trustmed.clinic.visits import service as visits
from trustmed.clinic.work import Trace, answering, event, in_one_trip, tenant
from trustmed.db.queries import load
from trustmed.semd.cda.header import TEMPLATE
from trustmed.semd.cda.read import DocumentHeader, ObjectId, header
from trustmed.semd.cda.vocabulary import FORM_DICTIONARIES
from trustmed.signature.armor import remove_armor
from trustmed.signature.gost import gost_available
from trustmed.signature.model import Expected, VerifiedSignature
from trustmed.signature.trust import TrustStore, cached_trust, load_trust
from trustmed.signature.verify import verify
from trustmed.topology.file.spec import Organization

sql = load(__package__)

MOST_SIGNATURES: Final = 10
SMALL: Final = 100_000
LINKING_TRIES: Final = 2
MOMENT: Final = re.compile(r"(\d{8})(?:(\d{4})(\d{2})?)?([+-]\d{4})?", re.ASCII)


class Signing(msgspec.Struct, frozen=True):
    """What is known of a document before its signatures are looked at."""

    prepared: Prepared
    employee: Employee
    position: str


class Checked(msgspec.Struct, frozen=True):
    """What the bytes and the signatures turned out to be."""

    header: DocumentHeader
    given: tuple[Given, ...]
    verified: tuple[VerifiedSignature, ...]


async def sign(
    clinic: Clinic, actor: Actor, draft_id: UUID, given: Sequence[Given] | None, seen_sha256: bytes | None
) -> Document:
    """Sign a previewed draft with `given`, or with the server's software keys if `given` is None.

    `seen_sha256`: of the bytes the doctor saw. Signing again what is signed gives the same answer. Raises the errors
    of `documents.errors` and signature.errors.SignatureRefused; nothing is stored then.
    """
    async with answering(clinic.databases, actor, Action.DOCUMENT_SIGN, document_id=draft_id) as trace:
        try:
            signing = await _from_draft(clinic, actor, draft_id, trace)
        except DraftMissing:
            return await _signed_before(clinic, actor, draft_id, seen_sha256)
        if seen_sha256 not in (None, signing.prepared.sha256):
            raise ChangedSincePreview
        await _check_rules(clinic, actor, signing.prepared)
        organization = clinic.organization(actor.organization_id)
        checked = await _checked(clinic, signing, organization, given)
    document = await _keep(clinic, actor, signing, checked, Action.DOCUMENT_SIGN)
    # A draft left by a crash harms nobody: signing it again gives the same answer.
    await drafts.drop(clinic.databases.site, actor, draft_id)
    return document


async def upload(clinic: Clinic, actor: Actor, visit_id: UUID, content: bytes, given: Sequence[Given]) -> Document:
    """Take a document made and signed elsewhere into a visit. Sending it again gives the same answer.

    Raises like `sign`, and semd.read's errors for bytes that are no document.
    """
    async with answering(clinic.databases, actor, Action.DOCUMENT_UPLOAD) as trace:
        if not content:
            raise EmptyDocument
        if len(content) > LARGEST:
            raise DocumentTooLarge(len(content), LARGEST)
        found = await asyncio.to_thread(header, content)
        organization = clinic.organization(actor.organization_id)
        signing, patient = await _from_upload(clinic, actor, visit_id, content, found)
        trace.patient_id, trace.document_id = patient.id, signing.prepared.id
        _check_header(found, organization, signing.employee, patient)
        await _check_id_is_free(clinic, actor, signing.prepared)
        await _check_rules(clinic, actor, signing.prepared)
        checked = await _checked(clinic, signing, organization, given)
    return await _keep(clinic, actor, signing, checked, Action.DOCUMENT_UPLOAD)


async def _from_draft(clinic: Clinic, actor: Actor, draft_id: UUID, trace: Trace) -> Signing:
    row = await drafts.to_sign(clinic.databases.site, actor, draft_id)
    prepared = drafts.bytes_of(row, actor)
    trace.patient_id = prepared.patient_id
    return Signing(prepared, employee_in(row), row["position"])


async def _from_upload(
    clinic: Clinic, actor: Actor, visit_id: UUID, content: bytes, found: DocumentHeader
) -> tuple[Signing, Patient]:
    async with tenant(clinic.databases.site, actor.organization_id) as connection:
        visit = await visits.get(connection, actor.organization_id, visit_id)
        if visit.employee_id != actor.employee_id:
            raise HeaderDisagrees("визит ведёт другой врач", "the visit is another doctor's")
        patient = await patients.get(connection, actor.organization_id, visit.patient_id)
        digest = sha256(content).digest()
        prepared = Prepared(
            as_uuid(found.document_id), visit.id, patient.id, visit.employee_id, CONSULTATION, content, digest
        )
        return await _with_author(connection, actor, prepared), patient


async def _with_author(connection: AsyncConnection, actor: Actor, prepared: Prepared) -> Signing:
    employee = await find_employee(connection, actor.organization_id, prepared.author_id)
    key = (FORM_DICTIONARIES["position"], employee.position_code)
    position = (await dictionaries.entries(connection, [key])).find(*key)
    return Signing(prepared, employee, position.display if position else employee.position_code)


async def _signed_before(clinic: Clinic, actor: Actor, document_id: UUID, seen_sha256: bytes | None) -> Document:
    async with tenant(clinic.databases.documents, actor.organization_id) as connection:
        document = await reading.find(connection, actor.organization_id, document_id)
    if document is None or document.author_id != actor.employee_id:
        raise DraftMissing
    if seen_sha256 not in (None, document.sha256):
        raise OtherDocument
    return document


async def _check_rules(clinic: Clinic, actor: Actor, prepared: Prepared) -> None:
    found = await verdict(clinic, actor, prepared)
    if found is not None and not found.passed:
        raise BreaksRules(found.findings)


async def _checked(
    clinic: Clinic, signing: Signing, organization: Organization, given: Sequence[Given] | None
) -> Checked:
    """Signed, if `given` is None, and verified: a small document here, for a worker thread costs more than it saves."""
    size = len(signing.prepared.content) + sum(len(one.content) for one in given or ())
    trust = cached_trust(clinic.trust_folder) or await asyncio.to_thread(_get_ready, clinic.trust_folder)
    if size <= SMALL:
        return _sign_and_check(clinic, trust, signing, organization, given)
    return await asyncio.to_thread(_sign_and_check, clinic, trust, signing, organization, given)


def _get_ready(trust_folder: Path) -> TrustStore:
    """What takes its time only once: reading whom to trust, trying the engine of GOST."""
    gost_available()
    return load_trust(trust_folder)


def _sign_and_check(
    clinic: Clinic, trust: TrustStore, signing: Signing, organization: Organization, given: Sequence[Given] | None
) -> Checked:
    if given is None:
        given = clinic.signer.sign(signing.prepared.content, signing.employee.snils, organization.ogrn)
    return _check(clinic, trust, signing, organization, tuple(given))


def _check(
    clinic: Clinic, trust: TrustStore, signing: Signing, organization: Organization, given: tuple[Given, ...]
) -> Checked:
    """Verify every signature over the bytes. Blocking: a few ms for a small document."""
    if len(given) > MOST_SIGNATURES:
        raise TooManySignatures(MOST_SIGNATURES)
    given = tuple(Given(one.role, remove_armor(one.content)) for one in given)
    if len({one.content for one in given}) < len(given):
        raise SignatureRepeated
    if {"doctor", "organization"} - {one.role for one in given}:
        raise SignaturesMissing
    now = dt.datetime.now(dt.UTC)
    expected = {
        "doctor": Expected("doctor", snils=signing.employee.snils or "-"),
        "organization": Expected("organization", ogrn=organization.ogrn),
    }
    content = signing.prepared.content
    verified = tuple(
        verify(content, one.content, trust, expected[one.role], now, clinic.signature_policy) for one in given
    )
    return Checked(header(content), given, verified)


def _check_header(found: DocumentHeader, organization: Organization, employee: Employee, patient: Patient) -> None:
    if found.template != TEMPLATE:
        raise HeaderDisagrees(f"вид документа {found.template}", f"the kind is {found.template}")
    moment(found.effective_time)
    if found.organization_oid != organization.oid:
        raise HeaderDisagrees(
            f"организация {found.organization_oid}, а не {organization.oid}",
            f"the organisation is {found.organization_oid}, not {organization.oid}",
        )
    if found.author_snils is None or found.author_snils != employee.snils:
        raise HeaderDisagrees("автор — не вы", "the author is not you")
    same_snils = patient.snils is not None and found.patient_snils == patient.snils
    same_card = found.patient_id is not None and found.patient_id.extension == str(patient.id)
    if not (same_snils if found.patient_snils and patient.snils else same_card):
        raise HeaderDisagrees("пациент — другой", "the patient is another one")


async def _check_id_is_free(clinic: Clinic, actor: Actor, prepared: Prepared) -> None:
    """Before the visit's link and the trail say it is signed. Raises OtherDocument."""
    async with tenant(clinic.databases.documents, actor.organization_id) as connection:
        known = await reading.find(connection, actor.organization_id, prepared.id)
    if known is not None and known.sha256 != prepared.sha256:
        raise OtherDocument


async def _keep(clinic: Clinic, actor: Actor, signing: Signing, checked: Checked, action: Action) -> Document:
    prepared = signing.prepared
    trace = Trace(prepared.patient_id, prepared.id)
    async with answering(clinic.databases, actor, action, patient_id=prepared.patient_id, document_id=prepared.id):
        await _link_visit(clinic, actor, prepared, event(action, "granted", "treatment", trace))
        with clinic.link.signing():
            document = await reading.kept(clinic.databases.documents, _values(actor, signing, checked))
        if document.sha256 != prepared.sha256:
            raise OtherDocument
    return document


async def _link_visit(clinic: Clinic, actor: Actor, prepared: Prepared, granted: Event) -> None:
    values = {**values_of(actor, granted), "visit_id": prepared.visit_id, "document_id": prepared.id}
    row = None
    for _ in range(LINKING_TRIES):
        row = await in_one_trip(clinic.databases.site, actor.organization_id, sql["link_visit"], values)
        if row is not None:
            break
    if row is None or row["visit_id"] != prepared.visit_id:
        raise HeaderDisagrees(
            "документ с этим номером относится к другому визиту", "a document of this id belongs to another visit"
        )


def _values(actor: Actor, signing: Signing, checked: Checked) -> dict[str, object]:
    prepared, found, verified = signing.prepared, checked.header, checked.verified
    return {
        "organization_id": actor.organization_id,
        "id": prepared.id,
        "set_id": as_uuid(found.set_id) if found.set_id else prepared.id,
        "version_number": found.version or 1,
        "patient_id": prepared.patient_id,
        "visit_id": prepared.visit_id,
        "kind": prepared.kind,
        "title": found.title,
        "author_id": prepared.author_id,
        "author_name": signing.employee.full_name,
        "author_position": signing.position,
        "created_at": moment(found.effective_time),
        "size_bytes": len(prepared.content),
        "sha256": prepared.sha256,
        "content": prepared.content,
        "signature_count": len(verified),
        "roles": [one.role for one in verified],
        "signer_names": [one.signer.name for one in verified],
        "signer_snils": [one.signer.snils for one in verified],
        "signer_ogrns": [one.signer.ogrn for one in verified],
        "algorithms": [one.algorithm for one in verified],
        "serials": [one.signer.certificate_serial for one in verified],
        "certificates": [one.signer.certificate_sha256 for one in verified],
        "claimed": [one.claimed_signing_time for one in verified],
        "verified": [one.verified_at for one in verified],
        "crl_issued": [one.crl.issued_at if one.crl else None for one in verified],
        "crl_stale": [one.crl.stale if one.crl else False for one in verified],
        "containers": [one.content for one in checked.given],
    }


def as_uuid(identifier: ObjectId) -> UUID:
    """A document's own UUID; for an id of another shape one made of it, always the same."""
    try:
        return UUID(identifier.extension or "")
    except ValueError:
        return uuid5(NAMESPACE_OID, f"{identifier.root}^{identifier.extension or ''}")


def moment(written: str) -> dt.datetime:
    """An HL7 moment as a time with a zone; one without a zone is UTC. Raises HeaderDisagrees."""
    found = MOMENT.fullmatch(written)
    try:
        if found is None:
            raise ValueError(written)
        day, minutes, seconds, zone = found.groups()
        return dt.datetime.strptime(f"{day}{minutes or '0000'}{seconds or '00'}{zone or '+0000'}", "%Y%m%d%H%M%S%z")
    except ValueError as error:
        raise HeaderDisagrees(
            f"дата документа «{written}» не читается", f"the date {written!r} cannot be read"
        ) from error
