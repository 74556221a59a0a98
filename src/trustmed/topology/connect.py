"""Connections to the databases of a topology, each with a name and time limits."""

from urllib.parse import quote

import psycopg
from psycopg.conninfo import make_conninfo

from trustmed.errors import Unavailable
from trustmed.topology.file.spec import Database, Server, Site, Topology
from trustmed.topology.secrets import secret

CONNECT_SECONDS = 5


class ServerUnreachable(Unavailable):
    """A PostgreSQL server does not answer or refuses the connection."""


def conninfo(topology: Topology, database: Database, role: str, purpose: str, **options: str | int) -> str:
    """Return a libpq connection string to `database` as `role`; pg_stat_activity shows `purpose`."""
    return server_conninfo(topology, topology.server_named(database.server), database.name, role, purpose, **options)


def server_conninfo(
    topology: Topology, server: Server, database: str, role: str, purpose: str, **options: str | int
) -> str:
    """Do the same for a database by name. Role "administrator" is the superuser that the file names for the server."""
    user = server.administrator if role == "administrator" else role
    settings = {
        "host": server.host,
        "port": server.port,
        "dbname": database,
        "user": user,
        "password": secret(topology, server.name, user),
        "application_name": f"trustmed {purpose}",
        "connect_timeout": CONNECT_SECONDS,
        # A line that was cut is noticed within 10 + 3 * 5 s; the kernel's own limit is two hours.
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        **options,
    }
    return make_conninfo("", **settings)


def connect(topology: Topology, database: Database, role: str, purpose: str) -> psycopg.Connection:
    """Open a connection in autocommit. Raises ServerUnreachable with the server's name and the cause."""
    return connect_server(topology, topology.server_named(database.server), database.name, role, purpose)


def connect_server(topology: Topology, server: Server, database: str, role: str, purpose: str) -> psycopg.Connection:
    """Do the same for a database by name, see `server_conninfo`."""
    try:
        return psycopg.connect(server_conninfo(topology, server, database, role, purpose), autocommit=True)
    except psycopg.OperationalError as error:
        where = f"{server.name} ({server.host}:{server.port}, {database})"
        raise ServerUnreachable(
            f"Сервер {where} недоступен: {str(error).strip()}. Проверьте, запущен ли он и верен ли пароль роли.",
            f"Server {where} cannot be reached: {str(error).strip()}. Check that it runs and the password is right.",
        ) from error


def cache_url(topology: Topology, site: Site | None = None) -> str | None:
    """Return the address, password included, of the hot store of a site (None: of the region); None if it has none.

    The password is the secret "redis" of the site's name, at the region of "region".
    """
    address = site.cache if site else topology.region.cache
    if address is None:
        return None
    password = secret(topology, site.name if site else "region", "redis")
    scheme, _, place = address.partition("://")
    return f"{scheme}://:{quote(password, safe='')}@{place}"
