"""The monitor's connections: kept open between probes, none of which may hang it."""

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


class Late(Exception):
    """A server that took the question and gave no answer in time."""


class WatchConnections:
    """Connections of role trustmed_monitor, by server and database; threads may share one, statement by statement."""

    def __init__(self, topology: Topology) -> None:
        self.topology = topology
        self._open: dict[tuple[str, str], psycopg.Connection] = {}
        self._cut: list[psycopg.Connection] = []
        self._lock = threading.Lock()
        self._opening: dict[str, threading.Lock] = {}
        self._ended = False

    def at(self, server: str, database: str) -> psycopg.Connection:
        """Raises psycopg.OperationalError. A site's server is reached the way the region reaches it."""
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
                if self._ended:  # a thread given up as late has nobody to answer
                    fresh.close()
                else:
                    self._open[server, database] = fresh
            return fresh

    def cut(self, server: str) -> None:
        """Break every connection to a server, waking whoever waits on one; they are closed with the rest."""
        with self._lock:
            found = [key for key in self._open if key[0] == server]
            self._cut += [self._open.pop(key) for key in found]
            for connection in self._cut:
                _shut(connection)

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
    """Do everything at once; what does not end within `seconds` is cut and counts as Late.

    `spread`: begin one after another over so many seconds. Whoever watches for ever has the time, and a burst of
    questions would be felt by those who work on the same machine.
    """
    if not work:
        return {}
    pool = ThreadPoolExecutor(max_workers=min(32, len(work)), thread_name_prefix="probe")
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
    except Exception as error:  # whatever one server's answer breaks, the others are to be told of
        return error


def _shut(connection: psycopg.Connection) -> None:
    try:
        with socket.socket(fileno=os.dup(connection.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)
    except (OSError, psycopg.Error):
        return  # closed already: nobody waits on it
