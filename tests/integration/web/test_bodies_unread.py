"""A stranger's body is never read: who asks is known before."""

from collections.abc import Callable

import pytest
from litestar import Litestar

from tests.asking import ask, routes_of
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


async def test_no_interface_of_machines_reads_the_body_of_a_caller_without_a_token(app: Litestar):
    read = []
    for route in routes_of(app):
        if route.handler.opt.get("machine_only") and route.path not in ("/health", "/metrics"):
            answer = await ask(app, route.method, route.address, [("content-type", "application/json")], b"{}")
            if (answer.status, answer.reads) != (401, 0):
                read.append((route.method, route.path, answer.status, answer.reads))
    assert read == []
