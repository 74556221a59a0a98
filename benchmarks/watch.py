"""Watchers: processes of their own that note the moment a row becomes visible at a database.

Times are the machine's wall clock, as PostgreSQL's commit timestamps are, so both ends compare directly.
"""

import multiprocessing as mp
import threading
import time
from multiprocessing.connection import Connection

import psycopg

POLL_SECONDS = 0.0005
PATIENCE_SECONDS = 60.0


class Watcher:
    """Watches one table of one database. `expect` ids just before they are written; `seen` waits for all of them."""

    def __init__(self, conninfo: str, table: str, column: str, organization_id: int) -> None:
        self._ours, theirs = mp.Pipe()
        self._sending = threading.Lock()
        query = f"select {column} from {table} where organization_id = %s and {column} = any(%s)"  # noqa: S608 constants
        context = mp.get_context("spawn")
        self._process = context.Process(
            target=_watch, args=(theirs, conninfo, query.encode(), organization_id), daemon=True
        )
        self._process.start()
        theirs.close()  # its death is then an EOFError here, not a wait without end
        self._ours.recv()

    def expect(self, identifier: str) -> None:
        with self._sending:
            self._ours.send(identifier)

    def seen(self) -> dict[str, float]:
        """Seconds since the epoch at which each expected id was first visible; those never seen are missing."""
        self._ours.send(None)
        result = self._ours.recv()
        self._process.join()
        return result


def _watch(pipe: Connection, conninfo: str, query: bytes, organization_id: int) -> None:
    waiting: set[str] = set()
    seen: dict[str, float] = {}
    finishing_at: float | None = None
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(query, (organization_id, []))
        pipe.send("ready")
        while waiting or finishing_at is None:
            while pipe.poll(0 if waiting else 0.01):
                identifier = pipe.recv()
                if identifier is None:
                    finishing_at = time.monotonic()
                    break
                waiting.add(identifier)
            if waiting:
                rows = connection.execute(query, (organization_id, list(waiting))).fetchall()
                now = time.time()
                for (identifier,) in rows:
                    seen[str(identifier)] = now
                    waiting.discard(str(identifier))
            if finishing_at is not None and time.monotonic() - finishing_at > PATIENCE_SECONDS:
                break
            time.sleep(POLL_SECONDS)
    pipe.send(seen)


def commit_times(conninfo: str, table: str, column: str, organization_id: int) -> dict[str, float]:
    """Seconds since the epoch at which the rows of `table` were committed at the source, by id."""
    query = (
        f"select {column}, extract(epoch from pg_xact_commit_timestamp(xmin)) "  # noqa: S608 constants
        f"from {table} where organization_id = %s"
    )
    with psycopg.connect(conninfo, autocommit=True) as connection:
        return {
            str(key): float(at) for key, at in connection.execute(query.encode(), (organization_id,)) if at is not None
        }


def lags(committed: dict[str, float], *visible: dict[str, float]) -> list[float]:
    """Milliseconds from commit to visible everywhere, for every id seen everywhere."""
    everywhere = set(committed).intersection(*visible)
    return [1000 * (max(place[key] for place in visible) - committed[key]) for key in everywhere]
