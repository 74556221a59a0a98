"""The monitor's connections: kept open between probes; no server that hangs may hang the monitor."""

import os
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as LateError
from typing import TypeVar

import psycopg

from trustmed.topology.connect import server_conninfo
from trustmed.topology.file.spec import Topology

Value = TypeVar("Value")
CONNECT_SECONDS = 3
ANSWER_SECONDS = 6.0
MOST_THREADS = 32


class Late(Exception):
    """A server took the question and did not answer in time."""


class WatchConnections:
    """Connections of role trustmed_monitor by server and database. Threads may share one, statement by statement."""

    def __init__(self, topology: Topology) -> None:
        self.topology = topology
        self._open: dict[tuple[str, str], psycopg.Connection] = {}
        self._cut: list[psycopg.Connection] = []
        self._lock = threading.Lock()
        self._opening: dict[str, threading.Lock] = {}
        self._ended = False

    def at(self, server: str, database: str) -> psycopg.Connection:
        """Return the connection to a database, opened if need be. Raises psycopg.OperationalError.

        A site's server is reached at its `address_from_region`.
        """
        # One lock a server, so that opening a connection to a dead one does not hold up the others.
        with self._lock:
            opening = self._opening.setdefault(server, threading.Lock())
        with opening:
            with self._lock:
                connection = self._open.get((server, database))
            if connection is not None and not connection.closed:
                return connection
            fresh = psycopg.connect(self._conninfo(server, database), autocommit=True)
            with self._lock:
                if connection is not None:
                    connection.close()
                if self._ended:  # this thread was given up as late: nobody would close what it keeps
                    fresh.close()
                else:
                    self._open[server, database] = fresh
            return fresh

    def cut(self, server: str) -> None:
        """Break every connection to a server, which wakes the threads that wait on it. `close` closes them."""
        with self._lock:
            found = [key for key in self._open if key[0] == server]
            self._cut += [self._open.pop(key) for key in found]
            for connection in self._cut:
                _shut_down(connection)

    def close(self) -> None:
        with self._lock:
            self._ended = True
            for connection in (*self._open.values(), *self._cut):
                connection.close()
            self._open.clear()
            self._cut.clear()

    def _conninfo(self, server: str, database: str) -> str:
        where = self.topology.server_named(server)
        host, _, port = (where.address_from_region or f"{where.host}:{where.port}").rpartition(":")
        return server_conninfo(
            self.topology,
            where,
            database,
            "trustmed_monitor",
            "monitor",
            host=host.strip("[]"),
            port=port,
            connect_timeout=CONNECT_SECONDS,
            tcp_user_timeout=CONNECT_SECONDS * 1000,
            options="-c statement_timeout=5000 -c lock_timeout=2000",
        )


def run_all(
    work: dict[str, Callable[[], Value]], on_late: Callable[[str], None], seconds: float, spread: float = 0.0
) -> dict[str, Value | Exception]:
    """Run all jobs at once; one that does not end within `seconds` is cut by `on_late` and its result is Late.

    `spread`: start the jobs one after another over so many seconds. The monitor has the time, and a burst of queries
    would slow down the people who work on the same machine.
    """
    if not work:
        return {}
    pool = ThreadPoolExecutor(max_workers=min(MOST_THREADS, len(work)), thread_name_prefix="probe")
    futures: dict[str, Future[Value]] = {}
    for name, job in work.items():
        futures[name] = pool.submit(job)
        time.sleep(spread / len(work))
    deadline = time.monotonic() + seconds
    results = {name: _result(name, future, deadline, on_late) for name, future in futures.items()}
    pool.shutdown(wait=False, cancel_futures=True)
    return results


def _result(name: str, future: Future[Value], deadline: float, on_late: Callable[[str], None]) -> Value | Exception:
    try:
        return future.result(timeout=max(0.0, deadline - time.monotonic()))
    except LateError:
        on_late(name)
        return Late(name)
    except Exception as error:  # one server's trouble must not hide the state of the others
        return error


def _shut_down(connection: psycopg.Connection) -> None:
    """Shut the socket down: closing it, or libpq's own close, would not wake a thread that reads from it."""
    try:
        with socket.socket(fileno=os.dup(connection.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)
    except (OSError, psycopg.Error):
        return  # it is closed already, so nobody waits on it
