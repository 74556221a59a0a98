"""Write and preview a document, check it by the official rules, open a signed one; every act is audited."""

from collections.abc import Callable
from uuid import UUID

from trustmed.audit.actions import Action
from trustmed.audit.trail import Actor
from trustmed.clinic.documents import drafts, reading
from trustmed.clinic.documents.model import Document, Draft, Prepared, Preview, Signature
from trustmed.clinic.official.verdicts import Verdict, find_verdict, store_verdict
from trustmed.clinic.site import Clinic
from trustmed.clinic.work import answering, audited, tenant
from trustmed.semd.fields.field import Form
from trustmed.semd.kind import Kind


async def begin(clinic: Clinic, actor: Actor, visit_id: UUID, kind: Kind, form: Form) -> Draft:
    """Begin a document of the kind in a visit. Raises VisitMissing, OnlyDoctors."""
    async with audited(clinic.databases, actor, Action.DRAFT_CREATE) as (connection, trace):
        draft = await drafts.create(connection, actor, visit_id, kind, form)
        trace.patient_id, trace.document_id = draft.patient_id, draft.id
    return draft


async def save(clinic: Clinic, actor: Actor, draft_id: UUID, read: Callable[[Kind], Form]) -> Draft:
    """Store the form that `read` gives for the draft's kind. Raises like `drafts.save` and `read`."""
    async with audited(clinic.databases, actor, Action.DRAFT_CHANGE, document_id=draft_id) as (connection, trace):
        draft = await drafts.save(connection, actor, draft_id, read)
        trace.patient_id = draft.patient_id
    return draft


async def build_preview(clinic: Clinic, actor: Actor, draft_id: UUID) -> Preview:
    """Build the bytes that will be signed and check them by the official rules where a pack is installed.

    Raises DraftMissing, NotYourDraft, DossierIncomplete, semd's FieldRefused and EntryMissing.
    """
    async with audited(clinic.databases, actor, Action.DRAFT_PREVIEW, document_id=draft_id) as (connection, trace):
        draft = await drafts.get_own(connection, actor, draft_id)
        trace.patient_id = draft.patient_id
        organization = clinic.organization(actor.organization_id)
        prepared = await drafts.prepare(connection, actor, organization, draft)
    return Preview(prepared, await judge(clinic, actor, prepared))


async def get_preview(clinic: Clinic, actor: Actor, draft_id: UUID) -> Preview:
    """Return the bytes last previewed, with the verdict on them. Raises DraftMissing, NotYourDraft, NotPreviewed."""
    async with audited(clinic.databases, actor, Action.DRAFT_CONTENT, document_id=draft_id) as (connection, trace):
        prepared = await drafts.get_prepared(connection, actor, draft_id)
        trace.patient_id = prepared.patient_id
    return Preview(prepared, await judge(clinic, actor, prepared))


async def judge(clinic: Clinic, actor: Actor, prepared: Prepared) -> Verdict | None:
    """Return the verdict of the installed pack on the bytes; None without a pack.

    A verdict is stored by the SHA-256 of the bytes. Do not call this within a transaction: judging may take seconds.
    """
    pack = await clinic.rules.pack(prepared.kind)
    if pack is None:
        return None
    async with tenant(clinic.databases.site, actor.organization_id) as connection:
        known = await find_verdict(connection, actor.organization_id, prepared.sha256)
    if known is not None and known.pack_digest == pack.digest:
        return known
    found = await clinic.rules.judge(prepared.kind, prepared.content, prepared.sha256)
    if found is not None:
        async with tenant(clinic.databases.site, actor.organization_id) as connection:
            await store_verdict(connection, actor.organization_id, found)
    return found


async def open_document(clinic: Clinic, actor: Actor, document_id: UUID, action: Action) -> tuple[Document, bytes]:
    """Return a signed document with its exact bytes; the reading is audited. Raises DocumentMissing."""
    async with (
        answering(clinic.databases, actor, action, document_id=document_id),
        tenant(clinic.databases.documents, actor.organization_id) as connection,
    ):
        document = await reading.get(connection, actor.organization_id, document_id)
        content = await reading.get_body(connection, actor.organization_id, document_id)
    async with audited(clinic.databases, actor, action, patient_id=document.patient_id, document_id=document_id):
        return document, content


async def signatures_of(clinic: Clinic, actor: Actor, document: Document) -> list[Signature]:
    """Return the signatures of a document; the reading is audited."""
    async with tenant(clinic.databases.documents, actor.organization_id) as connection:
        found = await reading.signatures(connection, actor.organization_id, document.id)
    async with audited(
        clinic.databases, actor, Action.DOCUMENT_SIGNATURE, patient_id=document.patient_id, document_id=document.id
    ):
        return found
