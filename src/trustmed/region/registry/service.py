"""The registry's reads: a person's documents, one document, the newest registrations."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from trustmed.audit.actions import Action
from trustmed.db.async_rows import find_struct, find_structs
from trustmed.db.queries import load
from trustmed.errors import NotFound
from trustmed.hot.copies import HotCopies
from trustmed.hot.form import form_of
from trustmed.hot.protocol import realm
from trustmed.region.access.model import Access, Reader
from trustmed.region.access.service import open_reading
from trustmed.region.persons.links import links_of_person
from trustmed.region.pools import Pools
from trustmed.region.registry import cursor
from trustmed.region.registry.copies import DROP_DOCUMENTS, documents_key
from trustmed.region.registry.model import Copy, Document, Narrowing, Page, Registration
from trustmed.schema import Place

QUERIES = load(__package__)
LONGEST_PAGE: Final = 200
HOT_PAGE: Final = 50
FIRST_DAY: Final = datetime(1, 1, 1, tzinfo=UTC)
LAST_DAY: Final = datetime(9999, 12, 31, tzinfo=UTC)

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Copy).decode
_FORM = form_of(Copy)


class DocumentNotFound(NotFound):
    """This person has no such document; whether another person has it is not told."""

    def __init__(self, document_id: UUID) -> None:
        super().__init__(
            f"Документ {document_id} у этого человека не найден. Возьмите номер из списка его документов.",
            f"Document {document_id} of this person is not found. Take the id from the list of their documents.",
        )


async def document_of_person(pools: Pools, reader: Reader, person_id: UUID, document_id: UUID) -> Document:
    """Return one document of the person. Raises DocumentNotFound (recorded), PartMissing."""
    access = Access(reader, Action.REGISTRY_DOCUMENT, person_id, document_id)
    async with open_reading(pools, pools.of_place(Place.REGISTRY), access) as connection:
        values = {"person_id": person_id, "document_id": document_id}
        found = await find_struct(connection, Document, QUERIES["document_of_person"], values)
        if found is None:
            raise DocumentNotFound(document_id)
    return found


async def documents_of_person(
    pools: Pools,
    hot: HotCopies,
    reader: Reader,
    person_id: UUID,
    narrowing: Narrowing = Narrowing(),  # noqa: B008 (frozen)
    *,
    after: str | None = None,
    limit: int = HOT_PAGE,
) -> Page:
    """Return a page of the person's documents, newest first. Raises CursorRefused, PartMissing.

    The first page comes from its hot copy where there is a fresh one, made for the same patients; the reading is
    recorded, and refused, all the same.
    """
    start = _start(after, narrowing)
    access = Access(reader, Action.DOCUMENTS_LIST, person_id)
    async with open_reading(pools, pools.of_place(Place.REGISTRY), access) as connection:
        if after is None and narrowing == Narrowing() and limit <= HOT_PAGE:
            realms = (realm(DROP_DOCUMENTS, pools.of_place(Place.REGISTRY).label),)
            return await _first_page(connection, hot, realms, person_id, limit)
        return await _page(connection, person_id, narrowing, start, min(limit, LONGEST_PAGE))


async def _first_page(
    connection: AsyncConnection, hot: HotCopies, realms: Sequence[str], person_id: UUID, limit: int
) -> Page:
    patients = await links_of_person(connection, person_id)
    start = cursor.Cursor(LAST_DAY, UUID(int=0))

    async def read() -> bytes:
        return _encode(Copy(patients, await _page(connection, person_id, Narrowing(), start, HOT_PAGE)))

    copy = _decode(await hot.fill(documents_key(person_id), read, realms, _FORM))
    if copy.patients != patients:
        copy = _decode(await read())
    return copy.page if len(copy.page.documents) <= limit else _cut_page(copy.page.documents, limit)


def _start(after: str | None, narrowing: Narrowing) -> cursor.Cursor:
    """Return where a page starts: after the last document given out, and never after the bound of the filter."""
    bound = cursor.Cursor(narrowing.before or LAST_DAY, UUID(int=0))
    if not after:
        return bound
    given = cursor.decode_cursor(after)
    return given if given.created_at < bound.created_at else bound


def _cut_page(found: tuple[Document, ...], limit: int) -> Page:
    return Page(found[:limit], cursor.cursor_of(found[limit - 1]) if len(found) > limit else None)


async def newest(pools: Pools, limit: int, organization_id: int | None = None) -> tuple[Registration, ...]:
    """Return the newest registrations of the region or of one organisation. Raises PartMissing."""
    query = QUERIES["newest"] if organization_id is None else QUERIES["newest_of"]
    async with pools.connection(pools.of_place(Place.REGISTRY)) as connection:
        values = {"limit": limit, "organization_id": organization_id}
        return tuple(await find_structs(connection, Registration, query, values))


async def about_how_many(pools: Pools) -> int:
    """Return about how many documents are registered, by the server's statistics. Raises PartMissing."""
    async with pools.connection(pools.of_place(Place.REGISTRY)) as connection:
        row = await (await connection.execute(QUERIES["about_how_many"])).fetchone()
    return row[0] if row else 0


async def _page(
    connection: AsyncConnection, person_id: UUID, narrowing: Narrowing, start: cursor.Cursor, limit: int
) -> Page:
    values = {
        "person_id": person_id,
        "kind": narrowing.kind,
        "since": narrowing.since or FIRST_DAY,
        "before": start.created_at,
        "before_id": start.id,
        "limit": limit + 1,
    }
    found = tuple(await find_structs(connection, Document, QUERIES["documents_of_person"], values))
    return _cut_page(found, limit)
