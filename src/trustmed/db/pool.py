"""How a pool notices a dead server without asking a live one, and how a connection gives up on a silent one."""

import asyncio
import os
import select
import socket
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Final

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

IDLE_SECONDS: Final = 15.0
"""After which a pool gives back one connection nobody needed.

psycopg's own ten minutes let the pools that a burst had grown keep a server's last slots for as long, and a pool that
had lost its connections meanwhile could make no new one ("too many clients").
"""
GRACE_SECONDS: Final = 1.0


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
    would first ask that very server to cancel the query. An answer that has come and was not read, because this process
    had no time, is no silence: it is given GRACE_SECONDS more.
    """
    loop = asyncio.get_running_loop()

    def look() -> None:
        nonlocal timer
        if _has_answer(connection):
            timer = loop.call_later(GRACE_SECONDS, _hang_up, connection)
        else:
            _hang_up(connection)

    timer = loop.call_later(seconds, look)
    try:
        yield
    finally:
        timer.cancel()


def _has_answer(connection: AsyncConnection) -> bool:
    if connection.closed:
        return False
    watched = select.poll()
    watched.register(connection.fileno(), select.POLLIN)
    return bool(watched.poll(0))


def _hang_up(connection: AsyncConnection) -> None:
    if connection.closed:
        return
    with suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)
