"""Both applications, as the tests of what they have in common need them."""

from collections.abc import Callable

import pytest
from litestar import Litestar

from tests.fix_region import RegionStand
from tests.fix_site import SiteStand


@pytest.fixture(scope="module", params=["region", "site"])
def app(
    request: pytest.FixtureRequest,
    region_stands: Callable[[str], RegionStand],
    site_stands: Callable[[str], SiteStand],
) -> Litestar:
    """Each application, not started: no stranger's request needs a database."""
    stands = region_stands if request.param == "region" else site_stands
    return stands("apart").web.make()
