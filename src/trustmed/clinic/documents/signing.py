"""Sign a draft: verify the signatures over the exact bytes, then store the whole document at once."""

from collections.abc import Sequence
from uuid import UUID

from trustmed.audit.actions import Action
from trustmed.audit.trail import Actor
from trustmed.clinic.accounts.service import employee_in
from trustmed.clinic.documents import drafts, reading
from trustmed.clinic.documents.checking import Signing, check_signatures
from trustmed.clinic.documents.errors import ChangedSincePreview, DraftMissing, OtherDocument
from trustmed.clinic.documents.model import Document
from trustmed.clinic.documents.storing import check_rules, store_document
from trustmed.clinic.site import Clinic
from trustmed.clinic.software_keys import Given
from trustmed.clinic.work import Trace, answering, tenant


async def sign(
    clinic: Clinic, actor: Actor, draft_id: UUID, given: Sequence[Given] | None, seen_sha256: bytes | None
) -> Document:
    """Sign a previewed draft with `given`, or with the server's software keys if `given` is None.

    `seen_sha256` is of the bytes the doctor saw. Signing a signed document again gives the same answer. Raises the
    errors of `documents.errors` and signature.errors.SignatureRefused; then nothing is stored.
    """
    async with answering(clinic.databases, actor, Action.DOCUMENT_SIGN, document_id=draft_id) as trace:
        try:
            signing = await _from_draft(clinic, actor, draft_id, trace)
        except DraftMissing:
            return await _find_signed(clinic, actor, draft_id, seen_sha256)
        if seen_sha256 not in (None, signing.prepared.sha256):
            raise ChangedSincePreview
        await check_rules(clinic, actor, signing.prepared)
        organization = clinic.organization(actor.organization_id)
        checked = await check_signatures(clinic, signing, organization, given)
    document = await store_document(clinic, actor, signing, checked, Action.DOCUMENT_SIGN)
    # A draft left by a crash harms nobody: signing it again gives the same answer.
    await drafts.drop(clinic.databases.site, actor, draft_id)
    return document


async def _from_draft(clinic: Clinic, actor: Actor, draft_id: UUID, trace: Trace) -> Signing:
    row = await drafts.get_row_to_sign(clinic.databases.site, actor, draft_id)
    prepared = drafts.prepared_of(row, actor)
    trace.patient_id = prepared.patient_id
    return Signing(prepared, employee_in(row), row["position"])


async def _find_signed(clinic: Clinic, actor: Actor, document_id: UUID, seen_sha256: bytes | None) -> Document:
    async with tenant(clinic.databases.documents, actor.organization_id) as connection:
        document = await reading.find(connection, actor.organization_id, document_id)
    if document is None or document.author_id != actor.employee_id:
        raise DraftMissing
    if seen_sha256 not in (None, document.sha256):
        raise OtherDocument
    return document
