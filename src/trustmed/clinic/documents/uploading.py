"""Upload a document made and signed elsewhere into a visit."""

import asyncio
from collections.abc import Sequence
from hashlib import sha256
from uuid import UUID

from psycopg import AsyncConnection

from trustmed.audit.actions import Action
from trustmed.audit.trail import Actor
from trustmed.clinic.accounts.service import find_employee
from trustmed.clinic.documents import dictionaries, reading
from trustmed.clinic.documents.checking import Signing, check_signatures
from trustmed.clinic.documents.errors import DocumentTooLarge, EmptyDocument, HeaderDisagrees, OtherDocument
from trustmed.clinic.documents.headers import as_uuid, check_header, kind_of
from trustmed.clinic.documents.model import LARGEST, Document, Prepared
from trustmed.clinic.documents.storing import check_rules, store_document
from trustmed.clinic.patients import service as patients
from trustmed.clinic.patients.model import Patient
from trustmed.clinic.site import Clinic
from trustmed.clinic.software_keys import Given
from trustmed.clinic.visits import service as visits
from trustmed.clinic.work import Trace, answering, tenant
from trustmed.semd.cda.active import refuse_active
from trustmed.semd.cda.read import DocumentHeader, header
from trustmed.semd.cda.vocabulary import FORM_DICTIONARIES


async def upload(clinic: Clinic, actor: Actor, visit_id: UUID, content: bytes, given: Sequence[Given]) -> Document:
    """Store a document made and signed elsewhere in a visit. Sending it again gives the same answer.

    Raises what `signing.sign` raises, HeaderDisagrees, semd.cda.active.ActiveContent, and the errors of
    semd.cda.read for bytes that are no document.
    """
    async with answering(clinic.databases, actor, Action.DOCUMENT_UPLOAD) as trace:
        if not content:
            raise EmptyDocument
        if len(content) > LARGEST:
            raise DocumentTooLarge(len(content), LARGEST)
        found = await asyncio.to_thread(header, content)
        await asyncio.to_thread(refuse_active, content)
        organization = clinic.organization(actor.organization_id)
        signing, patient = await _from_upload(clinic, actor, visit_id, content, found, trace)
        check_header(found, organization, signing.employee, patient)
        await _check_id_is_free(clinic, actor, signing.prepared)
        await check_rules(clinic, actor, signing.prepared)
        checked = await check_signatures(clinic, signing, organization, given)
    return await store_document(clinic, actor, signing, checked, Action.DOCUMENT_UPLOAD)


async def _from_upload(
    clinic: Clinic, actor: Actor, visit_id: UUID, content: bytes, found: DocumentHeader, trace: Trace
) -> tuple[Signing, Patient]:
    async with tenant(clinic.databases.site, actor.organization_id) as connection:
        visit = await visits.get(connection, actor.organization_id, visit_id)
        if visit.employee_id != actor.employee_id:
            raise HeaderDisagrees("визит ведёт другой врач", "the visit is another doctor's")
        patient = await patients.get(connection, actor.organization_id, visit.patient_id)
        trace.patient_id, trace.document_id = patient.id, as_uuid(found.document_id)
        kind, digest = kind_of(found).number, sha256(content).digest()
        prepared = Prepared(trace.document_id, visit.id, patient.id, visit.employee_id, kind, content, digest)
        return await _with_author(connection, actor, prepared), patient


async def _with_author(connection: AsyncConnection, actor: Actor, prepared: Prepared) -> Signing:
    employee = await find_employee(connection, actor.organization_id, prepared.author_id)
    key = (FORM_DICTIONARIES["position"], employee.position_code)
    position = (await dictionaries.find_rows(connection, [key])).find(*key)
    return Signing(prepared, employee, position.display if position else employee.position_code)


async def _check_id_is_free(clinic: Clinic, actor: Actor, prepared: Prepared) -> None:
    """Raise OtherDocument if the id is taken, before the visit's link and the trail say that it is signed."""
    async with tenant(clinic.databases.documents, actor.organization_id) as connection:
        known = await reading.find(connection, actor.organization_id, prepared.id)
    if known is not None and known.sha256 != prepared.sha256:
        raise OtherDocument
