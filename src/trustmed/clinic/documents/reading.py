"""Read the signed documents of a site, within a tenant's transaction in the documents database."""

from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import class_row, dict_row

from trustmed.clinic.documents.errors import DocumentMissing
from trustmed.clinic.documents.model import Document, Signature
from trustmed.db.queries import load

sql = load(__package__)


async def find(connection: AsyncConnection, organization_id: int, document_id: UUID) -> Document | None:
    rows = await _documents(connection, "find_document", {"organization_id": organization_id, "id": document_id})
    return rows[0] if rows else None


async def get(connection: AsyncConnection, organization_id: int, document_id: UUID) -> Document:
    """Return a document. Raises DocumentMissing, also for another organisation's document."""
    found = await find(connection, organization_id, document_id)
    if found is None:
        raise DocumentMissing
    return found


async def of_patient(connection: AsyncConnection, organization_id: int, patient_id: UUID) -> list[Document]:
    """Return the patient's documents, the newest first."""
    values = {"organization_id": organization_id, "patient_id": patient_id}
    return await _documents(connection, "documents_of_patient", values)


async def of_visit(connection: AsyncConnection, organization_id: int, visit_id: UUID) -> list[Document]:
    values = {"organization_id": organization_id, "visit_id": visit_id}
    return await _documents(connection, "documents_of_visit", values)


async def get_body(connection: AsyncConnection, organization_id: int, document_id: UUID) -> bytes:
    """Return the exact signed bytes. Raises DocumentMissing."""
    values = {"organization_id": organization_id, "document_id": document_id}
    # Binary: a body may be 20 MB, and its text form is twice as long.
    async with connection.cursor(row_factory=dict_row, binary=True) as cursor:
        await cursor.execute(sql["find_body"], values)
        row = await cursor.fetchone()
    if row is None:
        raise DocumentMissing
    return bytes(row["content"])


async def signatures(connection: AsyncConnection, organization_id: int, document_id: UUID) -> list[Signature]:
    """Return the signatures of a document, the doctor's first."""
    async with connection.cursor(row_factory=class_row(Signature)) as cursor:
        values = {"organization_id": organization_id, "document_id": document_id}
        await cursor.execute(sql["signatures_of_document"], values)
        return await cursor.fetchall()


async def _documents(connection: AsyncConnection, name: str, values: dict[str, object]) -> list[Document]:
    async with connection.cursor(row_factory=class_row(Document)) as cursor:
        await cursor.execute(sql[name], values)
        return await cursor.fetchall()
