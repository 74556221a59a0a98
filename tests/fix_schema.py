"""Databases with the schema of their places, copied from templates: a server migrates a set of places once."""

import secrets
from collections.abc import Callable, Iterator
from hashlib import sha256

import psycopg
import pytest
from psycopg import sql

from tests.fix_servers import RunningPostgres
from trustmed.db.migrate import grant_creation, migrate
from trustmed.schema import Place, roles_sql

MakeDatabase = Callable[..., str]


def create_migrated(server: RunningPostgres, name: str, places: frozenset[Place]) -> str:
    """Create database `name` with the schema of `places`, and the roles; return the superuser's connection string."""
    with psycopg.connect(server.conninfo(), autocommit=True) as admin:
        template = _template(server, admin, places)
        # A copy of files: a copy through the log would write every page twice.
        copy = sql.SQL("create database {} template {} strategy file_copy")
        admin.execute(copy.format(sql.Identifier(name), sql.Identifier(template)))
    with psycopg.connect(server.conninfo(name), autocommit=True) as connection:
        grant_creation(connection)  # a database's own grants are not copied
    return server.conninfo(name)


def _template(server: RunningPostgres, admin: psycopg.Connection, places: frozenset[Place]) -> str:
    """Return the name of the server's migrated template of these places, made when first asked for."""
    name = f"template_{sha256(' '.join(sorted(places)).encode()).hexdigest()[:16]}"
    if admin.execute("select 1 from pg_database where datname = %s", (name,)).fetchone():
        return name
    admin.execute(roles_sql().encode())
    admin.execute(sql.SQL("create database {} template template0").format(sql.Identifier(name)))
    with psycopg.connect(server.conninfo(name), autocommit=True) as connection:
        grant_creation(connection)
        migrate(connection, places)
    admin.execute(sql.SQL("alter database {} is_template true allow_connections false").format(sql.Identifier(name)))
    return name


@pytest.fixture
def make_database(postgres_server: RunningPostgres) -> Iterator[MakeDatabase]:
    """Makes migrated databases of a test's own: `make_database(Place.MPI)` returns the connection string of one."""
    made: list[str] = []

    def make(*places: Place) -> str:
        made.append(f"test_{secrets.token_hex(6)}")
        return create_migrated(postgres_server, made[-1], frozenset(places))

    yield make
    with psycopg.connect(postgres_server.conninfo(), autocommit=True) as admin:
        for name in made:
            admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
