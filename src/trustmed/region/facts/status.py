"""Tell how many documents of each shard have been read for facts."""

import datetime as dt
from uuid import UUID

import msgspec
import psycopg
from psycopg.rows import class_row, dict_row

from trustmed.errors import TrustMedError
from trustmed.region.facts.extraction import QUERIES
from trustmed.schema import Place
from trustmed.semd.facts.extraction import EXTRACTOR
from trustmed.topology.connect import connect
from trustmed.topology.file.spec import Database, Topology


class Failed(msgspec.Struct, frozen=True):
    """A document that could not be read; `error` in Russian and, on the next line, in English."""

    organization_id: int
    document_id: UUID
    at: dt.datetime
    error: str


class ShardState(msgspec.Struct, frozen=True):
    """How many documents of a shard there are, were read by the current version, by an older one, failed; their facts.

    `error_ru`, `error_en`: why the shard could not be asked.
    """

    shard: str
    documents: int = 0
    extracted: int = 0
    older: int = 0
    failed: int = 0
    facts: int = 0
    not_understood: int = 0
    latest_failures: tuple[Failed, ...] = ()
    error_ru: str | None = None
    error_en: str | None = None

    @property
    def waiting(self) -> int:
        """Documents that no version of the reader has read yet."""
        return max(0, self.documents - self.extracted - self.older - self.failed)


def shards(topology: Topology) -> tuple[Database, ...]:
    """Return the region's databases that hold bodies of documents."""
    return tuple(one for one in topology.databases() if one.site is None and Place.RECORD in one.places)


def status(topology: Topology, failures: int = 3) -> tuple[ShardState, ...]:
    """Return the state of every shard, with its latest `failures`. A shard that is down has its error in the state."""
    return tuple(_state(topology, shard, failures) for shard in shards(topology))


def _state(topology: Topology, shard: Database, failures: int) -> ShardState:
    try:
        with connect(topology, shard, "trustmed_feed", "record status") as connection:
            with connection.cursor(row_factory=dict_row) as rows:
                counts = rows.execute(QUERIES["census"], {"extractor": EXTRACTOR}).fetchone() or {}
            with connection.cursor(row_factory=class_row(Failed)) as rows:
                failed = rows.execute(QUERIES["latest_failures"], {"count": failures}).fetchall()
    except TrustMedError as error:
        return ShardState(shard.label, error_ru=error.ru, error_en=error.en)
    except psycopg.Error as error:
        words = str(error).strip()
        return ShardState(shard.label, error_ru=words, error_en=words)
    return ShardState(shard.label, **counts, latest_failures=tuple(failed))
