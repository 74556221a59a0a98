"""What a portal asks for a citizen. Of somebody whom no card of the region names there are no documents."""

from uuid import UUID

from trustmed.audit.actions import Action
from trustmed.hot.copies import HotCopies
from trustmed.region.access.model import Access
from trustmed.region.access.service import note_refusal
from trustmed.region.citizens.admission import Admitted
from trustmed.region.pools import Pools
from trustmed.region.record.model import Body, Signature
from trustmed.region.record.service import body_of, signature_of, signatures_of
from trustmed.region.registry.model import Document, Narrowing, Page
from trustmed.region.registry.service import (
    DocumentNotFound,
    document_of_person,
    documents_of_person,
)
from trustmed.schema import Place


async def documents(
    pools: Pools, hot: HotCopies, asked: Admitted, narrowing: Narrowing, after: str | None, limit: int
) -> Page:
    """Return a page of the person's documents; an empty one of an unknown person. Raises CursorRefused, PartMissing."""
    if asked.person_id is None:
        access = Access(asked.reader, Action.DOCUMENTS_LIST, None)
        await note_refusal(pools, pools.of_place(Place.REGISTRY), access, "not_found", "PersonUnknown")
        return Page(())
    return await documents_of_person(pools, hot, asked.reader, asked.person_id, narrowing, after=after, limit=limit)


async def document(pools: Pools, asked: Admitted, document_id: UUID) -> Document:
    """Return the metadata of one of the person's documents. Raises DocumentNotFound, PartMissing."""
    return (await _found(pools, asked, document_id))[1]


async def content(pools: Pools, asked: Admitted, document_id: UUID) -> Body:
    """Return the exact bytes. Raises DocumentNotFound, StillInTransit, BodyDiffers, PartMissing."""
    person_id, found = await _found(pools, asked, document_id)
    return await body_of(pools, asked.reader, person_id, found)


async def signatures(pools: Pools, asked: Admitted, document_id: UUID) -> tuple[Signature, ...]:
    """Return all signatures. Raises DocumentNotFound, StillInTransit, PartMissing."""
    person_id, found = await _found(pools, asked, document_id)
    return await signatures_of(pools, asked.reader, person_id, found)


async def signature(pools: Pools, asked: Admitted, document_id: UUID, number: int) -> Signature:
    """Return one signature, counted from one. Raises SignatureMissing besides what `signatures` raises."""
    person_id, found = await _found(pools, asked, document_id)
    return await signature_of(pools, asked.reader, person_id, found, number)


async def _found(pools: Pools, asked: Admitted, document_id: UUID) -> tuple[UUID, Document]:
    if asked.person_id is None:
        access = Access(asked.reader, Action.REGISTRY_DOCUMENT, None, document_id)
        await note_refusal(pools, pools.of_place(Place.REGISTRY), access, "not_found", "PersonUnknown")
        raise DocumentNotFound(document_id)
    return asked.person_id, await document_of_person(pools, asked.reader, asked.person_id, document_id)
