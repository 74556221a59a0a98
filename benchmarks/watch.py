"""Watchers: processes that note the moment at which a row becomes visible in a database.

A trigger on the watched table notifies at the commit that makes a row readable, so watching costs next to nothing;
polling would take a third of a small machine and measure itself. Times are the machine's wall clock, as
PostgreSQL's commit timestamps are, so both ends compare directly.
"""

import multiprocessing as mp
import time
from collections.abc import Collection
from multiprocessing.connection import Connection
from typing import LiteralString

import msgspec
import psycopg
from psycopg import sql

PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 0.1

# "Enable always": by default the apply worker of a subscription fires no triggers.
TELL: LiteralString = """
create or replace function public.bench_tell() returns trigger language plpgsql as
$$ begin perform pg_notify('bench', new.{column}::text); return null; end $$;
create or replace trigger bench_tell after insert on {table} for each row execute function public.bench_tell();
alter table {table} enable always trigger bench_tell;
"""


class Watched(msgspec.Struct, frozen=True):
    """A table of a database, and the column that names a document there. `conninfo` is the superuser's."""

    conninfo: str
    schema: str
    table: str
    column: str


class Watcher:
    """Note every row of a table as it becomes visible, from the watcher's creation on."""

    def __init__(self, watched: Watched) -> None:
        self._ours, theirs = mp.Pipe()
        context = mp.get_context("spawn")
        self._process = context.Process(target=_watch, args=(theirs, watched), daemon=True)
        self._process.start()
        theirs.close()  # so that the death of the process is an EOFError here, not an endless wait
        self._ours.recv()

    def seen(self, identifiers: Collection[str]) -> dict[str, float]:
        """Wait for rows; return when each became visible, in epoch seconds. Rows that never did are absent."""
        self._ours.send(set(identifiers))
        result = self._ours.recv()
        self._process.join()
        return result


def _watch(pipe: Connection, watched: Watched) -> None:
    seen: dict[str, float] = {}
    awaited: set[str] | None = None
    deadline = float("inf")
    with psycopg.connect(watched.conninfo, autocommit=True) as connection:
        table = sql.Identifier(watched.schema, watched.table)
        connection.execute(sql.SQL(TELL).format(table=table, column=sql.Identifier(watched.column)))
        connection.execute("listen bench")
        pipe.send("ready")
        while awaited is None or (awaited - seen.keys() and time.monotonic() < deadline):
            for notice in connection.notifies(timeout=LOOK_SECONDS):
                seen.setdefault(notice.payload, time.time())
                if awaited is not None and not awaited - seen.keys():
                    break
            if awaited is None and pipe.poll():
                awaited, deadline = pipe.recv(), time.monotonic() + PATIENCE_SECONDS
    pipe.send({key: at for key, at in seen.items() if key in (awaited or ())})


def commit_times(watched: Watched, organization_id: int) -> dict[str, float]:
    """Return when, in seconds since the epoch, each row of an organisation was committed at the source."""
    query = sql.SQL(
        "select {column}::text, extract(epoch from pg_xact_commit_timestamp(xmin))::float8"
        " from {table} where organization_id = %s"
    ).format(column=sql.Identifier(watched.column), table=sql.Identifier(watched.schema, watched.table))
    with psycopg.connect(watched.conninfo, autocommit=True) as connection:
        return {key: at for key, at in connection.execute(query, (organization_id,)) if at is not None}


def lags(committed: dict[str, float], *visible: dict[str, float]) -> list[float]:
    """Return milliseconds from commit to visible everywhere, for each id that was seen everywhere."""
    everywhere = set(committed).intersection(*visible)
    return [1000 * (max(place[key] for place in visible) - committed[key]) for key in everywhere]
