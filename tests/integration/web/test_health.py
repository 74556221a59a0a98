"""Health costs the service nothing: it is examined aside, and answered from what was found."""

import asyncio
from collections.abc import Callable

import pytest
from litestar.testing import AsyncTestClient

from tests.asking import ask
from tests.fix_region import RegionStand
from tests.waiting import health_says
from trustmed.region.pools import Pools
from trustmed.web.health import Examiner, Part

CROWD = 450


@pytest.mark.parametrize("region", ["apart"], indirect=True)
async def test_a_crowd_asking_for_health_takes_no_connection_of_the_service(region: RegionStand):
    app = region.web.make()
    async with app.lifespan():
        pools: Pools = app.state.pools
        before = {name: pool.get_stats().get("requests_num", 0) for name, pool in pools._pools.items()}
        async with asyncio.timeout(60):  # a busy machine may take its time to connect
            while (await ask(app, "GET", "/ready")).status != 200:
                await asyncio.sleep(0.1)
        for path in ("/health", "/ready"):
            answers = await asyncio.gather(*(ask(app, "GET", path) for _ in range(CROWD)))
            assert {answer.status for answer in answers} == {200}
        taken = {name: pool.get_stats().get("requests_num", 0) - before[name] for name, pool in pools._pools.items()}
        # The gauges of /metrics read the databases now and then; nothing is asked for once a request.
        assert max(taken.values()) < CROWD / 10, taken


async def test_a_stranger_reads_states_and_no_details(region_stands: Callable[[str], RegionStand]):
    app = region_stands("apart").web.make()
    async with app.lifespan():
        answer = await ask(app, "GET", "/health")
        assert b"detail" not in answer.body
        assert (await ask(app, "GET", "/ready")).body == b"ready"


@pytest.mark.parametrize("region", ["apart"], indirect=True)
async def test_health_notices_a_part_that_goes_and_comes(region: RegionStand):

    async with region.web.client(AsyncTestClient) as client:
        await health_says(client, "apart_record2", "ok")
        with region.stopped("apart"):
            assert (await health_says(client, "apart_record2", "degraded"))["state"] == "degraded"
        await health_says(client, "apart_record2", "ok")


async def test_the_first_caller_waits_for_one_examination_that_all_share():
    asked = 0

    async def probe() -> Part:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0)
        return Part("down", "why")

    examiner = Examiner({"part": probe})
    found = await asyncio.gather(*(examiner.health() for _ in range(CROWD)))
    assert asked == 1
    assert {one.state for one in found} == {"down"}
