"""Reading facts out of bodies of documents: durably, each document whole or not at all, as often as one likes."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple
from uuid import UUID

import msgspec
import psycopg
import structlog

from trustmed.db.arrays import array_literal
from trustmed.db.queries import load
from trustmed.errors import TrustMedError
from trustmed.semd.facts.extraction import EXTRACTOR, Extracted, Fact, facts

QUERIES = load(__package__)
BATCH: Final = 50
MOST_BYTES: Final = 16 << 20
"""Of bodies in memory at a time; a body larger than that comes alone."""

log = structlog.get_logger("trustmed.region.facts")

Extract = Callable[[bytes], Extracted]


class DocumentKey(NamedTuple):
    organization_id: int
    document_id: UUID


class Source(msgspec.Struct, frozen=True):
    """A document that was read; `error` if it gave nothing, in both languages."""

    organization_id: int
    document_id: UUID
    patient_id: UUID
    facts: int = 0
    not_understood: int = 0
    error: str | None = None
    extractor: int = EXTRACTOR


class Done(NamedTuple):
    """How many documents were read, and how many of them gave nothing for an error."""

    documents: int = 0
    failed: int = 0

    def __or__(self, other: "Done") -> "Done":
        return Done(self.documents + other.documents, self.failed + other.failed)


class _Read(NamedTuple):
    source: Source
    facts: tuple[Fact, ...] = ()


def extract(connection: psycopg.Connection, keys: Iterable[DocumentKey], extract: Extract = facts) -> Done:
    """Read these documents and keep their facts instead of those kept before. Raises psycopg.Error.

    Of a document that is no more the facts are dropped. One that cannot be read, or whose facts cannot be kept, is
    recorded with its error and holds nothing up. `connection` is to a shard as trustmed_feed, in autocommit.
    """
    ordered, done = iter(sorted(set(keys))), Done()
    while batch := list(islice(ordered, BATCH)):
        there = connection.execute(QUERIES["sizes"], arrays(batch)).fetchall()
        sizes = {DocumentKey(*row[:2]): int(row[2]) for row in there}
        _forget(connection, [key for key in batch if key not in sizes])
        for portion in _portions(sizes):
            rows = connection.execute(QUERIES["bodies"], arrays(portion), binary=True).fetchall()
            done |= _keep(connection, [_read(extract, DocumentKey(*row[:2]), row[2], bytes(row[3])) for row in rows])
    return done


def arrays(keys: Sequence[DocumentKey]) -> dict[str, str]:
    return {
        "organizations": array_literal(key.organization_id for key in keys),
        "documents": array_literal(key.document_id for key in keys),
    }


def _portions(sizes: dict[DocumentKey, int]) -> Iterator[list[DocumentKey]]:
    portion: list[DocumentKey] = []
    total = 0
    for key, size in sizes.items():
        if portion and total + size > MOST_BYTES:
            yield portion
            portion, total = [], 0
        portion.append(key)
        total += size
    if portion:
        yield portion


def _read(extract: Extract, key: DocumentKey, patient_id: UUID, content: bytes) -> _Read:
    try:
        found = extract(content)
    except TrustMedError as error:
        return _Read(Source(*key, patient_id, error=f"{error.ru}\n{error.en}"))
    except Exception as error:  # whatever one document does to the reader, the others must come in
        log.exception("document_not_read", organization_id=key.organization_id, document_id=str(key.document_id))
        return _Read(Source(*key, patient_id, error=_not_read(error)))
    return _Read(Source(*key, patient_id, len(found.facts), found.not_understood), found.facts)


def _keep(connection: psycopg.Connection, read: Sequence[_Read]) -> Done:
    try:
        _write(connection, read)
    except (psycopg.DataError, psycopg.IntegrityError, psycopg.errors.ProgramLimitExceeded) as error:
        if len(read) > 1:  # which of them was it?
            done = Done()
            for one in read:
                done |= _keep(connection, [one])
            return done
        source = read[0].source
        log.warning("facts_not_kept", document_id=str(source.document_id), error=str(error).strip())
        named = Source(source.organization_id, source.document_id, source.patient_id, error=_not_read(error))
        _write(connection, [_Read(named)])
        return Done(1, 1)
    return Done(len(read), sum(one.source.error is not None for one in read))


def _write(connection: psycopg.Connection, read: Sequence[_Read]) -> None:
    keys = [DocumentKey(one.source.organization_id, one.source.document_id) for one in read]
    sources = msgspec.json.encode([one.source for one in read]).decode()
    rows = msgspec.json.encode([row for one in read for row in _rows(one)]).decode()
    with connection.transaction():
        connection.execute(QUERIES["keep_sources"], {"sources": sources})
        connection.execute(QUERIES["drop_facts"], arrays(keys))
        connection.execute(QUERIES["keep_facts"], {"facts": rows})


def _rows(read: _Read) -> Iterator[dict[str, object]]:
    source = read.source
    for ordinal, fact in enumerate(read.facts, start=1):
        yield {
            "organization_id": source.organization_id,
            "document_id": source.document_id,
            "patient_id": source.patient_id,
            "ordinal": ordinal,
            **msgspec.structs.asdict(fact),
        }


def _forget(connection: psycopg.Connection, keys: Sequence[DocumentKey]) -> None:
    if keys:
        with connection.transaction():
            connection.execute(QUERIES["drop_sources"], arrays(keys))
            connection.execute(QUERIES["drop_facts"], arrays(keys))


def _not_read(error: Exception) -> str:
    words = f"{type(error).__name__}: {error}".strip().replace("\x00", "")
    return (
        f"Документ не разобран: {words}. Сообщите разработчикам; сам документ цел и выдаётся.\n"
        f"The document was not read: {words}. Tell the developers; the document itself is whole and is given out."
    )
