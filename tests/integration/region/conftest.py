"""An index of patients in a database of its own."""

import psycopg
import pytest

from trustmed.db.migrate import grant_creation, migrate
from trustmed.schema import Place, roles_sql


@pytest.fixture
def index(fresh_database: str) -> str:
    with psycopg.connect(fresh_database, autocommit=True) as connection:
        connection.execute(roles_sql().encode())
        grant_creation(connection)
        migrate(connection, frozenset({Place.MPI}))
    return fresh_database
