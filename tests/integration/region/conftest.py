"""An index of patients in a database of its own; pools to a region's databases."""

from collections.abc import AsyncIterator

import psycopg
import pytest

from tests.fix_region import RegionStand
from trustmed.db.migrate import grant_creation, migrate
from trustmed.region.pools import Pools
from trustmed.schema import Place, roles_sql


@pytest.fixture
def index(fresh_database: str) -> str:
    with psycopg.connect(fresh_database, autocommit=True) as connection:
        connection.execute(roles_sql().encode())
        grant_creation(connection)
        migrate(connection, frozenset({Place.MPI}))
    return fresh_database


@pytest.fixture
async def pools(region: RegionStand) -> AsyncIterator[Pools]:
    made = Pools(region.topology)
    await made.open()
    yield made
    await made.close()
