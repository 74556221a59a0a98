"""The administrator's connections to the servers of a topology, each opened once."""

from contextlib import AbstractContextManager
from types import TracebackType

import psycopg

from trustmed.topology.connect import connect_server
from trustmed.topology.file.spec import Topology


class Session(AbstractContextManager["Session"]):
    """The connections of one run, for one thread. They are closed when the `with` block ends."""

    def __init__(self, topology: Topology) -> None:
        self.topology = topology
        self._open: dict[tuple[str, str], psycopg.Connection] = {}

    def at(self, server: str, database: str = "postgres") -> psycopg.Connection:
        """Return the connection to a database, opened if need be. Raises ServerUnreachable."""
        connection = self._open.get((server, database))
        if connection is None or connection.closed:
            where = self.topology.server_named(server)
            connection = connect_server(self.topology, where, database, "administrator", "topology")
            self._open[server, database] = connection
        return connection

    def close(self) -> None:
        for connection in self._open.values():
            connection.close()
        self._open.clear()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
