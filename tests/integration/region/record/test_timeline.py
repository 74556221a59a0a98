"""The timeline: events of exactly the parts that hold something of the person, in one order; silent parts are named."""

import asyncio
from datetime import timedelta

import pytest

from tests.fix_region import HOSPITAL, POLYCLINIC, Citizen, RegionStand
from tests.integration.region.record.conftest import DOCTOR, NOW, Patient, apart, titles
from trustmed.hot.copies import HotCopies
from trustmed.region.pools import Pools
from trustmed.region.record.event import Filters
from trustmed.region.record.fallback import RecordUnreachable
from trustmed.region.record.timeline import summary, timeline
from trustmed.region.registry.cursor import CursorRefused
from trustmed.schema import Place

READ = "record:timeline:read"


def label(region: RegionStand, organization_id: int) -> str:
    site = region.topology.site_of_organization(organization_id)
    assert site
    return region.topology.database_of(Place.RECORD, site).label


def count_recorded(region: RegionStand, citizen: Citizen, place: Place, organization_id: int = HOSPITAL) -> int:
    rows = region.audit(place, organization_id)
    return len([row for row in rows if row[:2] == (READ, "granted") and row[2] == citizen.id])


async def test_events_of_all_parts_come_in_one_order_and_each_part_audits_the_reading(
    region: RegionStand, pools: Pools, cold: HotCopies, alice: Citizen, hospital: Patient, polyclinic: Patient
):
    hospital.add_visit(days_ago=5, doctor="Первый")
    polyclinic.add_visit(days_ago=4, doctor="Второй")
    document = hospital.add_document(days_ago=3)
    polyclinic.add_fact("diagnosis", "Астма", days_ago=2, code="J45", value="x")
    page = await timeline(pools, cold, DOCTOR, alice.id)
    assert titles(page.events) == ["Астма", "Протокол консультации", "Второй", "Первый"]
    assert [event.kind for event in page.events] == ["diagnosis", "document", "visit", "visit"]
    assert page.events[1].document_id == document
    assert [event.organization_id for event in page.events] == [POLYCLINIC, HOSPITAL, POLYCLINIC, HOSPITAL]
    assert all(event.arrived_at is not None for event in page.events)
    assert page.events[0].part == label(region, POLYCLINIC)
    assert page.missing == ()
    assert set(page.touched) == {label(region, HOSPITAL), label(region, POLYCLINIC)}
    for place, organization_id in ((Place.REGISTRY, HOSPITAL), (Place.RECORD, HOSPITAL), (Place.RECORD, POLYCLINIC)):
        assert count_recorded(region, alice, place, organization_id) >= 1


async def test_only_the_shards_of_the_persons_organisations_are_touched(
    region: RegionStand, pools: Pools, cold: HotCopies, alice: Citizen, hospital: Patient
):
    hospital.add_visit()
    page = await timeline(pools, cold, DOCTOR, alice.id)
    assert page.touched == (label(region, HOSPITAL),)
    if label(region, HOSPITAL) != label(region, POLYCLINIC):
        assert count_recorded(region, alice, Place.RECORD, POLYCLINIC) == 0


async def test_events_of_another_person_are_not_shown(
    region: RegionStand, pools: Pools, cold: HotCopies, alice: Citizen, hospital: Patient
):
    boris = region.add_citizen()
    Patient(region, boris, HOSPITAL, region.add_patient(boris)).add_visit()
    hospital.add_visit()
    assert len((await timeline(pools, cold, DOCTOR, alice.id)).events) == 1


async def test_pages_of_any_size_hold_every_event_once(
    region: RegionStand, pools: Pools, cold: HotCopies, alice: Citizen, hospital: Patient, polyclinic: Patient
):
    for number in range(4):  # several events of one moment, in several parts
        hospital.add_visit(days_ago=2, doctor=f"h{number}")
        polyclinic.add_visit(days_ago=2, doctor=f"p{number}")
        polyclinic.add_fact("vital", f"v{number}", days_ago=2)
        hospital.add_document(days_ago=number)
    whole = await timeline(pools, cold, DOCTOR, alice.id)
    assert len(whole.events) == 16
    assert whole.after is None
    for limit in (1, 3, 15, 16):
        got, after = [], None
        while True:
            page = await timeline(pools, cold, DOCTOR, alice.id, after=after, limit=limit)
            got += page.events
            after = page.after
            if after is None:
                break
        assert tuple(got) == whole.events


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), ["Астма", "Пульс", "Протокол консультации", "Ухов"]),
        (Filters(kinds=("visit",)), ["Ухов"]),
        (Filters(kinds=("diagnosis", "document")), ["Астма", "Протокол консультации"]),
        (Filters(organizations=(POLYCLINIC,)), ["Астма", "Протокол консультации"]),
        (Filters(text="АСТМ"), ["Астма"]),
        (Filters(text="j45"), ["Астма"]),
        (Filters(text=" "), ["Астма", "Пульс", "Протокол консультации", "Ухов"]),
        (Filters(text="%"), []),
        (Filters(since=NOW - timedelta(days=2.5)), ["Астма", "Пульс"]),
        (Filters(before=NOW - timedelta(days=2)), ["Протокол консультации", "Ухов"]),
        (Filters(kinds=("booking",)), []),
    ],
)
async def test_filters_narrow_the_timeline(
    pools: Pools,
    cold: HotCopies,
    alice: Citizen,
    hospital: Patient,
    polyclinic: Patient,
    filters: Filters,
    expected: list[str],
):
    hospital.add_visit(days_ago=4, doctor="Ухов")
    polyclinic.add_document(days_ago=3)
    hospital.add_fact("vital", "Пульс", days_ago=2)
    polyclinic.add_fact("diagnosis", "Астма", days_ago=1, code="J45")
    assert titles((await timeline(pools, cold, DOCTOR, alice.id, filters)).events) == expected


