"""Publications: the tables that a link carries, and those that the change feed reads."""

from collections.abc import Iterator
from typing import ClassVar, Self

import psycopg
from psycopg import sql

from trustmed.db.queries import load
from trustmed.topology.flows import HEARTBEAT
from trustmed.topology.links import PublishedTable, links
from trustmed.topology.native.carried import PUBLICATION_OPTIONS, find_publications, holds_values, tables_sql
from trustmed.topology.native.marks import UNFINISHED, set_mark
from trustmed.topology.things.base import Key, Reader, Session, Thing, Wish
from trustmed.topology.watched import FEED_PUBLICATION, LEFT_OUT, WATCHED

QUERIES = load(__package__)


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
                    sql.Identifier(self.name), tables_sql(connection, self.tables), PUBLICATION_OPTIONS
                )
            )

    def change(self, session: Session, before: Self) -> None:
        """Set the publication right. A link that streamed meanwhile lost what was not sent: mark it for a resync."""
        connection = session.at(self.server, self.database)
        if unsent := (*self._unsent_tables(before), *self._tables_with_unsent_columns(connection, before)):
            _mark_for_resync(session, self.name, unsent)
        name = sql.Identifier(self.name)
        with connection.transaction():
            connection.execute(sql.SQL("alter publication {} set ({})").format(name, PUBLICATION_OPTIONS))
            connection.execute(
                sql.SQL("alter publication {} set table {}").format(name, tables_sql(connection, self.tables))
            )

    def _unsent_tables(self, before: Self) -> tuple[str, ...]:
        """Return the tables some of whose changes `before` did not send.

        Organisations are not compared: the subscription's mark tells which of them the target has.
        """
        rows = {table.table: (table.link, table.other_rows) for table in before.tables}
        return tuple(t.table for t in self.tables if not before.proper or rows.get(t.table) != (t.link, None))

    def _tables_with_unsent_columns(self, connection: psycopg.Connection, before: Self) -> tuple[str, ...]:
        """Return the tables whose rows hold something in columns that `before` did not send.

        The source may have been upgraded first and written them since: only later changes of those rows will be sent.
        """
        if self.name == FEED_PUBLICATION:
            return ()
        former = {table.table: set(table.left_out or ()) for table in before.tables}
        added = ((table, former.get(table.table, set()) - set(table.left_out or ())) for table in self.tables)
        return tuple(table.table for table, columns in added if columns and holds_values(connection, table, columns))

    def remove(self, session: Session) -> None:
        statement = sql.SQL("drop publication if exists {}").format(sql.Identifier(self.name))
        session.at(self.server, self.database).execute(statement)

    @classmethod
    def read(cls, reader: Reader) -> Iterator[Self]:
        for database in reader.databases:
            for one in find_publications(reader.at(database.name)):
                if one.name == FEED_PUBLICATION or any(table.table == HEARTBEAT for table in one.tables):
                    yield cls(
                        server=database.server,
                        database=database.name,
                        name=one.name,
                        tables=one.tables,
                        proper=one.proper,
                    )

    @classmethod
    def wanted(cls, wish: Wish, site: str | None) -> Iterator[Self]:
        for database in wish.databases(site):
            watched = {table for place in database.places for table in WATCHED.get(place, ())}
            if watched:
                tables = tuple(PublishedTable(table, left_out=LEFT_OUT.get(table, ())) for table in sorted(watched))
                yield cls(server=database.server, database=database.name, name=FEED_PUBLICATION, tables=tables)
        for link in wish.links_of(site):
            yield cls(server=link.source.server, database=link.source.name, name=link.name, tables=link.published)


def _mark_for_resync(session: Session, name: str, tables: tuple[str, ...]) -> None:
    """Mark the link for the next round's resync if its subscription has any of `tables`.

    A table new to the subscription needs none: its rows are still to be copied.
    """
    link = next((link for link in links(session.topology) if link.name == name), None)
    if link is None:
        return
    target = session.at(link.target.server, link.target.name)
    known = {"subscription": name, "tables": list(tables)}
    if target.execute(QUERIES["subscription_knows"], known).fetchone() is not None:
        set_mark(target, link, UNFINISHED)
