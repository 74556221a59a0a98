"""Connections to the databases of a topology, each with a name and time limits."""

from urllib.parse import quote

import psycopg
from psycopg.conninfo import make_conninfo

from trustmed.errors import Unavailable
from trustmed.topology.file.spec import Database, Server, Site, Topology
from trustmed.topology.secrets import secret


class ServerUnreachable(Unavailable):
    """A PostgreSQL server does not answer or does not let us in."""


def conninfo(topology: Topology, database: Database, role: str, purpose: str, **options: str | int) -> str:
    """A libpq connection string to `database` as `role`; `purpose` is shown in pg_stat_activity."""
    return server_conninfo(topology, topology.server_named(database.server), database.name, role, purpose, **options)


def server_conninfo(
    topology: Topology, server: Server, database: str, role: str, purpose: str, **options: str | int
) -> str:
    """The same for a database by name. Role "administrator" is the server's superuser from the file."""
    user = server.administrator if role == "administrator" else role
    settings = {
        "host": server.host,
        "port": server.port,
        "dbname": database,
        "user": user,
        "password": secret(topology, server.name, user),
        "application_name": f"trustmed {purpose}",
        "connect_timeout": 5,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        **options,
    }
    return make_conninfo("", **settings)


def connect(topology: Topology, database: Database, role: str, purpose: str) -> psycopg.Connection:
    """A connection in autocommit. Raises ServerUnreachable with the server's name and the cause."""
    return connect_server(topology, topology.server_named(database.server), database.name, role, purpose)


def connect_server(topology: Topology, server: Server, database: str, role: str, purpose: str) -> psycopg.Connection:
    try:
        return psycopg.connect(server_conninfo(topology, server, database, role, purpose), autocommit=True)
    except psycopg.OperationalError as error:
        where = f"{server.name} ({server.host}:{server.port}, {database})"
        raise ServerUnreachable(
            f"Сервер {where} недоступен: {str(error).strip()}. Проверьте, что он запущен, и пароль роли.",
            f"Server {where} cannot be reached: {str(error).strip()}. Check that it runs, and the role's password.",
        ) from error


def cache_url(topology: Topology, site: Site | None = None) -> str | None:
    """The address of a site's (or, without one, the region's) hot store, password included; None without one.

    The password is secret "redis" of the site's name (of "region" at the region).
    """
    address = site.cache if site else topology.region.cache
    if address is None:
        return None
    password = secret(topology, site.name if site else "region", "redis")
    scheme, _, place = address.partition("://")
    return f"{scheme}://:{quote(password, safe='')}@{place}"
