"""The state of a deployment as a value: the wanted one, or the one that the servers' catalogues show."""

from concurrent.futures import ThreadPoolExecutor

import msgspec

from trustmed.db.queries import load
from trustmed.db.rows import find_value, find_values
from trustmed.topology.connect import ServerUnreachable
from trustmed.topology.file.spec import Database, Server, Topology
from trustmed.topology.links import links
from trustmed.topology.things import KINDS, Reader, Session, Thing, Wish
from trustmed.topology.things.base import Key
from trustmed.topology.things.database import find_databases
from trustmed.topology.things.subscription import Subscription

QUERIES = load(__package__)
READERS = 16  # servers read at the same time


class Unreachable(msgspec.Struct, frozen=True):
    """A server that could not be read, and the reason."""

    server: str
    ru: str
    en: str


class State(msgspec.Struct, frozen=True):
    """The things of a deployment. Those of a wanted state are in the order of making. `epochs`: by database label."""

    things: tuple[Thing, ...] = ()
    unreachable: tuple[Unreachable, ...] = ()
    epochs: dict[str, int] = {}

    def by_key(self) -> dict[Key, Thing]:
        return {thing.key: thing for thing in self.things}


def wanted_state(topology: Topology, current: State, only: str | None = None, *, removals: bool = True) -> State:
    """Return what the topology asks for. From `current` come only names that history chose: the slot of each link.

    `only`: the region and this one site; then, as without `removals`, nothing is removed from any schema: programs of
    an earlier version may still need it.
    """
    wish = Wish(
        topology=topology,
        links=links(topology),
        present=frozenset(thing.key for thing in current.things),
        slots={thing.name: thing.slot for thing in current.things if isinstance(thing, Subscription)},
        epochs=current.epochs,
    )
    sites = [site.name for site in topology.site if only in (None, site.name)]
    first = [thing for site in (None, *sites) for kind in KINDS if not kind.last for thing in kind.wanted(wish, site)]
    leaving = (*sites, None) if removals and only is None else ()
    last = [thing for site in leaving for kind in KINDS if kind.last for thing in kind.wanted(wish, site)]
    return State(things=tuple(dict.fromkeys((*first, *last))), epochs=current.epochs)


def read_state(topology: Topology) -> State:
    """Read the catalogues of all servers at once. A server that is down is in `unreachable`."""
    with ThreadPoolExecutor(max_workers=min(READERS, len(topology.server))) as pool:
        parts = list(pool.map(lambda server: _read_server(topology, server), topology.server))
    return State(
        things=tuple(thing for part in parts for thing in part.things),
        unreachable=tuple(down for part in parts for down in part.unreachable),
        epochs={label: epoch for part in parts for label, epoch in part.epochs.items()},
    )


def _read_server(topology: Topology, server: Server) -> State:
    with Session(topology) as session:
        try:
            reader = Reader(session, server, _databases(session, topology, server))
            things = tuple(thing for kind in KINDS for thing in kind.read(reader))
            return State(things=things, epochs=dict(filter(None, (_epoch(reader, d) for d in reader.databases))))
        except ServerUnreachable as error:
            return State(unreachable=(Unreachable(server.name, error.ru, error.en),))


def _databases(session: Session, topology: Topology, server: Server) -> tuple[Database, ...]:
    """Return the server's databases that the topology names, and others that hold an end of a link."""
    connection = session.at(server.name)
    there = find_databases(connection).keys()
    named = {database.name: database for database in topology.databases() if database.server == server.name}
    linked = set(find_values(connection, QUERIES["linked_databases"]))
    return tuple(
        named.get(name) or Database(server.name, name, frozenset(), None)
        for name in sorted(there & (named.keys() | linked))
    )


def _epoch(reader: Reader, database: Database) -> tuple[str, int] | None:
    connection = reader.at(database.name)
    if find_value(connection, "select to_regclass('replication.incarnation')") is None:
        return None
    epoch = find_value(connection, QUERIES["epoch"])
    return None if epoch is None else (database.label, epoch)
