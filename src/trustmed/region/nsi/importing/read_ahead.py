"""Read files ahead of the database: while it stores one version, another process reads the next."""

import gc
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any, Final

import msgspec

from trustmed.region.nsi.files.bundle import open_bundle
from trustmed.region.nsi.files.reading import ImportRequest, read_csv_table, read_pages
from trustmed.region.nsi.importing.encode import EncodedTable, encode_table
from trustmed.region.nsi.importing.sources import Source

FILES_AHEAD: Final = 4
WORTH_BYTES: Final = 1024 * 1024  # anything smaller is read before another process has started

FindPassport = Callable[[str], dict[str, Any] | None]
NextTable = Callable[[Source, FindPassport], EncodedTable]
"""Returns the encoded table of a file. Files must be asked for in order. Raises ImportRefused if one is not sound."""


def read_file(source: Source, request: ImportRequest, find_passport: FindPassport) -> EncodedTable:
    """Read, check and encode the file's version. Flags override the file's name. Raises ImportRefused."""
    with _pause_collector():
        bundle = open_bundle(source.path)
        completed = _complete_request(source, request)
        if bundle.csv is None:
            return encode_table(read_pages(bundle, completed))
        known = find_passport(completed.oid) if completed.oid and bundle.passport is None else None
        return encode_table(read_csv_table(bundle, completed, known))


def read_without_database(source: Source, request: ImportRequest) -> EncodedTable | None:
    """Do the same without a database; return None if the database has to be asked for another version's passport."""
    if source.path.suffix.lower() == ".csv":
        return None
    with _pause_collector():
        bundle = open_bundle(source.path)
        return encode_table(read_pages(bundle, _complete_request(source, request))) if bundle.csv is None else None


def _complete_request(source: Source, request: ImportRequest) -> ImportRequest:
    return msgspec.structs.replace(request, oid=request.oid or source.oid, version=request.version or source.version)


@contextmanager
def read_ahead(sources: Sequence[Source], request: ImportRequest) -> Generator[NextTable]:
    """Yield a function that returns the encoded table of one file after another."""
    if (os.cpu_count() or 1) < 2 or len(sources) < 2 or sum(_size(one) for one in sources) < WORTH_BYTES:
        yield lambda one, find_passport: read_file(one, request, find_passport)
        return
    context = multiprocessing.get_context("spawn")  # a fork would inherit the connection to the database
    with ProcessPoolExecutor(1, mp_context=context, initializer=_ignore_interrupts) as pool:
        coming = iter(sources)
        waiting: deque[Future[EncodedTable | None]] = deque()

        def send() -> None:
            if (one := next(coming, None)) is not None:
                waiting.append(pool.submit(read_without_database, one, request))

        def next_table(one: Source, find_passport: FindPassport) -> EncodedTable:
            send()
            result = waiting.popleft().result()
            return result or read_file(one, request, find_passport)

        for _ in range(FILES_AHEAD):
            send()
        try:
            yield next_table
        finally:
            pool.shutdown(cancel_futures=True)


def _ignore_interrupts() -> None:
    """Ignore Ctrl-C, which is the parent's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _pause_collector() -> Generator[None]:
    """Disable the garbage collector: rows have no cycles, and looking for them would take as long as reading."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _size(source: Source) -> int:
    try:
        return source.path.stat().st_size
    except OSError:
        return 0
