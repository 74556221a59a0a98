"""A person's trail: gathered from every part of the region, paged, and naming the parts that are down."""

from datetime import timedelta

import pytest

from tests.fix_region import ELSEWHERE, HOSPITAL, POLYCLINIC, Citizen, RegionStand
from tests.integration.region.disclosures.conftest import NOON, add_reading
from trustmed.audit.actions import Action
from trustmed.region.access.model import Access, Reader
from trustmed.region.access.service import open_reading
from trustmed.region.disclosures.model import LooksPage, LooksQuery
from trustmed.region.disclosures.service import find_looks
from trustmed.region.pools import Pools
from trustmed.region.registry.cursor import CursorRefused
from trustmed.schema import Place

CITIZEN = Reader("portal-id", "Портал", "portal", "own")
STAFF = Reader("doctor-id", "Чужой врач", "region", "treatment")


def missing_parts(found: LooksPage) -> list[tuple[str, tuple[int, ...]]]:
    return [(one.part, one.organizations) for one in found.missing]


def missing_known_parts(found: LooksPage) -> list[tuple[str, tuple[int, ...]]]:
    """Return the missing parts but the clinic in no topology, where every citizen of these tests has a card."""
    return [one for one in missing_parts(found) if one != ("", (ELSEWHERE,))]


def add_readings_on_both_shards(region: RegionStand, citizen: Citizen) -> None:
    for number, organization_id in enumerate((HOSPITAL, POLYCLINIC)):
        patient = region.add_patient(citizen, organization_id)
        at = NOON + timedelta(hours=number)
        add_reading(region, patient, organization_id, at=at, who=f"Врач {organization_id}")


async def test_both_shards_and_the_regions_own_rows_are_one_list(region: RegionStand, pools: Pools):
    alice, boris = region.add_citizen(), region.add_citizen()
    add_readings_on_both_shards(region, alice)
    add_readings_on_both_shards(region, boris)
    for place in (Place.REGISTRY, Place.MPI, Place.BOOKING):
        async with open_reading(pools, pools.of_place(place), Access(STAFF, Action.DOCUMENTS_LIST, alice.id)):
            pass
    found = await find_looks(pools, CITIZEN, alice.id, LooksQuery())
    assert [(one.actor_name, one.organization_id, one.is_own) for one in found.looks] == [
        ("Чужой врач", None, False),  # three databases were asked for one look
        ("Врач 301", POLYCLINIC, False),
        ("Врач 101", HOSPITAL, False),
    ]
    assert missing_known_parts(found) == []
    assert missing_parts(found) == [("", (ELSEWHERE,))]
    assert found.after is None


async def test_looking_at_the_list_is_listed_once_as_the_persons_own_access(region: RegionStand, pools: Pools):
    alice = region.add_citizen()
    region.add_patient(alice)
    for _ in range(2):
        found = await find_looks(pools, CITIZEN, alice.id, LooksQuery())
    assert [(one.action, one.is_own) for one in found.looks] == [("audit:trail:read", True)]


@pytest.mark.parametrize("size", [1, 2, 3, 7])
async def test_pages_of_any_size_together_make_the_whole_list(region: RegionStand, pools: Pools, size: int):
    alice = region.add_citizen()
    hospital, polyclinic = region.add_patient(alice), region.add_patient(alice, POLYCLINIC)
    wanted = []
    for number in range(5):  # pairs of one moment, in different parts
        at = NOON - timedelta(minutes=number)
        wanted.append((at, add_reading(region, hospital, at=at)))
        wanted.append((at, add_reading(region, polyclinic, POLYCLINIC, at=at)))
    got, after = [], None
    while True:
        page = await find_looks(
            pools, CITIZEN, alice.id, LooksQuery(before=NOON + timedelta(1), after=after, limit=size)
        )
        assert len(page.looks) <= size
        got += [(one.at, one.id) for one in page.looks]
        after = page.after
        if after is None:
            break
    assert got == sorted(wanted, reverse=True)


async def test_the_list_is_filtered_by_period_and_emergency(region: RegionStand, pools: Pools):
    alice = region.add_citizen()
    patient = region.add_patient(alice)
    add_reading(region, patient, at=NOON)
    glass = add_reading(region, patient, at=NOON + timedelta(1), ground="break_glass", detail="без сознания")
    add_reading(region, patient, at=NOON + timedelta(2))
    day = await find_looks(pools, CITIZEN, alice.id, LooksQuery(NOON, NOON + timedelta(1)))
    assert [one.at for one in day.looks] == [NOON]
    only = await find_looks(pools, CITIZEN, alice.id, LooksQuery(glass_only=True))
    assert [(one.id, one.reason) for one in only.looks] == [(glass, "без сознания")]


@pytest.mark.parametrize("region", ["apart"], indirect=True)
async def test_a_shard_that_is_down_is_named_with_its_clinics_and_the_rest_is_shown(region: RegionStand, pools: Pools):
    alice = region.add_citizen()
    add_readings_on_both_shards(region, alice)
    shard = pools.shard_of(POLYCLINIC)
    with region.stopped("apart"):
        found = await find_looks(pools, CITIZEN, alice.id, LooksQuery())
    assert missing_known_parts(found) == [(shard.label, (POLYCLINIC,))]
    assert [one.actor_name for one in found.looks] == ["Врач 101"]


@pytest.mark.parametrize("region", ["apart"], indirect=True)
async def test_a_shard_of_clinics_where_the_person_never_was_is_not_asked(region: RegionStand, pools: Pools):
    alice = region.add_citizen()
    add_reading(region, region.add_patient(alice))
    with region.stopped("apart"):
        found = await find_looks(pools, CITIZEN, alice.id, LooksQuery())
    assert missing_known_parts(found) == []
    assert len(found.looks) == 1


async def test_with_the_centre_down_every_part_is_missing(region: RegionStand, pools: Pools):
    alice = region.add_citizen()
    with region.stopped("centre"):
        found = await find_looks(pools, CITIZEN, alice.id, LooksQuery())
    assert found.looks == ()
    assert {number for one in found.missing for number in one.organizations} == {HOSPITAL, POLYCLINIC}
    centre = {pools.of_place(place).label for place in (Place.REGISTRY, Place.MPI, Place.BOOKING)}
    assert centre <= {one.part for one in found.missing}


@pytest.mark.parametrize("word", ["x", "%00", "AAAA"])
async def test_a_made_up_cursor_is_refused(region: RegionStand, pools: Pools, word: str):
    with pytest.raises(CursorRefused):
        await find_looks(pools, CITIZEN, region.add_citizen().id, LooksQuery(after=word))


@pytest.mark.parametrize("ground", ["treatment", "consent", "break_glass", "service"])
async def test_only_the_person_sees_the_trail(region: RegionStand, pools: Pools, ground: str):
    """A reading on another ground opens documents and not the trail: neither the region's rows nor the sites'."""
    alice = region.add_citizen()
    add_reading(region, region.add_patient(alice))
    reader = Reader("x", "x", "region", ground)  # ty: ignore[invalid-argument-type]
    async with open_reading(
        pools, pools.shard_of(HOSPITAL), Access(reader, Action.DOCUMENTS_LIST, alice.id)
    ) as connection:
        for query in ("select count(*) from audit.reading", "select count(*) from audit.access"):
            assert await (await connection.execute(query)).fetchone() == (0,), query
