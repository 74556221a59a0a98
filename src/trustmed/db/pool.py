"""Pools that notice a dead server without asking a live one, and connections that do not wait for a silent one."""

import asyncio
import os
import select
import socket
from collections.abc import Generator
from contextlib import contextmanager, suppress

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool


async def check_if_disturbed(connection: AsyncConnection) -> None:
    """A pool's `check`: an idle connection with something to read was closed or told so; only that one is asked.

    A server that died closed its sockets, so no round trip is spent on the others. Raises psycopg.OperationalError.
    """
    watched = select.poll()
    watched.register(connection.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
    if watched.poll(0):
        await AsyncConnectionPool.check_connection(connection)


@contextmanager
def hung_up_after(connection: AsyncConnection, seconds: float) -> Generator[None]:
    """Break the connection off if the block takes longer: what waits in it gets psycopg.OperationalError.

    A server that is frozen keeps its sockets open and would be waited for without end; cancelling the waiting task
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
