"""A database of dictionaries; every test has OIDs of its own in it."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.fix_schema import create_migrated
from tests.fix_servers import RunningPostgres
from trustmed.schema import Place


@pytest.fixture(scope="module")
def nsi_database(postgres_server: RunningPostgres) -> Iterator[str]:
    """The superuser's connection string."""
    yield create_migrated(postgres_server, "nsi_tests", frozenset({Place.NSI}))
    with psycopg.connect(postgres_server.conninfo(), autocommit=True) as admin:
        admin.execute("drop database nsi_tests with (force)")


@pytest.fixture
def connection(nsi_database: str) -> Iterator[psycopg.Connection]:
    """A connection as the region's role."""
    with psycopg.connect(nsi_database, autocommit=True) as region:
        region.execute("set role trustmed_region")
        yield region
