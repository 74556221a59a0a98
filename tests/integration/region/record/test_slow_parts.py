"""A part that is busy, slow or frozen opens nothing: it is asked again, then the reader is told to try later."""

import asyncio
from contextlib import AsyncExitStack
from uuid import uuid4

import pytest

from tests.fix_region import POLYCLINIC, RegionStand
from tests.integration.region.record.conftest import Patient, apart
from trustmed.region.pools import PartMissing, Pools
from trustmed.region.record.grounds import Claim, Granted, GroundUnclear, TreatmentNotFound, verify_claim
from trustmed.schema import Place

CLAIM = Claim("treatment", POLYCLINIC, account="proverkin", employee_id=uuid4())
POOL_SIZE = 8

pytestmark = apart


async def ask(pools: Pools, patient: Patient) -> Granted:
    return await verify_claim(pools, patient.citizen.id, CLAIM)


async def test_a_locked_table_is_no_outage(region: RegionStand, pools: Pools, polyclinic: Patient) -> None:
    with pytest.raises(TreatmentNotFound):
        await ask(pools, polyclinic)
    with region.admin(Place.RECORD, POLYCLINIC) as connection, connection.transaction():
        connection.execute("lock table record.visit in access exclusive mode")
        with pytest.raises(GroundUnclear) as refusal:
            await ask(pools, polyclinic)
    assert "apart_record2" in refusal.value.ru
    assert "экстренно" in refusal.value.ru


async def test_a_part_that_was_slow_for_a_moment_answers_when_it_is_asked_again(
    region: RegionStand, pools: Pools, polyclinic: Patient
) -> None:
    polyclinic.add_visit()
    with region.admin(Place.RECORD, POLYCLINIC) as connection, connection.transaction():
        connection.execute("lock table record.visit in access exclusive mode")
        asked = asyncio.create_task(ask(pools, polyclinic))
        await asyncio.sleep(1.2)
    assert (await asked).verified


async def test_a_frozen_server_is_no_outage(region: RegionStand, pools: Pools, polyclinic: Patient) -> None:
    with pytest.raises(TreatmentNotFound):
        await ask(pools, polyclinic)
    with region.frozen("apart"):
        for _ in range(2):  # the second finds it marked as down
            with pytest.raises(GroundUnclear):
                await ask(pools, polyclinic)


async def test_a_pool_full_of_others_work_is_no_outage(pools: Pools, polyclinic: Patient) -> None:
    shard = pools.shard_of(POLYCLINIC)
    async with AsyncExitStack() as others:
        for _ in range(POOL_SIZE):
            await others.enter_async_context(pools.connection(shard, patience=60))
        with pytest.raises(GroundUnclear):
            await ask(pools, polyclinic)


async def test_a_stopped_server_is_unreachable_and_opens_nobody_unknown(
    region: RegionStand, pools: Pools, polyclinic: Patient
) -> None:
    with region.stopped("apart"):
        with pytest.raises(PartMissing) as missing:
            async with pools.connection(pools.shard_of(POLYCLINIC)):
                raise AssertionError("a stopped server lends no connection")
        assert missing.value.is_unreachable
        with pytest.raises(GroundUnclear):
            await ask(pools, polyclinic)
