"""The versions of dictionaries in force at each site: the monitor asks, and stores them beside the dictionaries.

For a site that does not answer, the versions last seen there stay, with their time.
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
ANSWER_SECONDS = 4.0

Versions = dict[str, str]
"""OID -> version."""


def watch_holdings(topology: Topology, connections: WatchConnections) -> None:
    """Ask every site and store what changed. If the dictionaries' database is down, say so in the log."""
    databases = {site.name: topology.database_of(Place.SITE, site) for site in topology.site}
    work: dict[str, Callable[[], Versions]] = {
        name: partial(_versions_at_site, connections, database) for name, database in databases.items()
    }
    found = run_all(work, lambda name: connections.cut(databases[name].server), ANSWER_SECONDS)
    seen = {name: result for name, result in found.items() if not isinstance(result, Exception)}
    for error in found.values():
        if isinstance(error, Exception) and not isinstance(error, psycopg.OperationalError | Late):
            log.warning("site not asked for its dictionaries", error=error)
    keeper = topology.database_of(Place.NSI)
    try:
        store_holdings(connections.at(keeper.server, keeper.name), seen, tuple(databases))
    except (psycopg.Error, SecretMissing) as error:
        log.warning("sites' dictionaries not stored", server=keeper.server, error=error)


def store_holdings(connection: psycopg.Connection, seen: dict[str, Versions], sites: tuple[str, ...]) -> None:
    """Store the versions of the sites that answered; forget sites that are no longer in the topology."""
    with connection.transaction():
        connection.execute(QUERIES["forget_holdings"], {"sites": list(sites)})
        connection.execute(QUERIES["forget_sites_seen"], {"sites": list(sites)})
        for site, versions in seen.items():
            values = {"site": site, "oids": list(versions), "versions": list(versions.values())}
            connection.execute(QUERIES["forget_withdrawn_holdings"], values)
            connection.execute(QUERIES["store_holdings"], values)
            connection.execute(QUERIES["store_site_seen"], values)


def _versions_at_site(connections: WatchConnections, database: Database) -> Versions:
    rows = connections.at(database.server, database.name).execute(QUERIES["versions_in_force"]).fetchall()
    return dict(rows)
