"""What every kind of thing can do: read itself from catalogues, say what a topology wants, make, change and remove."""

from collections.abc import Iterator
from hashlib import sha256
from typing import ClassVar, Self

import msgspec
import psycopg

from trustmed.topology.file.spec import Database, Server, Topology
from trustmed.topology.links import Link
from trustmed.topology.native.session import Session

Key = tuple[str, ...]
DIGEST_LENGTH = 16


def short_digest(text: str) -> str:
    """Return a digest by which a change of `text` is noticed; it fits into a comment and does not reveal a password."""
    return sha256(text.encode()).hexdigest()[:DIGEST_LENGTH]


class Wish(msgspec.Struct, frozen=True):
    """What the wanted things are derived from.

    `present`: keys of the things found. `slots`: the slot of each subscription found (None: it has none).
    """

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
        """Return the servers of the region (None), or those of the site that the region does not use."""
        earlier = {database.server for database in self.databases(None)} if site else set()
        names = dict.fromkeys(database.server for database in self.databases(site))
        return tuple(self.topology.server_named(name) for name in names if name not in earlier)


class Reader(msgspec.Struct, frozen=True):
    """A server whose catalogues are read. `databases`: those of its databases that the topology or a link uses."""

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

    `removable`: remove it if the topology does not want it. `last`: make it after the links, at the sites before the
    region (removals from the schema).
    """

    removable: ClassVar[bool] = False
    last: ClassVar[bool] = False
    server: str

    @property
    def key(self) -> Key:
        """What tells this thing from others, whatever else of it changes."""
        raise NotImplementedError

    @property
    def servers(self) -> tuple[str, ...]:
        """The servers that must be reachable to make or change it."""
        return (self.server,)

    def noun(self, language: str) -> str:
        """Return what a person calls it."""
        raise NotImplementedError

    def difference(self, before: Self, language: str) -> str:
        """Return in words what a change would do."""
        return ""

    def make(self, session: Session) -> None:
        raise NotImplementedError

    def change(self, session: Session, before: Self) -> None:
        raise NotImplementedError

    def remove(self, session: Session) -> None:
        raise NotImplementedError

    @classmethod
    def read(cls, reader: Reader) -> Iterator[Self]:
        """Read all things of this kind on a server."""
        raise NotImplementedError

    @classmethod
    def wanted(cls, wish: Wish, site: str | None) -> Iterator[Self]:
        """Return all things of this kind that the region (None) or a site shall have."""
        raise NotImplementedError
