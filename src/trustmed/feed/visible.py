"""A change may be read from the log before its transaction is visible: the commit record goes to disk first, and with
a synchronous standby long before. An effect that came too early would find nothing there, and never come again.
"""

import time
from collections.abc import Collection

import psycopg

from trustmed.errors import Unavailable
from trustmed.feed.positions import QUERIES

PATIENCE_SECONDS = 5.0
_SPAN = 1 << 32


class NotVisibleYet(Unavailable):
    """A transaction is on disk and its commit does not end, as when a synchronous standby does not answer."""


def await_visible(connection: psycopg.Connection, source: str, transactions: Collection[int]) -> None:
    """Wait until these transactions (numbers of 32 bits, as the stream has them) are visible. Raises NotVisibleYet."""
    deadline, pause = time.monotonic() + PATIENCE_SECONDS, 0.0005
    while unseen(_snapshot(connection), transactions):
        if time.monotonic() > deadline:
            raise NotVisibleYet(
                f"В {source} запись транзакции завершена, а сама она нет: проверьте синхронный резервный сервер. "
                "Лента подождёт и продолжит сама.",
                f"In {source} a transaction is written and not ended: see to the synchronous standby. "
                "The feed waits and goes on by itself.",
            )
        time.sleep(pause)
        pause = min(0.05, pause * 2)


def unseen(snapshot: str, transactions: Collection[int]) -> set[int]:
    """Those of the transactions that a snapshot (text of pg_snapshot: xmin:xmax:running) does not see."""
    _, xmax, listed = snapshot.split(":")
    running = {int(number) % _SPAN for number in listed.split(",") if number}
    return {one for one in transactions if one in running or (one - int(xmax)) % _SPAN < _SPAN // 2}


def _snapshot(connection: psycopg.Connection) -> str:
    row = connection.execute(QUERIES["snapshot"]).fetchone()
    return row[0] if row else "3:3:"
