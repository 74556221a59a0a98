"""Drafts: a form being filled in and the bytes built from it.

A function that takes a connection works within a tenant's transaction at the site.
"""

import datetime as dt
from collections.abc import Callable
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import dict_row, scalar_row
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

from trustmed.audit.trail import Actor
from trustmed.clinic.accounts.service import find_employee
from trustmed.clinic.documents import dictionaries, dossier
from trustmed.clinic.documents.errors import DocumentTooLarge, DraftMissing, NotPreviewed, NotYourDraft
from trustmed.clinic.documents.model import LARGEST, Draft, Prepared
from trustmed.clinic.patients import service as patients
from trustmed.clinic.visits import service as visits
from trustmed.clinic.visits.service import OnlyDoctors
from trustmed.clinic.work import in_one_trip
from trustmed.db.queries import load
from trustmed.semd.cda.vocabulary import FORM_DICTIONARIES
from trustmed.semd.document import Dossier
from trustmed.semd.fields.field import Form
from trustmed.semd.kind import Kind, build
from trustmed.semd.kinds import find_kind
from trustmed.topology.file.spec import Organization

sql = load(__package__)


async def create(connection: AsyncConnection, actor: Actor, visit_id: UUID, kind: Kind, form: Form) -> Draft:
    """Begin a document in a visit. Raises VisitMissing, OnlyDoctors."""
    _must_be_doctor(actor)
    visit = await visits.get(connection, actor.organization_id, visit_id)
    values = {
        "organization_id": actor.organization_id,
        "visit_id": visit_id,
        "patient_id": visit.patient_id,
        "author_id": actor.employee_id,
        "kind": kind.number,
        "form": Jsonb(msgspec.to_builtins(form)),
    }
    async with connection.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(sql["add_draft"], values)
        draft_id = await cursor.fetchone()
    if draft_id is None:
        raise DraftMissing
    return await get(connection, actor.organization_id, draft_id)


async def get(connection: AsyncConnection, organization_id: int, draft_id: UUID) -> Draft:
    """Return a draft. Raises DraftMissing."""
    found = await _drafts(connection, "find_draft", {"organization_id": organization_id, "id": draft_id})
    if not found:
        raise DraftMissing
    return found[0]


async def of_visit(connection: AsyncConnection, organization_id: int, visit_id: UUID) -> list[Draft]:
    return await _drafts(connection, "drafts_of_visit", {"organization_id": organization_id, "visit_id": visit_id})


async def save(connection: AsyncConnection, actor: Actor, draft_id: UUID, read: Callable[[Kind], Form]) -> Draft:
    """Store the form that `read` gives for the draft's kind. Raises DraftMissing, NotYourDraft, OnlyDoctors."""
    draft = await get_own(connection, actor, draft_id)
    values = {**_key(actor, draft_id), "form": Jsonb(msgspec.to_builtins(read(draft.kind)))}
    await connection.execute(sql["save_draft"], values)
    return await get(connection, actor.organization_id, draft_id)


async def get_own(connection: AsyncConnection, actor: Actor, draft_id: UUID) -> Draft:
    """Return the draft if the actor is its author. Raises DraftMissing, NotYourDraft, OnlyDoctors."""
    _must_be_doctor(actor)
    draft = await get(connection, actor.organization_id, draft_id)
    if draft.author_id != actor.employee_id:
        raise NotYourDraft
    return draft


async def prepare(connection: AsyncConnection, actor: Actor, organization: Organization, draft: Draft) -> Prepared:
    """Build the document of a draft and store the bytes that are to be signed.

    Raises DossierIncomplete, vocabulary.EntryMissing, semd's FieldRefused, DocumentTooLarge.
    """
    content = build(draft.kind, await _dossier(connection, actor, organization, draft))
    if len(content) > LARGEST:
        raise DocumentTooLarge(len(content), LARGEST)
    digest = sha256(content).digest()
    await connection.execute(sql["store_preview"], {**_key(actor, draft.id), "content": content, "sha256": digest})
    return Prepared(draft.id, draft.visit_id, draft.patient_id, draft.author_id, draft.kind.number, content, digest)


async def get_prepared(connection: AsyncConnection, actor: Actor, draft_id: UUID) -> Prepared:
    """Return the bytes last previewed. Raises DraftMissing, NotYourDraft, NotPreviewed."""
    _must_be_doctor(actor)
    async with connection.cursor(row_factory=dict_row, binary=True) as cursor:
        await cursor.execute(sql["find_draft_content"], {"organization_id": actor.organization_id, "id": draft_id})
        row = await cursor.fetchone()
    if row is None:
        raise DraftMissing
    return prepared_of(row, actor)


async def get_row_to_sign(pool: AsyncConnectionPool, actor: Actor, draft_id: UUID) -> dict[str, Any]:
    """Return a draft's row with its author and the author's position, in a transaction of its own.

    `prepared_of` and `accounts.service.employee_in` read the row. Raises DraftMissing.
    """
    _must_be_doctor(actor)
    values = {"organization_id": actor.organization_id, "id": draft_id, "positions": FORM_DICTIONARIES["position"]}
    row = await in_one_trip(pool, actor.organization_id, sql["find_draft_to_sign"], values, binary=True)
    if row is None:
        raise DraftMissing
    return row


def prepared_of(row: dict[str, Any], actor: Actor) -> Prepared:
    """Return the bytes to sign from a draft's row. Raises NotYourDraft, NotPreviewed."""
    if row["author_id"] != actor.employee_id:
        raise NotYourDraft
    if row["content"] is None:
        raise NotPreviewed
    return msgspec.convert(row, Prepared)


async def drop(pool: AsyncConnectionPool, actor: Actor, draft_id: UUID) -> None:
    """Delete a draft whose document is signed, in a transaction of its own, which a crash may undo."""
    values = {"organization_id": actor.organization_id, "id": draft_id}
    await in_one_trip(pool, actor.organization_id, sql["drop_draft"], values, may_be_lost=True)


async def _dossier(connection: AsyncConnection, actor: Actor, organization: Organization, draft: Draft) -> Dossier[Any]:
    kind, form = draft.kind, draft.form
    patient = await patients.get(connection, actor.organization_id, draft.patient_id)
    visit = await visits.get(connection, actor.organization_id, draft.visit_id)
    author = await find_employee(connection, actor.organization_id, draft.author_id)
    rows = await dictionaries.find_rows(connection, dossier.needed_rows(kind, organization, patient, author, form))
    now = dt.datetime.now().astimezone().replace(microsecond=0)
    return dossier.gather_dossier(kind, draft.id, now, organization, patient, author, visit, form, rows)


async def _drafts(connection: AsyncConnection, name: str, values: dict[str, Any]) -> list[Draft]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(sql[name], values)
        rows = await cursor.fetchall()
    return [_draft(row) for row in rows]


def _draft(row: dict[str, Any]) -> Draft:
    """Return the draft in a row. Raises KindUnknown."""
    kind = find_kind(row["kind"])
    values: dict[str, Any] = {**row, "kind": kind, "form": msgspec.convert(row["form"], kind.form)}
    return Draft(**values)


def _key(actor: Actor, draft_id: UUID) -> dict[str, Any]:
    return {"organization_id": actor.organization_id, "id": draft_id, "author_id": actor.employee_id}


def _must_be_doctor(actor: Actor) -> None:
    if actor.role != "doctor" or actor.employee_id is None:
        raise OnlyDoctors("Документы пишет и подписывает врач.", "Documents are written and signed by doctors.")
