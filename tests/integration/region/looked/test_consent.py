"""Consents at the region: whether one is in force, and what the person is told of."""

import pytest

from tests.fix_region import HOSPITAL, POLYCLINIC, RegionStand
from tests.integration.region.looked.conftest import consented
from trustmed.region.access.model import Reader
from trustmed.region.disclosures.consent import consents_of, has_consent
from trustmed.region.pools import OrganizationUnknown, PartMissing, Pools

CITIZEN = Reader("portal-id", "Портал", "portal", "own")


@pytest.mark.parametrize(
    ("days", "revoked", "holds"),
    [
        (None, False, True),
        (0, False, True),
        (-1, False, False),
        (None, True, False),
        (9, True, False),
    ],
)
async def test_it_holds_through_its_last_day_and_until_revoked(
    region: RegionStand, pools: Pools, days: int | None, revoked: bool, holds: bool
):
    alice = region.citizen()
    consented(region, region.patient(alice), days=days, revoked=revoked)
    assert await has_consent(pools, alice.id, HOSPITAL) is holds


async def test_it_is_of_one_person_to_one_clinic(region: RegionStand, pools: Pools):
    alice, boris = region.citizen(), region.citizen()
    region.patient(alice, POLYCLINIC)
    region.patient(boris)
    consented(region, region.patient(alice))
    assert await has_consent(pools, alice.id, HOSPITAL)
    assert not await has_consent(pools, alice.id, POLYCLINIC)
    assert not await has_consent(pools, boris.id, HOSPITAL)


async def test_a_shard_that_is_down_and_an_unknown_clinic_are_errors_and_no_answer(region: RegionStand, pools: Pools):
    alice = region.citizen()
    with pytest.raises(OrganizationUnknown):
        await has_consent(pools, alice.id, 12345)
    with region.stopped(pools.shard_of(POLYCLINIC).server), pytest.raises(PartMissing):
        await has_consent(pools, alice.id, POLYCLINIC)


async def test_the_person_is_told_of_all_theirs_those_in_force_first(region: RegionStand, pools: Pools):
    alice, boris = region.citizen(), region.citizen()
    hospital, polyclinic = region.patient(alice), region.patient(alice, POLYCLINIC)
    held = consented(region, hospital, days=1)
    expired = consented(region, polyclinic, POLYCLINIC, days=-1)
    revoked = consented(region, hospital, revoked=True)
    consented(region, region.patient(boris))
    found = await consents_of(pools, CITIZEN, alice.id)
    assert [(one.id, one.in_force) for one in found.consents] == [(held, True), (revoked, False), (expired, False)]
