"""What the monitor may read of a server beyond its catalogues: the end of its log, the position of each link."""

from collections.abc import Iterator
from hashlib import sha256
from importlib.resources import files
from typing import Self

from psycopg import sql

from trustmed.db.queries import load
from trustmed.topology.things.base import Key, Reader, Session, Thing, Wish

QUERIES = load(__package__)


def _functions_sql() -> str:
    return (files("trustmed.topology.things") / "server.sql").read_text("utf-8")


class ServerFunctions(Thing, frozen=True, kw_only=True):
    """Functions in the server's `postgres` database; `edition` is of the file that made them."""

    edition: str

    @property
    def key(self) -> Key:
        return ("server functions", self.server)

    def noun(self, language: str) -> str:
        where = self.server
        return f"the monitor's functions on {where}" if language == "en" else f"функции монитора на {where}"

    def make(self, session: Session) -> None:
        connection = session.at(self.server)
        with connection.transaction():
            connection.execute(_functions_sql().encode())
            mark = sql.SQL("comment on schema trustmed_server is {}").format(sql.Literal(self.edition))
            connection.execute(mark)

    def change(self, session: Session, before: Self) -> None:
        self.make(session)

    @classmethod
    def read(cls, reader: Reader) -> Iterator[Self]:
        row = reader.connection.execute(QUERIES["server_functions_edition"]).fetchone()
        if row is not None:
            yield cls(server=reader.server.name, edition=row[0] or "")

    @classmethod
    def want(cls, wish: Wish, site: str | None) -> Iterator[Self]:
        for server in wish.servers(site):
            yield cls(server=server.name, edition=sha256(_functions_sql().encode()).hexdigest()[:16])
