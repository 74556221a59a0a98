"""A shard of the record as the feed finds it, to which tests bring bodies of documents."""

from collections.abc import Iterator
from hashlib import sha256
from uuid import UUID, uuid4

import msgspec
import psycopg
import pytest

from tests.fix_schema import MakeDatabase
from tests.integration.region.feed.conftest import FeedStand, drop_slot, prepare_for_feed
from trustmed.region.facts.extraction import DocumentKey
from trustmed.schema import Place


class Shard(msgspec.Struct, frozen=True):
    """`feed`: what the feed reads from; `admin`: the superuser's connection to the same database."""

    feed: FeedStand
    admin: psycopg.Connection

    def bring_body(self, content: bytes, organization_id: int = 101, patient_id: UUID | None = None) -> DocumentKey:
        """Insert the body of a document as the shard's link would."""
        key = DocumentKey(organization_id, uuid4())
        self.admin.execute(
            "insert into record.document_body (organization_id, document_id, patient_id, sha256, content)"
            " values (%s, %s, %s, %s, %s)",
            (*key, patient_id or uuid4(), sha256(content).digest(), content),
        )
        return key

    def remove(self, key: DocumentKey) -> None:
        self.admin.execute("delete from record.document_body where organization_id = %s and document_id = %s", key)

    def facts(self, key: DocumentKey) -> list[tuple]:
        """Return (ordinal, kind, code, text) of the document's facts in order."""
        return self.admin.execute(
            "select ordinal, kind, code, text from record.fact"
            " where organization_id = %s and document_id = %s order by ordinal",
            key,
        ).fetchall()

    def source(self, key: DocumentKey) -> tuple | None:
        """Return (extractor, facts, not_understood, error) of the document, or None if it was not read."""
        return self.admin.execute(
            "select extractor, facts, not_understood, error from record.fact_source"
            " where organization_id = %s and document_id = %s",
            key,
        ).fetchone()

    def make_old(self, key: DocumentKey) -> None:
        """Make it look as if an older version of the reader had read the document, and badly."""
        self.admin.execute(
            "update record.fact_source set extractor = 0 where organization_id = %s and document_id = %s", key
        )
        self.admin.execute("update record.fact set title = 'old' where organization_id = %s and document_id = %s", key)

    def count_old(self) -> int:
        """Return how many facts of an older version are left."""
        row = self.admin.execute("select count(*) from record.fact where title = 'old'").fetchone()
        return 0 if row is None else row[0]

    def connect_as_feed(self) -> psycopg.Connection:
        return psycopg.connect(self.feed.source.conninfo, autocommit=True)


@pytest.fixture
def shard(make_database: MakeDatabase) -> Iterator[Shard]:
    feed = prepare_for_feed(make_database(Place.RECORD), frozenset({Place.RECORD}))
    with feed.connect() as admin:
        yield Shard(feed, admin)
        drop_slot(admin)
