"""The effect that reads coded facts out of documents as their bodies arrive at a shard."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from trustmed.feed.changes import Change
from trustmed.feed.effect import Effect, Surroundings
from trustmed.region.facts.extraction import DocumentKey, extract_facts
from trustmed.region.facts.load import extract_all, extract_some
from trustmed.schema import Place
from trustmed.wal.values import Row


def _extract(surroundings: Surroundings, changes: Sequence[Change]) -> None:
    extract_facts(
        surroundings.connection, [_document_key(row) for one in changes if (row := one.new or one.old) is not None]
    )


def _extract_all(surroundings: Surroundings) -> None:
    extract_all(surroundings.connection)


def _extract_some(surroundings: Surroundings) -> None:
    extract_some(surroundings.connection)


def _document_key(row: Row) -> DocumentKey:
    organization_id, document_id = row["organization_id"], row["document_id"]
    if not isinstance(organization_id, int) or not isinstance(document_id, UUID):
        raise TypeError("organization_id and document_id are not of the expected types")
    return DocumentKey(organization_id, document_id)


EXTRACT_FACTS: Final = Effect(
    "extract_facts",
    Place.RECORD,
    frozenset({"record.document_body"}),
    _extract,
    _extract_all,
    _extract_some,
)
