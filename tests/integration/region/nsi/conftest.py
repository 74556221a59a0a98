"""A database of dictionaries; every test has OIDs of its own in it."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.fix_servers import RunningPostgres
from trustmed.db.migrate import grant_creation, migrate
from trustmed.schema import Place, roles_sql


@pytest.fixture(scope="module")
def nsi_database(postgres_server: RunningPostgres) -> Iterator[str]:
    """The superuser's connection string."""
    with psycopg.connect(postgres_server.conninfo(), autocommit=True) as admin:
        admin.execute(roles_sql().encode())
        admin.execute("drop database if exists nsi_tests")
        admin.execute("create database nsi_tests")
    conninfo = postgres_server.conninfo("nsi_tests")
    with psycopg.connect(conninfo, autocommit=True) as connection:
        grant_creation(connection)
        migrate(connection, frozenset({Place.NSI}))
    yield conninfo
    with psycopg.connect(postgres_server.conninfo(), autocommit=True) as admin:
        admin.execute("drop database nsi_tests with (force)")


@pytest.fixture
def held(nsi_database: str) -> Iterator[psycopg.Connection]:
    """A connection as the region's role."""
    with psycopg.connect(nsi_database, autocommit=True) as connection:
        connection.execute("set role trustmed_region")
        yield connection
