"""Wait until transactions are visible. A change may be read from the WAL before its transaction can be seen: the commit
record goes to disk first, with a synchronous standby long before. An effect that ran too early would find nothing in
the tables, and would not run again.
"""

import time
from collections.abc import Collection

import psycopg

from trustmed.db.rows import find_value
from trustmed.errors import Unavailable
from trustmed.feed.positions import QUERIES

PATIENCE_SECONDS = 5.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.0005, 0.05
_SPAN = 1 << 32  # the stream has the lower 32 bits of a transaction's number, a snapshot all 64


class NotVisibleYet(Unavailable):
    """A transaction is on disk but its commit does not end, as when a synchronous standby does not answer."""


def wait_until_visible(connection: psycopg.Connection, source: str, transactions: Collection[int]) -> None:
    """Wait until these transactions (numbers of 32 bits, as the stream has them) are visible. Raises NotVisibleYet."""
    deadline, pause = time.monotonic() + PATIENCE_SECONDS, FIRST_PAUSE_SECONDS
    while unseen(_snapshot(connection), transactions):
        if time.monotonic() > deadline:
            raise NotVisibleYet(
                f"В {source} транзакция записана, но не завершается: проверьте синхронный резервный сервер. "
                "Лента подождёт и продолжит сама.",
                f"In {source} a transaction is written but does not end: check the synchronous standby. "
                "The feed waits and goes on by itself.",
            )
        time.sleep(pause)
        pause = min(LONGEST_PAUSE_SECONDS, pause * 2)


def unseen(snapshot: str, transactions: Collection[int]) -> set[int]:
    """Return the transactions that a snapshot (text of pg_snapshot: xmin:xmax:running) does not see."""
    _, xmax, listed = snapshot.split(":")
    running = {int(number) % _SPAN for number in listed.split(",") if number}
    return {one for one in transactions if one in running or (one - int(xmax)) % _SPAN < _SPAN // 2}


def _snapshot(connection: psycopg.Connection) -> str:
    return find_value(connection, QUERIES["snapshot"])
