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
from trustmed.region.nsi.files.reading import Asked, read_pages, read_table
from trustmed.region.nsi.importing.found import Found
from trustmed.region.nsi.importing.prepared import Prepared, prepared

AHEAD: Final = 4
WORTH_BYTES: Final = 1024 * 1024  # anything smaller is read before another process has started

PassportOf = Callable[[str], dict[str, Any] | None]
Ready = Callable[[Found, PassportOf], Prepared]
"""Returns the prepared file; files must be asked for in order. Raises ImportRefused if the file is not sound."""


def read(found: Found, asked: Asked, passport_of: PassportOf) -> Prepared:
    """Read, check and encode the file's version. Flags override the file's name. Raises ImportRefused."""
    with _no_collector():
        bundle = open_bundle(found.path)
        expected = _expected(found, asked)
        if bundle.table is None:
            return prepared(read_pages(bundle, expected))
        known = passport_of(expected.oid) if expected.oid and bundle.passport is None else None
        return prepared(read_table(bundle, expected, known))


def read_alone(found: Found, asked: Asked) -> Prepared | None:
    """Do the same without a database; return None if the database has to be asked for another version's passport."""
    if found.path.suffix.lower() == ".csv":
        return None
    with _no_collector():
        bundle = open_bundle(found.path)
        return prepared(read_pages(bundle, _expected(found, asked))) if bundle.table is None else None


def _expected(found: Found, asked: Asked) -> Asked:
    return msgspec.structs.replace(asked, oid=asked.oid or found.oid, version=asked.version or found.version)


@contextmanager
def ahead(found: Sequence[Found], asked: Asked) -> Generator[Ready]:
    """Yield a function that returns one prepared file after another."""
    if (os.cpu_count() or 1) < 2 or len(found) < 2 or sum(_size(one) for one in found) < WORTH_BYTES:
        yield lambda one, passport_of: read(one, asked, passport_of)
        return
    context = multiprocessing.get_context("spawn")  # a fork would inherit the connection to the database
    with ProcessPoolExecutor(1, mp_context=context, initializer=_begin) as pool:
        coming = iter(found)
        waiting: deque[Future[Prepared | None]] = deque()

        def send() -> None:
            if (one := next(coming, None)) is not None:
                waiting.append(pool.submit(read_alone, one, asked))

        def ready(one: Found, passport_of: PassportOf) -> Prepared:
            send()
            result = waiting.popleft().result()
            return result or read(one, asked, passport_of)

        for _ in range(AHEAD):
            send()
        try:
            yield ready
        finally:
            pool.shutdown(cancel_futures=True)


def _begin() -> None:
    """Ignore Ctrl-C, which is the parent's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _no_collector() -> Generator[None]:
    """Disable the garbage collector: rows have no cycles, and looking for them would take as long as reading."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _size(found: Found) -> int:
    try:
        return found.path.stat().st_size
    except OSError:
        return 0
