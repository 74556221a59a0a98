"""An index of patients in a database of its own; pools to a region's databases."""

from collections.abc import AsyncIterator

import pytest

from tests.fix_region import RegionStand
from tests.fix_schema import MakeDatabase
from trustmed.region.pools import Pools
from trustmed.schema import Place


@pytest.fixture
def index(make_database: MakeDatabase) -> str:
    return make_database(Place.MPI)


@pytest.fixture
async def pools(region: RegionStand) -> AsyncIterator[Pools]:
    made = Pools(region.topology)
    await made.open()
    yield made
    await made.close()
