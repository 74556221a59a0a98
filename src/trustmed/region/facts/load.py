"""Read every document of a shard: at the first start, after changes were lost, when the reader has a new version.

Resumable: documents that the current version has read are passed over.
"""

import itertools
import multiprocessing
import time
from collections.abc import Callable, Iterator
from typing import Final
from uuid import UUID

import msgspec
import psycopg

from trustmed.region.facts.extraction import QUERIES, DocumentKey, Done, extract_facts
from trustmed.semd.facts.extraction import EXTRACTOR

PAGE: Final = 500
MOST_AT_ONCE: Final = 50
FIRST: Final = DocumentKey(-(2**31), UUID(int=0))


class Progress(msgspec.Struct, frozen=True):
    """`seen` documents of about `total` (by statistics, 0 if unknown); `done`: those of them that were read now."""

    seen: int
    total: int
    done: Done
    seconds: float


def _ignore(_: Progress) -> None:
    """Do nothing with the progress."""


def extract_all(
    connection: psycopg.Connection, on_progress: Callable[[Progress], None] = _ignore, *, anew: bool = False
) -> Done:
    """Read the documents that the current version has not read; all if `anew`. Raises psycopg.Error."""
    began, done, seen, total = time.monotonic(), Done(), 0, _estimated_count(connection)
    for page in _pages(connection):
        done |= extract_facts(connection, _unread(page, anew=anew))
        seen += len(page)
        on_progress(Progress(seen, total, done, time.monotonic() - began))
    return done


def extract_all_by_processes(
    conninfo: str, processes: int, on_progress: Callable[[Progress], None] = _ignore, *, anew: bool = False
) -> Done:
    """Do what `extract_all` does by several processes, each with a processor of its own."""
    began, done, seen = time.monotonic(), Done(), 0
    with (
        psycopg.connect(conninfo, autocommit=True) as reader,
        multiprocessing.get_context("spawn").Pool(processes, _open, (conninfo,)) as pool,
    ):
        total = _estimated_count(reader)
        pages = _pages(reader)
        while window := list(itertools.islice(pages, processes * 4)):
            shares = [_unread(page, anew=anew) for page in window]
            for read in pool.imap_unordered(_extract_here, shares):
                done |= read
            seen += sum(map(len, window))
            on_progress(Progress(seen, total, done, time.monotonic() - began))
    return done


def extract_some(connection: psycopg.Connection) -> Done:
    """Read a few of the documents that only an older version has read, if there are any. Raises psycopg.Error."""
    rows = connection.execute(QUERIES["read_by_older"], {"extractor": EXTRACTOR, "count": MOST_AT_ONCE})
    return extract_facts(connection, [DocumentKey(*row) for row in rows.fetchall()])


Page = list[tuple[DocumentKey, int | None]]


def _pages(reader: psycopg.Connection) -> Iterator[Page]:
    last = FIRST
    while True:
        values = {"organization_id": last.organization_id, "document_id": last.document_id, "count": PAGE}
        rows = reader.execute(QUERIES["next_documents"], values).fetchall()
        if not rows:
            return
        page = [(DocumentKey(number, document_id), extractor) for number, document_id, extractor in rows]
        yield page
        last = page[-1][0]


def _unread(page: Page, *, anew: bool) -> list[DocumentKey]:
    return [key for key, extractor in page if anew or extractor is None or extractor < EXTRACTOR]


def _estimated_count(connection: psycopg.Connection) -> int:
    return (connection.execute(QUERIES["about_how_many"]).fetchone() or (0,))[0]


_own: dict[str, psycopg.Connection] = {}


def _open(conninfo: str) -> None:
    connection = psycopg.connect(conninfo, autocommit=True)
    # Tables of 16 partitions: planning each statement anew costs more than running it.
    connection.execute("set plan_cache_mode = force_generic_plan")
    _own["connection"] = connection


def _extract_here(keys: list[DocumentKey]) -> Done:
    return extract_facts(_own["connection"], keys)
