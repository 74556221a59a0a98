"""Bodies and signatures under the policy of person and ground; bytes go out only when they are the registered ones."""

from hashlib import sha256
from typing import ClassVar
from uuid import UUID

import structlog

from trustmed.audit.actions import Action
from trustmed.db.async_rows import find_structs
from trustmed.db.queries import load
from trustmed.errors import Broken, NotFound
from trustmed.region.access.model import Access, Reader
from trustmed.region.access.service import open_reading
from trustmed.region.pools import Pools
from trustmed.region.record.model import Body, Signature
from trustmed.region.registry.model import Document

QUERIES = load(__package__)
log = structlog.get_logger()


class StillInTransit(NotFound):
    """The registry knows the document; its shard does not have this part of it yet."""

    status: ClassVar[int] = 409
    retry_after_seconds: ClassVar[int] = 2

    def __init__(self, document_id: UUID) -> None:
        super().__init__(
            f"Документ {document_id} зарегистрирован, но ещё передаётся из медицинской организации. "
            "Повторите запрос через несколько секунд.",
            f"Document {document_id} is registered and is still on its way from the medical organisation. "
            "Repeat the request in a few seconds.",
        )


class BodyDiffers(Broken):
    """The stored bytes differ from what the registry names; they are not given out."""

    def __init__(self, document_id: UUID, shard: str) -> None:
        super().__init__(
            f"Содержимое документа {document_id} на шарде «{shard}» не совпадает с контрольной суммой реестра и не "
            "выдаётся. Сообщите инженеру региона: нужна сверка шарда с площадкой.",
            f"The content of document {document_id} on shard {shard!r} does not match the registry's checksum and is "
            "not given out. Tell the region's engineer: the shard must be compared with the site.",
        )


class SignatureMissing(NotFound):
    """The document has fewer signatures than was asked for."""

    def __init__(self, number: int, count: int) -> None:
        super().__init__(
            f"Подписи № {number} нет: у документа подписей — {count}, счёт с единицы.",
            f"There is no signature {number}: the document has {count}, counted from one.",
        )


async def body_of(pools: Pools, reader: Reader, person_id: UUID, document: Document) -> Body:
    """Return the document's exact bytes. Raises StillInTransit, BodyDiffers, PartMissing (names the shard)."""
    access = Access(reader, Action.RECORD_BODY, person_id, document.id)
    shard = pools.shard_of(document.organization_id)
    async with open_reading(pools, shard, access) as connection:
        # Binary: as text the bytes would travel, and be held, twice over.
        row = await (await connection.execute(QUERIES["body"], _key(document), binary=True)).fetchone()
        if row is None:
            raise StillInTransit(document.id)
        stored_digest, content = map(bytes, row)
        if not sha256(content).digest() == stored_digest == document.sha256:
            log.error("body_differs", document_id=str(document.id), shard=shard.label)
            raise BodyDiffers(document.id, shard.label)
    return Body(content, document.media_type, document.sha256)


async def signatures_of(pools: Pools, reader: Reader, person_id: UUID, document: Document) -> tuple[Signature, ...]:
    """Return all signatures of the document, in a stable order. Raises StillInTransit, PartMissing."""
    access = Access(reader, Action.RECORD_SIGNATURES, person_id, document.id)
    shard = pools.shard_of(document.organization_id)
    async with open_reading(pools, shard, access) as connection:
        found = tuple(await find_structs(connection, Signature, QUERIES["signatures"], _key(document)))
        if len(found) < document.signature_count:
            raise StillInTransit(document.id)
    return found


async def signature_of(pools: Pools, reader: Reader, person_id: UUID, document: Document, number: int) -> Signature:
    """Return signature `number`, counted from one. Raises SignatureMissing besides what `signatures_of` raises."""
    found = await signatures_of(pools, reader, person_id, document)
    if not 1 <= number <= len(found):
        raise SignatureMissing(number, len(found))
    return found[number - 1]


def _key(document: Document) -> dict[str, object]:
    return {"organization_id": document.organization_id, "document_id": document.id}
