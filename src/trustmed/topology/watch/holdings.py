"""Which version of which dictionary each site's database points at: asked by the monitor, kept beside the dictionaries.

A site that does not answer keeps what was last seen there, with the time of it.
"""

from collections.abc import Callable
from functools import partial

import psycopg
import structlog

from trustmed.db.queries import load
from trustmed.schema import Place
from trustmed.topology.file.spec import Database, Topology
from trustmed.topology.secrets import SecretMissing
from trustmed.topology.watch.connections import Late, WatchConnections, run_all

log = structlog.get_logger()
QUERIES = load(__package__)
SECONDS = 4.0

Versions = dict[str, str]
"""OID -> version."""


def watch_holdings(topology: Topology, connections: WatchConnections) -> None:
    """Ask every site and write down what changed. With the dictionaries' database down it says so in the log."""
    databases = {site.name: topology.database_of(Place.SITE, site) for site in topology.site}
    work: dict[str, Callable[[], Versions]] = {
        name: partial(_asked, connections, database) for name, database in databases.items()
    }
    found = run_all(work, lambda name: connections.cut(databases[name].server), SECONDS)
    seen = {name: result for name, result in found.items() if not isinstance(result, Exception)}
    for error in found.values():
        if isinstance(error, Exception) and not isinstance(error, psycopg.OperationalError | Late):
            log.warning("site not asked for its dictionaries", error=repr(error))
    keeper = topology.database_of(Place.NSI)
    try:
        store_holdings(connections.at(keeper.server, keeper.name), seen, tuple(databases))
    except (psycopg.Error, SecretMissing) as error:
        log.warning("sites' dictionaries not stored", server=keeper.server, error=str(error).strip())


def store_holdings(connection: psycopg.Connection, seen: dict[str, Versions], sites: tuple[str, ...]) -> None:
    """Write what the sites that answered point at; forget sites that are in the topology no more."""
    with connection.transaction():
        connection.execute(QUERIES["forget_holdings"], {"sites": list(sites)})
        connection.execute(QUERIES["forget_sites_seen"], {"sites": list(sites)})
        for site, versions in seen.items():
            values = {"site": site, "oids": list(versions), "versions": list(versions.values())}
            connection.execute(QUERIES["forget_withdrawn_holdings"], values)
            connection.execute(QUERIES["store_holdings"], values)
            connection.execute(QUERIES["store_site_seen"], values)


def _asked(connections: WatchConnections, database: Database) -> Versions:
    rows = connections.at(database.server, database.name).execute(QUERIES["versions_in_force"]).fetchall()
    return dict(rows)
