"""What only the reading doctor stands for opens what an emergency needs; somebody else's act opens the whole."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

import pytest

from tests.fix_region import HOSPITAL, Citizen, RegionStand
from tests.integration.region.record.conftest import DOCTOR, NOW, Patient, titles, together
from trustmed.hot.copies import HotCopies
from trustmed.region.access.emergency import Staff
from trustmed.region.access.model import Reader
from trustmed.region.disclosures.model import LooksQuery
from trustmed.region.disclosures.service import find_looks
from trustmed.region.pools import Pools
from trustmed.region.record.event import Filters
from trustmed.region.record.grounds import Claim, Ground, TreatmentNotFound
from trustmed.region.record.opening import OpenRecord, RecordIsNarrow, read_document, read_page, take_ground
from trustmed.region.record.sources import BLOOD_GROUPS
from trustmed.schema import Place

ME: Final = uuid4()
ACCOUNT: Final = "proverkin"
STAFF: Final = Staff("Проверкин П. П.", "терапевт")

pytestmark = together


async def take(pools: Pools, citizen: Citizen, ground: Ground = "treatment") -> OpenRecord:
    claim = Claim(ground, HOSPITAL, account=ACCOUNT, employee_id=ME)
    return await take_ground(pools, DOCTOR, STAFF, citizen.id, claim)


async def test_a_visit_of_ones_own_making_opens_what_an_emergency_needs(
    region: RegionStand, pools: Pools, cold: HotCopies, alice: Citizen, hospital: Patient, polyclinic: Patient
) -> None:
    hospital.add_visit(days_ago=0, employee=ME)
    needed = {
        polyclinic.add_fact(*fact, days_ago=10, **fields)
        for *fact, fields in (
            ("allergy", "Пенициллин", {}),
            ("diagnosis", "Астма", {"code": "J45"}),
            ("diagnosis", "ОРВИ", {"code": "J06", "until": NOW - timedelta(days=5)}),
            ("medication", "Будесонид", {}),
            ("disability", "II группа", {}),
            ("vital", "Пульс", {"value": "60"}),
            ("laboratory", "ВИЧ", {"value": "положительный"}),
            ("procedure", "Аборт", {}),
        )
    }
    blood = polyclinic.add_fact("laboratory", "Группа крови", days_ago=9, code="1")
    with region.admin(Place.RECORD, polyclinic.organization_id) as connection:
        connection.execute("update record.fact set system = %s where document_id = %s", (BLOOD_GROUPS, blood))
    summary = region.sign(polyclinic.id, polyclinic.organization_id, kind="41", created_at=NOW - timedelta(days=8))
    region.sign(polyclinic.id, polyclinic.organization_id, kind="119", created_at=NOW - timedelta(days=7))
    record = await take(pools, alice)
    assert (record.granted.verified, record.granted.is_narrow) == (True, True)
    for filters in (Filters(), Filters(kinds=("visit",))):  # a filter does not widen it
        found = await read_page(pools, cold, record, filters)
        assert sorted(titles(found.timeline.events)) == sorted(
            ["Протокол консультации", "Группа крови", "Пенициллин", "Астма", "Будесонид", "II группа"]
        )
        assert {one.document_id for one in found.timeline.events} == {None}
        assert found.timeline.after is None
    with pytest.raises(RecordIsNarrow):
        await read_document(pools, record, summary.id)
    assert len(needed) == 8
    rows = [(row[0], row[1]) for row in region.audit() if row[2] == alice.id]
    assert set(rows) == {("record:new_visit:read", "granted"), ("record:new_visit:read", "refused")}


async def test_the_citizen_is_told_at_once(
    region: RegionStand, pools: Pools, cold: HotCopies, alice: Citizen, hospital: Patient
) -> None:
    hospital.add_visit(days_ago=0, employee=ME)
    await read_page(pools, cold, await take(pools, alice), Filters())
    looked = await find_looks(pools, Reader("p", "Портал", "portal", "own"), alice.id, LooksQuery())
    assert "record:new_visit:read" in {one.action for one in looked.looks}


PROOFS: Final[dict[str, Callable[[Patient, UUID], object]]] = {
    "another doctor's visit": lambda patient, other: patient.add_visit(days_ago=100, employee=other),
    "another doctor's document": lambda patient, other: patient.add_document(author=other),
    "a registrar's booking": lambda patient, other: patient.add_booking(booked_by=str(other)),
    "a registrar's booking of last month": lambda patient, other: patient.add_booking(booked_by="x", days_ago=30),
    "a consent": lambda patient, other: patient.add_consent(recorded_by=other),
}


@pytest.mark.parametrize("proof", PROOFS)
async def test_somebody_elses_act_opens_the_whole(
    pools: Pools, cold: HotCopies, alice: Citizen, hospital: Patient, proof: str
) -> None:
    hospital.add_visit(days_ago=0, employee=ME)
    assert (await take(pools, alice)).granted.is_narrow
    PROOFS[proof](hospital, uuid4())
    record = await take(pools, alice)
    assert not record.granted.is_narrow
    found = await read_page(pools, cold, record, Filters())
    assert "visit" in {one.kind for one in found.timeline.events}


async def test_an_arrival_noted_at_the_desk_opens_the_whole(
    region: RegionStand, pools: Pools, alice: Citizen, hospital: Patient
) -> None:
    visit = hospital.add_visit(days_ago=0, employee=ME)
    with region.admin(Place.RECORD, HOSPITAL) as connection:
        connection.execute(
            "update record.visit set confirmed_at = now(), confirmed_by = %s, confirmed_by_name = 'x' where id = %s",
            (uuid4(), visit),
        )
    assert not (await take(pools, alice)).granted.is_narrow


async def test_ones_own_acts_add_up_to_nothing_more(pools: Pools, alice: Citizen, hospital: Patient) -> None:
    hospital.add_visit(days_ago=0, employee=ME)
    hospital.add_document(author=ME)
    hospital.add_booking(booked_by=ACCOUNT)
    hospital.add_consent(recorded_by=ME)
    assert (await take(pools, alice)).granted.is_narrow
    assert (await take(pools, alice, "consent")).granted.is_narrow


async def test_time_alone_proves_nothing(pools: Pools, alice: Citizen, hospital: Patient) -> None:
    hospital.add_visit(days_ago=2, employee=ME)
    with pytest.raises(TreatmentNotFound):
        await take(pools, alice)


@pytest.mark.parametrize("how", ["cancelled", "no_show"])
async def test_a_booking_that_came_to_nothing_proves_nothing(
    region: RegionStand, pools: Pools, alice: Citizen, hospital: Patient, how: str
) -> None:
    booking = hospital.add_booking(booked_by="registrar", days_ago=3)
    with region.admin(Place.BOOKING) as connection:
        if how == "cancelled":
            connection.execute(
                "update booking.site_booking set ended_at = now(), ended_how = 'cancelled' where id = %s", (booking,)
            )
        else:
            connection.execute(
                "insert into booking.attendance (organization_id, booking_id, outcome, by_name)"
                " values (%s, %s, 'no_show', 'x')",
                (HOSPITAL, booking),
            )
    with pytest.raises(TreatmentNotFound):
        await take(pools, alice)
