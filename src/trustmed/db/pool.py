"""Pools that notice a dead server without asking a live one."""

import select

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
