"""What every kind of thing can do: be found in the catalogues, be wanted by a topology, be made, changed, removed."""

from collections.abc import Iterator
from typing import ClassVar, Self

import msgspec
import psycopg

from trustmed.topology.file.spec import Database, Server, Topology
from trustmed.topology.links import Link
from trustmed.topology.native.session import Session

Key = tuple[str, ...]


class Wish(msgspec.Struct, frozen=True):
    """What a thing's wanted form is made from. `slots`: the slot each subscription found uses (None: it has none)."""

    topology: Topology
    links: tuple[Link, ...]
    present: frozenset[Key]
    slots: dict[str, str | None]
    epochs: dict[str, int]

    def databases(self, site: str | None) -> tuple[Database, ...]:
        return tuple(database for database in self.topology.databases() if database.site == site)

    def links_of(self, site: str | None) -> tuple[Link, ...]:
        return tuple(link for link in self.links if link.site == site)

    def servers(self, site: str | None) -> tuple[Server, ...]:
        """Servers first used by the region (None) or by the site; the region's come first."""
        earlier = {database.server for database in self.databases(None)} if site else set()
        names = dict.fromkeys(database.server for database in self.databases(site))
        return tuple(self.topology.server_named(name) for name in names if name not in earlier)


class Reader(msgspec.Struct, frozen=True):
    """One server under reading. `databases` are those of it that concern us."""

    session: Session
    server: Server
    databases: tuple[Database, ...]

    @property
    def connection(self) -> psycopg.Connection:
        return self.session.at(self.server.name)

    def at(self, database: str) -> psycopg.Connection:
        return self.session.at(self.server.name, database)


class Thing(msgspec.Struct, frozen=True, kw_only=True):
    """A thing as it is, or as it shall be: both are values of the same types, so a plan is their difference.

    `removable`: one that nothing wanted explains is to be removed. `last`: made after the links, at the sites before
    the region (what removes from the schema).
    """

    removable: ClassVar[bool] = False
    last: ClassVar[bool] = False
    server: str

    @property
    def key(self) -> Key:
        """What it is the same thing by, whatever else changes."""
        raise NotImplementedError

    @property
    def servers(self) -> tuple[str, ...]:
        """Servers that must be reachable to make or change it."""
        return (self.server,)

    def noun(self, language: str) -> str:
        """What a person calls it."""
        raise NotImplementedError

    def difference(self, before: Self, language: str) -> str:
        """What will change, in words."""
        return ""

    def make(self, session: Session) -> None:
        raise NotImplementedError

    def change(self, session: Session, before: Self) -> None:
        raise NotImplementedError

    def remove(self, session: Session) -> None:
        raise NotImplementedError

    @classmethod
    def read(cls, reader: Reader) -> Iterator[Self]:
        """All of this kind on a server."""
        raise NotImplementedError

    @classmethod
    def want(cls, wish: Wish, site: str | None) -> Iterator[Self]:
        """All of this kind that the region (None) or a site shall have."""
        raise NotImplementedError
