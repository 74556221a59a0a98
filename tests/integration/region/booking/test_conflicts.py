"""Conflicts of bookings across sites, reported once to the organisation of the later booking."""

from uuid import UUID

from tests.fix_region import HOSPITAL, POLYCLINIC, RegionStand
from tests.integration.region.booking.conftest import Desk
from tests.integration.region.booking.rows import SURGEON, Clinic, at, booking_request, caller
from trustmed.region.booking.effects.conflicts import tell
from trustmed.schema import Place


def find_conflicts(clinic: Clinic, *bookings: UUID) -> list[tuple]:
    with clinic.admin() as connection:
        return connection.execute(
            "select organization_id, kind, booking_id, other_organization_id, other_booking_id from booking.conflict"
            " where booking_id = any(%s) order by found_at, id",
            (list(bookings),),
        ).fetchall()


async def test_a_conflict_between_bookings_of_two_sites_is_reported_once(
    region: RegionStand, clinic: Clinic, desk: Desk
):
    polyclinic, alice = Clinic(region, POLYCLINIC), region.add_citizen()
    here, there = clinic.add_patient(alice.id), polyclinic.add_patient(alice.id)
    first = clinic.add_site_booking(clinic.add_slot(clinic.add_doctor(), at(9), handed=False), here)
    doctor = polyclinic.add_doctor()
    same_time = polyclinic.add_site_booking(
        polyclinic.add_slot(polyclinic.add_doctor(SURGEON), at(9.1), handed=False), there
    )
    same_day = polyclinic.add_site_booking(polyclinic.add_slot(doctor, at(15), handed=False), there)
    allowed = polyclinic.add_site_booking(polyclinic.add_slot(doctor, at(16), handed=False), there, "повторный осмотр")
    next_day = polyclinic.add_site_booking(polyclinic.add_slot(doctor, at(1, days=4), handed=False), there)
    with region.connect(Place.BOOKING, "trustmed_feed") as feed:
        for _ in range(2):
            tell(feed, [alice.id])
    assert find_conflicts(clinic, first, same_time, same_day, allowed, next_day) == [
        (POLYCLINIC, "same_time", same_time, HOSPITAL, first),
        (POLYCLINIC, "same_speciality", same_day, HOSPITAL, first),
    ]


async def test_a_conflict_is_reported_when_a_card_turns_out_to_be_the_same_person(
    region: RegionStand, clinic: Clinic, desk: Desk
):
    alice, boris = region.add_citizen(), region.add_citizen()
    booking = await desk.book(caller(alice), booking_request(clinic.add_slot(clinic.add_doctor(), at(9))))
    polyclinic = Clinic(region, POLYCLINIC)
    card = polyclinic.add_patient(boris.id)
    later = polyclinic.add_site_booking(polyclinic.add_slot(polyclinic.add_doctor(), at(9), handed=False), card)
    with region.connect(Place.BOOKING, "trustmed_feed") as feed:
        tell(feed, [alice.id, boris.id])
        assert find_conflicts(clinic, booking.id, later) == []
        with clinic.admin() as connection:
            connection.execute("update mpi.patient_link set person_id = %s where patient_id = %s", (alice.id, card))
        tell(feed, [alice.id])
    assert find_conflicts(clinic, booking.id, later) == [(POLYCLINIC, "same_time", later, HOSPITAL, booking.id)]
