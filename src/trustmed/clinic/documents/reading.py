"""Signed documents of a site, kept and read within a tenant's transaction in the documents database."""

from typing import Any
from uuid import UUID

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg_pool import AsyncConnectionPool

from trustmed.clinic.documents.errors import DocumentMissing
from trustmed.clinic.documents.model import Document, Signature
from trustmed.clinic.work import in_one_trip, tenant
from trustmed.db.queries import load

sql = load(__package__)


async def find(connection: AsyncConnection, organization_id: int, document_id: UUID) -> Document | None:
    rows = await _documents(connection, "find_document", {"organization_id": organization_id, "id": document_id})
    return rows[0] if rows else None


async def get(connection: AsyncConnection, organization_id: int, document_id: UUID) -> Document:
    """Raises DocumentMissing, also for another organisation's document."""
    found = await find(connection, organization_id, document_id)
    if found is None:
        raise DocumentMissing
    return found


async def kept(pool: AsyncConnectionPool, values: dict[str, Any]) -> Document:
    """Keep a document with its body, signatures and event, all at once; one of this id that is there stays as it is.

    `values`: as the query `keep_document` names them. Raises DocumentMissing.
    """
    organization_id = values["organization_id"]
    row = await in_one_trip(pool, organization_id, sql["keep_document"], values)
    if row is not None:
        return msgspec.convert(row, Document)
    async with tenant(pool, organization_id) as connection:
        return await get(connection, organization_id, values["id"])


async def of_patient(connection: AsyncConnection, organization_id: int, patient_id: UUID) -> list[Document]:
    """The newest first."""
    values = {"organization_id": organization_id, "patient_id": patient_id}
    return await _documents(connection, "documents_of_patient", values)


async def of_visit(connection: AsyncConnection, organization_id: int, visit_id: UUID) -> list[Document]:
    values = {"organization_id": organization_id, "visit_id": visit_id}
    return await _documents(connection, "documents_of_visit", values)


async def body(connection: AsyncConnection, organization_id: int, document_id: UUID) -> bytes:
    """The exact signed bytes. Raises DocumentMissing."""
    values = {"organization_id": organization_id, "document_id": document_id}
    row = await (await connection.execute(sql["find_body"], values, binary=True)).fetchone()
    if row is None:
        raise DocumentMissing
    return bytes(row[0])


async def signatures(connection: AsyncConnection, organization_id: int, document_id: UUID) -> list[Signature]:
    """The doctor's first."""
    async with connection.cursor(row_factory=class_row(Signature)) as cursor:
        values = {"organization_id": organization_id, "document_id": document_id}
        await cursor.execute(sql["signatures_of_document"], values)
        return await cursor.fetchall()


async def _documents(connection: AsyncConnection, name: str, values: dict[str, object]) -> list[Document]:
    async with connection.cursor(row_factory=class_row(Document)) as cursor:
        await cursor.execute(sql[name], values)
        return await cursor.fetchall()
