"""Link all patients: after a first load, or after changes were lost. Resumable: linked ones are passed over fast."""

import itertools
import multiprocessing
import time
from collections.abc import Callable, Iterator
from typing import Final
from uuid import UUID

import msgspec
import psycopg

from trustmed.db.queries import load
from trustmed.region.index.link import Connect, link_in_parallel, link_patients
from trustmed.region.index.model import PatientKey

QUERIES = load(__package__)
PAGE: Final = 1000
FIRST: Final = PatientKey(-(2**31), UUID(int=0))


class Progress(msgspec.Struct, frozen=True):
    """How many patients are done; `total` is an estimate by statistics, 0 if unknown."""

    done: int
    total: int
    seconds: float


def link_all(
    connect: Connect, workers: int = 1, on_progress: Callable[[Progress], None] = lambda progress: None
) -> int:
    """Link every patient by several connections at once; return how many. Raises what `link_patients` does.

    If killed, start it again: rows that have not changed since they were linked are passed over without a lock.
    """
    began, done = time.monotonic(), 0
    with connect() as reader:
        total = (reader.execute(QUERIES["about_how_many"]).fetchone() or (0,))[0]
        for pages in _windows(_pages(reader), workers):
            keys = [key for page in pages for key in page]
            link_in_parallel(connect, workers, keys)
            done += len(keys)
            on_progress(Progress(done, total, time.monotonic() - began))
    return done


def link_all_by_processes(
    conninfo: str, processes: int, on_progress: Callable[[Progress], None] = lambda progress: None
) -> int:
    """Do what `link_all` does by several processes, each with a processor of its own: for loads of millions."""
    began, done = time.monotonic(), 0
    with (
        psycopg.connect(conninfo, autocommit=True) as reader,
        multiprocessing.get_context("spawn").Pool(processes, _open, (conninfo,)) as pool,
    ):
        total = (reader.execute(QUERIES["about_how_many"]).fetchone() or (0,))[0]
        for pages in _windows(_pages(reader), processes):
            for linked in pool.imap_unordered(_link_here, pages):
                done += linked
                on_progress(Progress(done, total, time.monotonic() - began))
    return done


def _pages(reader: psycopg.Connection) -> Iterator[list[PatientKey]]:
    last = FIRST
    while True:
        values = {"organization_id": last.organization_id, "id": last.id, "count": PAGE}
        page = [PatientKey(*row) for row in reader.execute(QUERIES["next_patients"], values)]
        if not page:
            return
        yield page
        last = page[-1]


def _windows(pages: Iterator[list[PatientKey]], workers: int) -> Iterator[list[list[PatientKey]]]:
    """Take a few pages at a time, so that millions of keys need not stay in memory."""
    while window := list(itertools.islice(pages, workers * 8)):
        yield window


_own: dict[str, psycopg.Connection] = {}


def _open(conninfo: str) -> None:
    connection = psycopg.connect(conninfo, autocommit=True)
    # Tables of 16 partitions: planning each statement anew costs more than running it.
    connection.execute("set plan_cache_mode = force_generic_plan")
    _own["connection"] = connection


def _link_here(page: list[PatientKey]) -> int:
    link_patients(_own["connection"], page)
    return len(page)