async def test_a_made_up_cursor_is_refused(pools: Pools, cold: HotCopies, alice: Citizen):
    for word in ("x", "AAAA", "я", "AAAAAAAAAAAAAAA=" * 20):
        with pytest.raises(CursorRefused):
            await timeline(pools, cold, DOCTOR, alice.id, after=word)


async def test_the_summary_takes_the_newest_fact_of_all_shards(
    pools: Pools, cold: HotCopies, alice: Citizen, hospital: Patient, polyclinic: Patient
):
    hospital.add_fact("diagnosis", "Астма", days_ago=9, code="J45")
    hospital.add_fact("diagnosis", "ОРВИ", days_ago=9, code="J06")
    polyclinic.add_fact("diagnosis", "ОРВИ", days_ago=3, code="J06", until=NOW - timedelta(days=2))
    polyclinic.add_fact("allergy", "Пенициллин", days_ago=700)
    hospital.add_fact("vital", "Пульс", days_ago=3, value="60")
    polyclinic.add_fact("vital", "Пульс", days_ago=1, value="80")
    found = await summary(pools, cold, DOCTOR, alice.id)
    assert titles(found.diagnoses) == ["Астма"]
    assert titles(found.allergies) == ["Пенициллин"]
    assert [one.value for one in found.vitals] == ["80"]


@apart
async def test_a_stopped_shard_makes_the_answer_partial_and_is_named(
    region: RegionStand, pools: Pools, cold: HotCopies, alice: Citizen, hospital: Patient, polyclinic: Patient
):
    hospital.add_visit(doctor="Первый")
    polyclinic.add_visit(doctor="Второй")
    assert len((await timeline(pools, cold, DOCTOR, alice.id)).events) == 2
    with region.stopped("apart"):
        page = await timeline(pools, cold, DOCTOR, alice.id)
        narrowed = await timeline(pools, cold, DOCTOR, alice.id, Filters(organizations=(HOSPITAL,)))
        documents = await timeline(pools, cold, DOCTOR, alice.id, Filters(kinds=("document",)))
    assert titles(page.events) == ["Первый"]
    (missing,) = page.missing
    assert (missing.part, missing.organizations) == (label(region, POLYCLINIC), (POLYCLINIC,))
    assert missing.since is not None
    assert page.touched == (label(region, HOSPITAL),)
    assert narrowed.missing == ()
    assert documents.missing == ()
    while (await timeline(pools, cold, DOCTOR, alice.id)).missing:
        await asyncio.sleep(0.1)


@apart
async def test_a_silent_registry_hides_its_documents_and_nothing_else(
    region: RegionStand, pools: Pools, cold: HotCopies, alice: Citizen, hospital: Patient
):
    hospital.add_visit(doctor="Первый")
    hospital.add_document()
    with region.admin(Place.REGISTRY) as connection, connection.transaction():
        connection.execute("lock table audit.access in exclusive mode")
        page = await timeline(pools, cold, DOCTOR, alice.id)
    assert titles(page.events) == ["Первый"]
    assert [(one.part, one.organizations) for one in page.missing] == [
        (pools.of_place(Place.REGISTRY).label, (HOSPITAL,))
    ]
    assert count_recorded(region, alice, Place.MPI) == 1


async def test_an_organisation_that_left_the_topology_is_named(
    region: RegionStand, pools: Pools, cold: HotCopies, alice: Citizen, hospital: Patient
):
    hospital.add_visit()
    region.add_patient(alice, 777, on_shard=False)
    page = await timeline(pools, cold, DOCTOR, alice.id)
    assert [(one.part, one.organizations) for one in page.missing] == [("", (777,))]
    assert len(page.events) == 1


async def test_when_no_part_answers_the_record_is_unreachable(region: RegionStand, cold: HotCopies, alice: Citizen):
    blind = Pools(region.topology)  # never opened: no part answers
    with pytest.raises(RecordUnreachable):
        await timeline(blind, cold, DOCTOR, alice.id)
