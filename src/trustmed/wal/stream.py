"""Read one logical slot over the replication protocol (COPY_BOTH): messages come in, confirmations go out."""

import select
import struct
import time
from collections.abc import Generator
from contextlib import contextmanager

import msgspec
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from trustmed.errors import Broken, Unavailable
from trustmed.wal.values import TEXT_SETTINGS

_POSTGRES_EPOCH_SECONDS = 946_684_800  # 2000-01-01 UTC, from which the protocol counts its microseconds
_DATA = struct.Struct(">QQq")
_KEEPALIVE = struct.Struct(">QqB")
_STATUS = struct.Struct(">cQQQqB")


class SourceLost(Unavailable):
    """The source's server went away or refuses our connection."""


class SlotBusy(Unavailable):
    """Another reader holds the slot."""


class SlotMissing(Broken):
    """The slot is not there: the feed of this database was never set up, or somebody dropped the slot."""


class SlotLost(Broken):
    """The server invalidated the slot: the changes it kept are gone."""


class Data(msgspec.Struct, frozen=True):
    """One message of the output plugin."""

    payload: bytes


class Keepalive(msgspec.Struct, frozen=True):
    """The server has sent all that was committed before `wal_end`."""

    wal_end: int
    reply_wanted: bool


class SlotStream:
    """A slot that is being read, by one thread only. `open_stream` makes it."""

    def __init__(self, connection: psycopg.Connection, source: str) -> None:
        self.source = source
        self._connection = connection
        self._poll = select.poll()
        self._poll.register(connection.fileno(), select.POLLIN)
        self._received = 0

    def receive(self, timeout: float) -> Data | Keepalive | None:
        """Return the next message, or None if none came within `timeout` seconds. Raises SourceLost, SlotLost."""
        with _translated_errors(self.source):
            return self._receive(timeout)

    def confirm(self, flushed: int, *, reply_wanted: bool = False) -> None:
        """Tell the server that everything before `flushed` is stored for good: it may delete that part of its log."""
        now = int((time.time() - _POSTGRES_EPOCH_SECONDS) * 1_000_000)
        received = max(self._received, flushed)
        with _translated_errors(self.source):
            self._connection.pgconn.put_copy_data(
                _STATUS.pack(b"r", received, flushed, flushed, now, int(reply_wanted))
            )
            self._connection.pgconn.flush()

    def _receive(self, timeout: float) -> Data | Keepalive | None:
        pgconn = self._connection.pgconn
        deadline = time.monotonic() + timeout
        while True:
            length, data = pgconn.get_copy_data(1)
            if length > 0:
                return self._message(bytes(data))
            if length == -1:  # the server ended the copy
                result = pgconn.get_result()
                detail = result.error_message.decode(errors="replace").strip() if result else ""
                raise _stream_ended_error(self.source, detail)
            remaining = deadline - time.monotonic()
            if remaining < 0 or not self._poll.poll(remaining * 1000):
                return None
            pgconn.consume_input()

    def _message(self, data: bytes) -> Data | Keepalive:
        if data[:1] == b"w":
            start, _wal_end, _sent = _DATA.unpack_from(data, 1)
            self._received = max(self._received, start)
            return Data(data[1 + _DATA.size :])
        wal_end, _sent, wanted = _KEEPALIVE.unpack_from(data, 1)
        self._received = max(self._received, wal_end)
        return Keepalive(wal_end, bool(wanted))


@contextmanager
def open_stream(conninfo: str, source: str, slot: str, publication: str) -> Generator[SlotStream]:
    """Read `slot` from the position last confirmed, including changes that came from other servers (origin `any`).

    Streaming of transactions in progress is not asked for (see `pgoutput`).
    Raises SourceLost, SlotBusy, SlotMissing, SlotLost.
    """
    # 0/0 means the position the slot was confirmed to: the server never starts before it.
    start = sql.SQL(
        "START_REPLICATION SLOT {} LOGICAL 0/0"
        " (proto_version '4', publication_names {}, messages 'false', origin 'any')"
    ).format(sql.Identifier(slot), sql.Literal(f'"{publication}"'))
    with _translated_errors(source):
        connection = psycopg.connect(
            make_conninfo(conninfo, replication="database", options=TEXT_SETTINGS), autocommit=True
        )
    try:
        with _translated_errors(source):
            connection.execute(start)
        yield SlotStream(connection, source)
    finally:
        # Just drop the connection: to end COPY_BOTH politely takes several messages, and the server needs none of them.
        connection.pgconn.finish()


@contextmanager
def _translated_errors(source: str) -> Generator[None]:
    """Turn psycopg's errors into this module's, which name the source."""
    try:
        yield
    except psycopg.errors.ObjectInUse as error:
        raise SlotBusy(
            f"Ленту {source} уже читает другой процесс: {_one_line(error)}. Второй не нужен и ждёт, пока тот закончит.",
            f"Another process reads the feed of {source}: {_one_line(error)}. One is enough; this one waits.",
        ) from error
    except psycopg.errors.UndefinedObject as error:
        raise SlotMissing(
            f"В {source} нет слота или публикации ленты: {_one_line(error)}. Выполните trustmed topology apply.",
            f"{source} lacks the feed's slot or publication: {_one_line(error)}. Run trustmed topology apply.",
        ) from error
    except psycopg.errors.ObjectNotInPrerequisiteState as error:
        raise slot_lost_error(source, _one_line(error)) from error
    except (psycopg.OperationalError, psycopg.InterfaceError, OSError) as error:
        raise _source_lost_error(source, _one_line(error)) from error


def slot_lost_error(source: str, why: str) -> SlotLost:
    """Return the error for a slot that the server has invalidated."""
    return SlotLost(
        f"Слот ленты {source} потерян: {why}. Выполните trustmed topology apply: он создаст новый, лента наверстает.",
        f"The feed's slot of {source} is lost: {why}. Run trustmed topology apply: the feed then catches up.",
    )


def _stream_ended_error(source: str, detail: str) -> Broken | Unavailable:
    if "publication" in detail and "does not exist" in detail:
        return SlotMissing(
            f"В {source} нет публикации ленты: {detail}. Выполните trustmed topology apply.",
            f"{source} lacks the feed's publication: {detail}. Run trustmed topology apply.",
        )
    return _source_lost_error(source, detail or "the server ended the stream")


def _source_lost_error(source: str, why: str) -> SourceLost:
    return SourceLost(
        f"Связь с {source} потеряна: {why}. Лента переподключится сама.",
        f"The connection to {source} is lost: {why}. The feed reconnects by itself.",
    )


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())


def parse_lsn(text: str) -> int:
    """Return the number of bytes that an LSN as the server prints it ("16/B374D848") stands for."""
    high, low = text.split("/")
    return int(high, 16) << 32 | int(low, 16)


def format_lsn(lsn: int) -> str:
    """Return the LSN as the server prints it."""
    return f"{lsn >> 32:X}/{lsn & 0xFFFFFFFF:X}"
