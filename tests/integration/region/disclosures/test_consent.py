"""Consents at the region: whether one is in force, and which the person sees."""

from uuid import UUID, uuid4

import pytest

from tests.fix_region import HOSPITAL, POLYCLINIC, RegionStand
from tests.integration.region.disclosures.conftest import add_consent
from trustmed.region.access.model import Reader
from trustmed.region.disclosures.consent import consents_of
from trustmed.region.pools import Pools
from trustmed.region.record.grounds import Claim, ConsentNotFound, GroundUnclear, verify_claim

CITIZEN = Reader("portal-id", "Портал", "portal", "own")


async def has_consent(pools: Pools, person_id: UUID, organization_id: int) -> bool:
    """Return whether a consent opens the person's record to this organisation."""
    try:
        await verify_claim(pools, person_id, Claim("consent", organization_id, account="x", employee_id=uuid4()))
    except ConsentNotFound:
        return False
    return True


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
async def test_a_consent_holds_through_its_last_day_and_until_revoked(
    region: RegionStand, pools: Pools, days: int | None, revoked: bool, holds: bool
):
    alice = region.add_citizen()
    add_consent(region, region.add_patient(alice), days=days, revoked=revoked)
    assert await has_consent(pools, alice.id, HOSPITAL) is holds


async def test_a_consent_is_of_one_person_to_one_clinic(region: RegionStand, pools: Pools):
    alice, boris = region.add_citizen(), region.add_citizen()
    region.add_patient(alice, POLYCLINIC)
    region.add_patient(boris)
    add_consent(region, region.add_patient(alice))
    assert await has_consent(pools, alice.id, HOSPITAL)
    assert not await has_consent(pools, alice.id, POLYCLINIC)
    assert not await has_consent(pools, boris.id, HOSPITAL)


async def test_a_shard_that_is_down_is_an_error_and_an_unknown_clinic_has_no_consent(region: RegionStand, pools: Pools):
    alice = region.add_citizen()
    assert not await has_consent(pools, alice.id, 12345)
    with region.stopped(pools.shard_of(POLYCLINIC).server), pytest.raises(GroundUnclear):
        await has_consent(pools, alice.id, POLYCLINIC)


async def test_the_person_sees_all_their_consents_with_those_in_force_first(region: RegionStand, pools: Pools):
    alice, boris = region.add_citizen(), region.add_citizen()
    hospital, polyclinic = region.add_patient(alice), region.add_patient(alice, POLYCLINIC)
    held = add_consent(region, hospital, days=1)
    expired = add_consent(region, polyclinic, POLYCLINIC, days=-1)
    revoked = add_consent(region, hospital, revoked=True)
    add_consent(region, region.add_patient(boris))
    found = await consents_of(pools, CITIZEN, alice.id)
    assert [(one.id, one.in_force) for one in found.consents] == [(held, True), (revoked, False), (expired, False)]
