"""Functions for what the monitor reads of a server beyond its catalogues: the end of its log, the links' positions."""

from collections.abc import Iterator
from importlib.resources import files
from typing import Self

from psycopg import sql

from trustmed.db.queries import load
from trustmed.db.rows import find_row
from trustmed.topology.things.base import Key, Reader, Session, Thing, Wish, short_digest

QUERIES = load(__package__)


def _functions_sql() -> str:
    return (files("trustmed.topology.things") / "server.sql").read_text("utf-8")


class ServerFunctions(Thing, frozen=True, kw_only=True):
    """Functions in the server's `postgres` database. `edition` tells which server.sql made them."""

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
        row = find_row(reader.connection, QUERIES["server_functions_edition"])
        if row is not None:
            yield cls(server=reader.server.name, edition=row["edition"] or "")

    @classmethod
    def wanted(cls, wish: Wish, site: str | None) -> Iterator[Self]:
        for server in wish.servers(site):
            yield cls(server=server.name, edition=short_digest(_functions_sql()))
