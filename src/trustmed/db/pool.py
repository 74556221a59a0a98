"""How a pool notices a dead server without asking a live one, and how a connection gives up on a silent one."""

import asyncio
import os
import select
import socket
from collections.abc import Generator
from contextlib import contextmanager, suppress

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool


async def check_if_closed(connection: AsyncConnection) -> None:
    """Serve as a pool's `check`: send a query only over an idle connection that has something to read.

    The server says something to an idle client when it closes the connection or is about to, and a server that died
    has closed its sockets; all other connections are spared the round trip. Raises psycopg.OperationalError.
    """
    watched = select.poll()
    watched.register(connection.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
    if watched.poll(0):
        await AsyncConnectionPool.check_connection(connection)


@contextmanager
def hang_up_after(connection: AsyncConnection, seconds: float) -> Generator[None]:
    """Close the connection's socket if the block takes longer: a waiting query raises psycopg.OperationalError.

    A frozen server keeps its sockets open, so a query would wait without end; and to cancel the waiting task, psycopg
    would first ask that very server to cancel the query.
    """
    timer = asyncio.get_running_loop().call_later(seconds, _hang_up, connection)
    try:
        yield
    finally:
        timer.cancel()


def _hang_up(connection: AsyncConnection) -> None:
    if connection.closed:
        return
    with suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)
