"""Publications: what a link carries, and what the change feed reads."""

import re
from collections.abc import Iterator
from typing import ClassVar, Self

import psycopg
from psycopg import sql

from trustmed.db.queries import load
from trustmed.topology.carried import published_sql
from trustmed.topology.flows import HEARTBEAT
from trustmed.topology.links import PublishedTable
from trustmed.topology.things.base import Key, Reader, Session, Thing, Wish
from trustmed.topology.watched import FEED_PUBLICATION, LEFT_OUT, WATCHED

QUERIES = load("trustmed.topology")

# How PostgreSQL prints back the two row filters that are written here.
_OWN = re.compile(r"\(organization_id = ANY \(ARRAY\[([\d, ]+)\]\)\)")
_BEAT = re.compile(r"\(link = '([a-z0-9_]+)'::text\)")
_OPTIONS = sql.SQL("publish = 'insert, update, delete', publish_via_partition_root = true")


class Publication(Thing, frozen=True, kw_only=True):
    """Tables with explicit columns, inserts, updates and deletes, partitions under their parent's name.

    TRUNCATE is not published: it ignores row filters.
    """

    removable: ClassVar[bool] = True
    database: str
    name: str
    tables: tuple[PublishedTable, ...]
    proper: bool = True

    @property
    def key(self) -> Key:
        return ("publication", self.server, self.database, self.name)

    def noun(self, language: str) -> str:
        where = f"{self.name} ({self.database}, {self.server})"
        return f"publication {where}" if language == "en" else f"публикация {where}"

    def difference(self, before: Self, language: str) -> str:
        changed = {table.table for table in set(self.tables) ^ set(before.tables)}
        return ", ".join(sorted(changed))

    def make(self, session: Session) -> None:
        connection = session.at(self.server, self.database)
        with connection.transaction():
            connection.execute(
                sql.SQL("create publication {} for table {} with ({})").format(
                    sql.Identifier(self.name), self._tables(connection), _OPTIONS
                )
            )

    def change(self, session: Session, before: Self) -> None:
        connection = session.at(self.server, self.database)
        name = sql.Identifier(self.name)
        with connection.transaction():
            connection.execute(sql.SQL("alter publication {} set ({})").format(name, _OPTIONS))
            connection.execute(sql.SQL("alter publication {} set table {}").format(name, self._tables(connection)))

    def remove(self, session: Session) -> None:
        statement = sql.SQL("drop publication if exists {}").format(sql.Identifier(self.name))
        session.at(self.server, self.database).execute(statement)

    def _tables(self, connection: psycopg.Connection) -> sql.Composed:
        return sql.SQL(", ").join(published_sql(connection, table) for table in self.tables)

    @classmethod
    def read(cls, reader: Reader) -> Iterator[Self]:
        for database in reader.databases:
            for name, proper, rows in reader.at(database.name).execute(QUERIES["publications"]).fetchall():
                tables = tuple(sorted(_published(*row) for row in rows or ()))
                if name == FEED_PUBLICATION or any(table.table == HEARTBEAT for table in tables):
                    yield cls(server=database.server, database=database.name, name=name, tables=tables, proper=proper)

    @classmethod
    def want(cls, wish: Wish, site: str | None) -> Iterator[Self]:
        for database in wish.databases(site):
            watched = {table for place in database.places for table in WATCHED.get(place, ())}
            if watched:
                tables = tuple(PublishedTable(table, left_out=LEFT_OUT.get(table, ())) for table in sorted(watched))
                yield cls(server=database.server, database=database.name, name=FEED_PUBLICATION, tables=tables)
        for link in wish.links_of(site):
            yield cls(server=link.source.server, database=link.source.name, name=link.name, tables=link.published)


def _published(table: str, rows: str | None, columns: list[str] | None) -> PublishedTable:
    left_out = None if columns is None else tuple(columns)
    if rows is None:
        return PublishedTable(table, left_out=left_out)
    if own := _OWN.fullmatch(rows):
        return PublishedTable(table, tuple(int(number) for number in own[1].split(",")), left_out=left_out)
    if beat := _BEAT.fullmatch(rows):
        return PublishedTable(table, link=beat[1], left_out=left_out)
    return PublishedTable(table, other_rows=rows, left_out=left_out)
