"""The state of the feed for people: the position of each consumer, what holds it up, what to do about it."""

import datetime as dt

import msgspec
import psycopg
from psycopg.rows import class_row

from trustmed.db.queries import load
from trustmed.errors import TrustMedError
from trustmed.topology.connect import connect
from trustmed.topology.file.spec import Database, Topology
from trustmed.topology.watched import FEED_SLOT

QUERIES = load(__package__)


class ConsumerState(msgspec.Struct, frozen=True):
    """A consumer. `lsn`: every change committed before it had its effect at `at`; `behind_bytes`: of WAL."""

    consumer: str
    lsn: str
    at: dt.datetime
    changes: int
    last_error: str | None
    last_error_at: dt.datetime | None
    behind_bytes: int
    parked: int
    parked_error: str | None

    @property
    def healthy(self) -> bool:
        return self.last_error is None and not self.parked


class SlotState(msgspec.Struct, frozen=True):
    """The feed's slot. `behind_bytes`: WAL that the feed has not confirmed."""

    active: bool
    behind_bytes: int
    invalidation_reason: str


class SourceState(msgspec.Struct, frozen=True):
    """A database of the region. `error_ru`, `error_en`: why it could not be asked."""

    source: str
    slot: SlotState | None
    consumers: tuple[ConsumerState, ...]
    error_ru: str | None
    error_en: str | None
    next_action_ru: str
    next_action_en: str

    @property
    def healthy(self) -> bool:
        reading = self.slot is not None and self.slot.active and not self.slot.invalidation_reason
        return reading and self.error_ru is None and all(one.healthy for one in self.consumers)


def status(topology: Topology) -> tuple[SourceState, ...]:
    """Return the state of every source. A source that cannot be asked has an error; nothing is raised."""
    return tuple(_source_state(topology, database) for database in topology.watched_databases())


def retry_parked(topology: Topology, consumer: str | None) -> int:
    """Let the feed try parked changes, of one consumer or of all, now; return how many. Raises ServerUnreachable."""
    count = 0
    for database in topology.watched_databases():
        with connect(topology, database, "trustmed_feed", "feed-retry") as connection:
            count += connection.execute(QUERIES["retry_parked"], {"consumer": consumer}).rowcount
    return count


def _source_state(topology: Topology, database: Database) -> SourceState:
    try:
        with connect(topology, database, "trustmed_monitor", "feed-status") as connection:
            with connection.cursor(row_factory=class_row(SlotState)) as cursor:
                slot = cursor.execute(QUERIES["status_slot"], {"slot": FEED_SLOT}).fetchone()
            with connection.cursor(row_factory=class_row(ConsumerState)) as cursor:
                consumers = tuple(cursor.execute(QUERIES["status_positions"]).fetchall())
    except TrustMedError as error:
        return SourceState(database.label, None, (), error.ru, error.en, *_UNREACHABLE)
    except psycopg.Error as error:
        words = str(error).strip()
        return SourceState(database.label, None, (), words, words, *_UNREACHABLE)
    return SourceState(database.label, slot, consumers, None, None, *_next_action(slot, consumers))


_UNREACHABLE = ("Запустите сервер; лента подключится сама.", "Start the server; the feed connects by itself.")
_NOTHING = ("Ничего не нужно.", "Nothing to do.")
_NO_SLOT = ("Выполните trustmed topology apply.", "Run trustmed topology apply.")
_NOT_RUNNING = ("Запустите trustmed region feed.", "Start trustmed region feed.")
_PARKED = (
    "Устраните причину, по которой изменения отложены, и выполните trustmed region feed-retry.",
    "Remove what made the parked changes fail, and run trustmed region feed-retry.",
)
_FAILING = (
    "Выполните указанное в тексте ошибки; лента повторит попытку сама.",
    "Do what the error says; the feed retries by itself.",
)


def _next_action(slot: SlotState | None, consumers: tuple[ConsumerState, ...]) -> tuple[str, str]:
    if slot is None or slot.invalidation_reason:
        return _NO_SLOT
    if any(one.last_error for one in consumers):
        return _FAILING
    if not slot.active:
        return _NOT_RUNNING
    return _PARKED if any(one.parked for one in consumers) else _NOTHING
