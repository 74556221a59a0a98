"""Connections of tests to their servers, kept for the next test: to open one costs as much as fifty queries."""

from collections.abc import Generator
from contextlib import contextmanager

import psycopg
from psycopg.pq import TransactionStatus

_idle: dict[str, list[psycopg.Connection]] = {}


@contextmanager
def borrow(conninfo: str) -> Generator[psycopg.Connection]:
    """Lend an autocommit connection that remembers nothing of earlier tests."""
    connection = _take(conninfo)
    try:
        yield connection
    except BaseException:
        connection.close()
        raise
    if not connection.closed and connection.info.transaction_status is TransactionStatus.IDLE:
        _idle.setdefault(conninfo, []).append(connection)
    else:
        connection.close()


def _take(conninfo: str) -> psycopg.Connection:
    idle = _idle.get(conninfo, [])
    while idle:
        connection = idle.pop()
        try:
            connection.execute("discard all")
        except psycopg.OperationalError:  # the test before stopped the server or ended its sessions
            connection.close()
        else:
            return connection
    # `discard all` drops prepared statements that psycopg would still believe to be there.
    return psycopg.connect(conninfo, autocommit=True, prepare_threshold=None)
