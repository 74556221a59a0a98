"""Subscriptions: the receiving end of a link."""

from collections.abc import Iterator
from typing import ClassVar, Self

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from trustmed.db.queries import load
from trustmed.db.rows import find_rows, find_value
from trustmed.topology.file.spec import Topology
from trustmed.topology.links import Link, links
from trustmed.topology.native.marks import (
    is_whole_mark,
    organizations_in_mark,
    set_mark,
    subscription_comment,
    whole_mark,
)
from trustmed.topology.native.resync import holds_rows, resync
from trustmed.topology.native.subscribe import (
    OPTIONS,
    SHOWN_OPTIONS,
    create_subscription,
    drop_subscription,
    find_table_states,
    link_conninfo,
    synchronous_commit,
    wait_for_arrival,
    wait_for_no_worker,
)
from trustmed.topology.secrets import SecretMissing, secret
from trustmed.topology.things.base import Key, Reader, Session, Thing, Wish, short_digest
from trustmed.topology.things.slot import slot_name

QUERIES = load(__package__)


class Subscription(Thing, frozen=True, kw_only=True):
    """`source` is where it connects (host:port/database), `secret_mark` a digest of the password it uses there.

    Whether it is enabled is not compared: an engineer may pause a link, and a broken one is left to `repair`.
    `finished` is false for a subscription that an interrupted repair left behind. `organizations`: those whose rows the
    target has, if the link chooses rows. A publication that begins to carry rows of another organisation sends only
    later changes; the rows that were there before are copied here by a resync.
    """

    removable: ClassVar[bool] = True
    database: str
    name: str
    source: str
    source_server: str | None
    secret_mark: str
    slot: str | None
    tables: tuple[str, ...]
    organizations: tuple[int, ...] = ()
    synchronous_commit: str = "off"
    proper: bool = True
    finished: bool = True

    @property
    def key(self) -> Key:
        return ("subscription", self.server, self.database, self.name)

    @property
    def servers(self) -> tuple[str, ...]:
        return (self.server, self.source_server) if self.source_server else (self.server,)

    def noun(self, language: str) -> str:
        where = f"{self.name} ({self.database}, {self.server})"
        return f"subscription {where}" if language == "en" else f"подписка {where}"

    def difference(self, before: Self, language: str) -> str:
        changed = {
            ("адрес", "address"): before.source != self.source,
            ("пароль", "password"): before.secret_mark != self.secret_mark,
            ("состав таблиц", "tables"): before.tables != self.tables,
            ("свойства", "options"): before.proper != self.proper,
            (f"synchronous_commit = {self.synchronous_commit}",) * 2: before.synchronous_commit
            != self.synchronous_commit,
            self._rows_in_words(): before.organizations != self.organizations,
            ("прерванное восстановление", "an interrupted repair"): before.finished != self.finished,
        }
        return ", ".join(en if language == "en" else ru for (ru, en), is_so in changed.items() if is_so)

    def make(self, session: Session) -> None:
        link = self._link(session.topology)
        connection = session.at(self.server, self.database)
        if holds_rows(connection, link):
            resync(session, link)
        else:
            with connection.transaction():
                create_subscription(connection, session.topology, link, str(self.slot), copy_data=True, enabled=True)
                set_mark(connection, link, whole_mark(link, str(self.slot)))

    def change(self, session: Session, before: Self) -> None:
        link = self._link(session.topology)
        connection = session.at(self.server, self.database)
        name = sql.Identifier(self.name)
        if not before.finished:
            resync(session, link)
            return
        if (before.source, before.secret_mark) != (self.source, self.secret_mark):
            where = sql.Literal(link_conninfo(session.topology, link))
            connection.execute(sql.SQL("alter subscription {} connection {}").format(name, where))
        if before.proper != self.proper:
            self._set_options(connection, name)
        if before.synchronous_commit != self.synchronous_commit:
            statement = sql.SQL("alter subscription {} set (synchronous_commit = {})")
            connection.execute(statement.format(name, sql.Literal(self.synchronous_commit)))
        if set(self.organizations) - set(before.organizations):
            wait_for_arrival(session.at(link.source.server, link.source.name), str(before.slot), link)
            resync(session, link)
            return
        if before.organizations != self.organizations:
            set_mark(connection, link, whole_mark(link, str(self.slot)))
        if before.tables != self.tables and self._target_has_rows(connection, link, before):
            resync(session, link)
        elif before.tables != self.tables:
            statement = sql.SQL("alter subscription {} refresh publication with (copy_data = true)")
            connection.execute(statement.format(name))

    def _target_has_rows(self, connection: psycopg.Connection, link: Link, before: Self) -> bool:
        """Return whether tables new to the subscription have rows of the link already: a plain copy would collide."""
        added = tuple(item.table for item in link.published if item.table not in before.tables)
        return holds_rows(connection, link, added)

    def _rows_in_words(self) -> tuple[str, str]:
        numbers = ", ".join(map(str, self.organizations))
        return f"строки организаций {numbers}", f"rows of organisations {numbers}"

    def _set_options(self, connection: psycopg.Connection, name: sql.Identifier) -> None:
        """Set the options. PostgreSQL lets failover change only while the subscription is off and its worker gone."""
        enabled = find_value(connection, "select subenabled from pg_subscription where subname = %s", (self.name,))
        connection.execute(sql.SQL("alter subscription {} disable").format(name))
        wait_for_no_worker(connection, self.name)
        connection.execute(sql.SQL("alter subscription {} set ({})").format(name, OPTIONS))
        if enabled:
            connection.execute(sql.SQL("alter subscription {} enable").format(name))

    def remove(self, session: Session) -> None:
        connection = session.at(self.server, self.database)
        try:
            connection.execute(sql.SQL("drop subscription if exists {}").format(sql.Identifier(self.name)))
        except psycopg.Error:
            # The source does not answer, so its slot stays: the slot's own step removes it, if the server comes back.
            drop_subscription(connection, self.name)

    def _link(self, topology: Topology) -> Link:
        return next(link for link in links(topology) if link.name == self.name)

    @classmethod
    def read(cls, reader: Reader) -> Iterator[Self]:
        for row in find_rows(reader.connection, QUERIES["subscriptions"]):
            settings = conninfo_to_dict(row["conninfo"])
            if settings.get("user") != "trustmed_link":
                continue
            connection = reader.at(row["database"])
            comment = subscription_comment(connection, row["oid"])
            yield cls(
                server=reader.server.name,
                database=row["database"],
                name=row["name"],
                source=f"{settings['host']}:{settings['port']}/{settings['dbname']}",
                source_server=_source_server(reader.session.topology, row["name"]),
                secret_mark=short_digest(str(settings.get("password", ""))),
                slot=row["slot"],
                tables=tuple(find_table_states(connection, row["oid"])),
                organizations=organizations_in_mark(comment),
                synchronous_commit=row["synchronous_commit"],
                proper=row["options"] == SHOWN_OPTIONS,
                finished=is_whole_mark(comment, row["slot"]),
            )

    @classmethod
    def wanted(cls, wish: Wish, site: str | None) -> Iterator[Self]:
        for link in wish.links_of(site):
            try:
                mark = short_digest(secret(wish.topology, link.source.server, "trustmed_link"))
            except SecretMissing:
                mark = ""
            yield cls(
                server=link.target.server,
                database=link.target.name,
                name=link.name,
                source=f"{link.host}:{link.port}/{link.source.name}",
                source_server=link.source.server,
                secret_mark=mark,
                slot=wish.slots[link.name] if link.name in wish.slots else slot_name(wish, link),
                tables=tuple(published.table for published in link.published),
                organizations=link.filtered_organizations,
                synchronous_commit=synchronous_commit(wish.topology, link),
            )


def _source_server(topology: Topology, name: str) -> str | None:
    return next((link.source.server for link in links(topology) if link.name == name), None)
