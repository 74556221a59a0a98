"""Databases."""

from collections.abc import Iterator
from typing import Self

import psycopg
from psycopg import sql

from trustmed.db.migrate import grant_creation
from trustmed.db.queries import load
from trustmed.db.rows import find_rows
from trustmed.topology.things.base import Key, Reader, Session, Thing, Wish

QUERIES = load(__package__)


def find_databases(connection: psycopg.Connection) -> dict[str, bool]:
    """Return the server's databases by name, and whether the objects' owner may create schemas in each."""
    return {row["name"]: row["owner_creates"] for row in find_rows(connection, QUERIES["databases"])}


class ServerDatabase(Thing, frozen=True, kw_only=True):
    """A database. `owner_creates`: the objects' owner may create schemas there. Never removed, since it holds data."""

    database: str
    owner_creates: bool

    @property
    def key(self) -> Key:
        return ("database", self.server, self.database)

    def noun(self, language: str) -> str:
        where = f"{self.database}, {self.server}"
        return f"database {where}" if language == "en" else f"база {where}"

    def make(self, session: Session) -> None:
        statement = sql.SQL(QUERIES["create_database"]).format(sql.Identifier(self.database))
        session.at(self.server).execute(statement)
        grant_creation(session.at(self.server, self.database))

    def change(self, session: Session, before: Self) -> None:
        grant_creation(session.at(self.server, self.database))

    @classmethod
    def read(cls, reader: Reader) -> Iterator[Self]:
        for name, owner_creates in find_databases(reader.connection).items():
            yield cls(server=reader.server.name, database=name, owner_creates=owner_creates)

    @classmethod
    def wanted(cls, wish: Wish, site: str | None) -> Iterator[Self]:
        for database in wish.databases(site):
            yield cls(server=database.server, database=database.name, owner_creates=True)
