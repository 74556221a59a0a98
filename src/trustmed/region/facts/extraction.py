"""Read facts out of the bodies of documents durably: each document whole or not at all. Reading again is harmless."""

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
from trustmed.outline import outline_with_place
from trustmed.semd.facts.extraction import EXTRACTOR, facts
from trustmed.semd.facts.model import Extracted, Fact

QUERIES = load(__package__)
BATCH: Final = 50
MOST_BYTES: Final = 16 << 20
"""How many bytes of bodies are in memory at a time; a larger body is read alone."""

log = structlog.get_logger("trustmed.region.facts")

Extract = Callable[[bytes], Extracted]


class DocumentKey(NamedTuple):
    organization_id: int
    document_id: UUID


class FactSource(msgspec.Struct, frozen=True):
    """A document that was read; `error`, in both languages, if no facts could be read from it."""

    organization_id: int
    document_id: UUID
    patient_id: UUID
    facts: int = 0
    not_understood: int = 0
    error: str | None = None
    extractor: int = EXTRACTOR


class Done(NamedTuple):
    """How many documents were read, and how many of these failed."""

    documents: int = 0
    failed: int = 0

    def __or__(self, other: "Done") -> "Done":
        return Done(self.documents + other.documents, self.failed + other.failed)


class _Extraction(NamedTuple):
    source: FactSource
    facts: tuple[Fact, ...] = ()


def extract_facts(connection: psycopg.Connection, keys: Iterable[DocumentKey], extract: Extract = facts) -> Done:
    """Read these documents and store their facts in place of the former ones. Raises psycopg.Error.

    The facts of a document that no longer exists are deleted. A document that cannot be read, or whose facts cannot be
    stored, is recorded with its error and does not hold up the others.
    `connection` is to a shard as trustmed_feed, in autocommit.
    """
    ordered, done = iter(sorted(set(keys))), Done()
    while batch := list(islice(ordered, BATCH)):
        there = connection.execute(QUERIES["sizes"], arrays(batch)).fetchall()
        sizes = {DocumentKey(organization_id, document_id): size for organization_id, document_id, size in there}
        _delete_facts(connection, [key for key in batch if key not in sizes])
        for portion in _portions(sizes):
            rows = connection.execute(QUERIES["bodies"], arrays(portion), binary=True).fetchall()
            read = [
                _read(extract, DocumentKey(organization_id, document_id), patient_id, bytes(content))
                for organization_id, document_id, patient_id, content in rows
            ]
            done |= _store(connection, read)
    return done


def arrays(keys: Sequence[DocumentKey]) -> dict[str, str]:
    """Return the parameters by which queries take documents: `organizations` and `documents`, in the same order."""
    return {
        "organizations": array_literal(key.organization_id for key in keys),
        "documents": array_literal(key.document_id for key in keys),
    }


def _portions(sizes: dict[DocumentKey, int]) -> Iterator[list[DocumentKey]]:
    """Split documents into lists whose bodies together fit MOST_BYTES."""
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


def _read(extract: Extract, key: DocumentKey, patient_id: UUID, content: bytes) -> _Extraction:
    try:
        found = extract(content)
    except TrustMedError as error:
        return _Extraction(FactSource(*key, patient_id, error=f"{error.ru}\n{error.en}"))
    except Exception as error:  # one document that breaks the reader must not keep the others out
        log.exception("document_not_read", organization_id=key.organization_id, document_id=str(key.document_id))
        return _Extraction(FactSource(*key, patient_id, error=_failure_words(error)))
    return _Extraction(FactSource(*key, patient_id, len(found.facts), found.not_understood), found.facts)


def _store(connection: psycopg.Connection, read: Sequence[_Extraction]) -> Done:
    try:
        _write(connection, read)
    except (psycopg.DataError, psycopg.IntegrityError, psycopg.errors.ProgramLimitExceeded) as error:
        if len(read) > 1:  # store one by one: only the document at fault is to fail
            done = Done()
            for one in read:
                done |= _store(connection, [one])
            return done
        source = read[0].source
        log.warning("facts_not_kept", document_id=str(source.document_id), error=error)
        failed = FactSource(source.organization_id, source.document_id, source.patient_id, error=_failure_words(error))
        _write(connection, [_Extraction(failed)])
        return Done(1, 1)
    return Done(len(read), sum(one.source.error is not None for one in read))


def _write(connection: psycopg.Connection, read: Sequence[_Extraction]) -> None:
    keys = [DocumentKey(one.source.organization_id, one.source.document_id) for one in read]
    sources = msgspec.json.encode([one.source for one in read]).decode()
    rows = msgspec.json.encode([row for one in read for row in _rows(one)]).decode()
    with connection.transaction():
        connection.execute(QUERIES["store_sources"], {"sources": sources})
        connection.execute(QUERIES["drop_facts"], arrays(keys))
        connection.execute(QUERIES["store_facts"], {"facts": rows})


def _rows(read: _Extraction) -> Iterator[dict[str, object]]:
    source = read.source
    for ordinal, fact in enumerate(read.facts, start=1):
        yield {
            "organization_id": source.organization_id,
            "document_id": source.document_id,
            "patient_id": source.patient_id,
            "ordinal": ordinal,
            **msgspec.structs.asdict(fact),
        }


def _delete_facts(connection: psycopg.Connection, keys: Sequence[DocumentKey]) -> None:
    if keys:
        with connection.transaction():
            connection.execute(QUERIES["drop_sources"], arrays(keys))
            connection.execute(QUERIES["drop_facts"], arrays(keys))


def _failure_words(error: Exception) -> str:
    words = outline_with_place(error)
    return (
        f"Документ не разобран: {words}. Сообщите разработчикам; сам документ цел и выдаётся.\n"
        f"The document was not read: {words}. Tell the developers; the document itself is whole and is given out."
    )
