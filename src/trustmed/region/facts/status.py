"""How the facts of each shard stand, for people."""

import datetime as dt
from uuid import UUID

import msgspec
import psycopg

from trustmed.errors import TrustMedError
from trustmed.region.facts.extraction import QUERIES
from trustmed.schema import Place
from trustmed.semd.facts.extraction import EXTRACTOR
from trustmed.topology.connect import connect
from trustmed.topology.file.spec import Database, Topology


class Failed(msgspec.Struct, frozen=True):
    """A document that gave nothing; `error` in Russian and, on the next line, English."""

    organization_id: int
    document_id: UUID
    at: dt.datetime
    error: str


class ShardState(msgspec.Struct, frozen=True):
    """Documents of a shard: all, read by the current version of the reader, by an older one, failed; what they gave.

    `error_ru`, `error_en` if the shard could not be asked.
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
        """Documents that nobody has read yet."""
        return max(0, self.documents - self.extracted - self.older - self.failed)


def shards(topology: Topology) -> tuple[Database, ...]:
    """The region's databases that hold bodies of documents."""
    return tuple(one for one in topology.databases() if one.site is None and Place.RECORD in one.places)


def status(topology: Topology, failures: int = 3) -> tuple[ShardState, ...]:
    """The state of every shard, with its latest `failures`. What cannot be asked is told, not raised."""
    return tuple(_state(topology, shard, failures) for shard in shards(topology))


def _state(topology: Topology, shard: Database, failures: int) -> ShardState:
    try:
        with connect(topology, shard, "trustmed_feed", "record status") as connection:
            row = connection.execute(QUERIES["census"], {"extractor": EXTRACTOR}).fetchone() or (0,) * 6
            failed = connection.execute(QUERIES["latest_failures"], {"count": failures}).fetchall()
    except TrustMedError as error:
        return ShardState(shard.label, error_ru=error.ru, error_en=error.en)
    except psycopg.Error as error:
        words = str(error).strip()
        return ShardState(shard.label, error_ru=words, error_en=words)
    return ShardState(shard.label, *row, latest_failures=tuple(Failed(*one) for one in failed))
