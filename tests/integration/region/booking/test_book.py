"""Booking at the region: bookings, refusals with reasons, and the audit rows of both."""

import datetime as dt
from uuid import uuid4

import pytest

from tests.fix_region import HOSPITAL, POLYCLINIC, RegionStand, new_snils
from tests.integration.region.booking.conftest import Desk
from tests.integration.region.booking.rows import SURGEON, THERAPIST, Clinic, at, booking_request, caller
from trustmed.booking import errors
from trustmed.region.booking.errors import CallerUnnamed
from trustmed.schema import Place


async def test_a_free_slot_is_booked_and_audited(region: RegionStand, clinic: Clinic, desk: Desk):
    alice, slot = region.add_citizen(), clinic.add_slot(clinic.add_doctor(), at(9))
    card = clinic.add_patient(alice.id)
    booking = await desk.book(caller(alice), booking_request(slot))
    assert (booking.slot_id, booking.side, booking.speciality) == (slot, "region", THERAPIST[1])
    (row,) = clinic.rows("region_booking", slot)
    assert (row["person_id"], row["patient_id"], row["turn"], row["snils"]) == (alice.id, card, 1, alice.snils)
    trace = [row[:3] for row in region.audit(Place.BOOKING) if row[2] == alice.id]
    assert trace == [("booking:slot:book", "granted", alice.id)]
    assert await desk.bookings(caller(alice)) == (booking,)


async def test_a_caller_unknown_to_the_index_is_recognised_by_snils_or_phone(clinic: Clinic, desk: Desk):
    doctor = clinic.add_doctor()
    by_snils, by_phone = caller(snils=new_snils()), caller(phone=f"+7 {uuid4()}")
    for number, who in enumerate((by_snils, by_phone)):
        booking = await desk.book(who, booking_request(clinic.add_slot(doctor, at(9 + number))))
        assert await desk.bookings(who) == (booking,)
        with pytest.raises(errors.AlreadyThatDay):
            await desk.book(who, booking_request(clinic.add_slot(doctor, at(12 + number))))
    assert await desk.bookings(caller(snils=new_snils())) == ()
    namesake = caller(surname="Другов", phone=by_phone.phone)
    assert await desk.bookings(namesake) == ()


async def test_a_caller_without_a_name_or_a_number_is_refused(clinic: Clinic, desk: Desk):
    slot = clinic.add_slot(clinic.add_doctor(), at(9))
    for nobody in (caller(), caller(surname=" ", snils=new_snils())):
        with pytest.raises(CallerUnnamed):
            await desk.book(nobody, booking_request(slot))
    assert clinic.rows("region_booking", slot) == []


@pytest.mark.parametrize(
    ("spoil", "refusal"),
    [
        (lambda clinic, slot: clinic.withdraw(slot), errors.SlotWithdrawn),
        (lambda clinic, slot: clinic.hand_back(slot), errors.SlotOfSite),
        (lambda clinic, slot: clinic.recall(slot), errors.SlotOfSite),
        (lambda clinic, slot: clinic.expire(slot), errors.SaleOver),
    ],
    ids=["withdrawn", "handed back", "recalled", "late"],
)
async def test_booking_a_slot_that_is_not_for_sale_is_refused_and_audited(
    region: RegionStand, clinic: Clinic, desk: Desk, spoil, refusal
):
    alice, slot = region.add_citizen(), clinic.add_slot(clinic.add_doctor(), at(9))
    spoil(clinic, slot)
    with pytest.raises(refusal):
        await desk.book(caller(alice), booking_request(slot))
    assert clinic.rows("region_booking", slot) == []
    assert ("booking:slot:book", "refused", alice.id) in [row[:3] for row in region.audit(Place.BOOKING)]


async def test_missing_past_foreign_and_taken_slots_are_refused(region: RegionStand, clinic: Clinic, desk: Desk):
    alice, doctor = caller(region.add_citizen()), clinic.add_doctor()
    with pytest.raises(errors.SlotMissing):
        await desk.book(alice, booking_request(uuid4()))
    with pytest.raises(errors.SlotMissing):
        await desk.book(alice, booking_request(clinic.add_slot(doctor, at(9))), POLYCLINIC)
    with pytest.raises(errors.SlotPast):
        await desk.book(
            alice, booking_request(clinic.add_slot(doctor, dt.datetime.now(dt.UTC) - dt.timedelta(minutes=1)))
        )
    with pytest.raises(errors.SlotOfSite):
        await desk.book(alice, booking_request(clinic.add_slot(doctor, at(10), handed=False)))
    taken = clinic.add_slot(doctor, at(11))
    await desk.book(caller(region.add_citizen()), booking_request(taken))
    with pytest.raises(errors.SlotTaken):
        await desk.book(alice, booking_request(taken))


async def test_a_slot_handed_over_again_is_sold_again(region: RegionStand, clinic: Clinic, desk: Desk):
    slot = clinic.add_slot(clinic.add_doctor(), at(9))
    clinic.recall(slot)
    clinic.hand_back(slot)
    clinic.hand_over(slot, turn=2)
    await desk.book(caller(region.add_citizen()), booking_request(slot))
    assert [row["turn"] for row in clinic.rows("region_booking", slot)] == [2]


async def test_a_person_gets_one_booking_at_a_time_and_per_speciality_a_day_across_all_sites(
    region: RegionStand, clinic: Clinic, desk: Desk
):
    polyclinic, alice = Clinic(region, POLYCLINIC), region.add_citizen()
    therapist, surgeon, other = clinic.add_doctor(), polyclinic.add_doctor(SURGEON), polyclinic.add_doctor()
    card = clinic.add_patient(alice.id)
    clinic.add_site_booking(clinic.add_slot(therapist, at(9), handed=False), card)
    overlapping = polyclinic.add_slot(surgeon, at(9.2))
    same_day = polyclinic.add_slot(other, at(23.5))
    with pytest.raises(errors.AlreadyThen, match="Врачёва"):
        await desk.book(caller(alice), booking_request(overlapping), POLYCLINIC)
    with pytest.raises(errors.AlreadyThatDay):
        await desk.book(caller(alice), booking_request(same_day), POLYCLINIC)
    await desk.book(caller(alice), booking_request(polyclinic.add_slot(other, at(0, days=4))), POLYCLINIC)
    await desk.book(caller(alice), booking_request(polyclinic.add_slot(surgeon, at(9.25))), POLYCLINIC)
    await desk.book(caller(alice), booking_request(overlapping, "двое детей"), POLYCLINIC)
    shown = await desk.bookings(caller(alice))
    assert [(one.organization_id, one.side) for one in shown] == [
        *((HOSPITAL, "site"), (POLYCLINIC, "region"), (POLYCLINIC, "region"), (POLYCLINIC, "region")),
    ]


async def test_a_repeated_request_returns_the_same_booking(region: RegionStand, clinic: Clinic, desk: Desk):
    alice, boris, doctor = region.add_citizen(), region.add_citizen(), clinic.add_doctor()
    want = booking_request(clinic.add_slot(doctor, at(9)))
    first = await desk.book(caller(alice), want)
    assert await desk.book(caller(alice), want) == first
    with pytest.raises(errors.RequestReused):
        await desk.book(caller(boris), want)
    other = booking_request(clinic.add_slot(doctor, at(10)))
    with pytest.raises(errors.RequestReused):
        await desk.book(caller(alice), other.__class__(other.slot_id, want.request_id, "portal", "p", "p"))
    await desk.cancel(caller(alice), first.id)
    again = await desk.book(caller(alice), want)
    assert (again.id, again.ended_how) == (first.id, "cancelled")
    with pytest.raises(errors.RequestReused):
        await desk.book(caller(boris), want)


async def test_a_booking_made_before_the_index_knew_the_person_belongs_to_them(
    region: RegionStand, clinic: Clinic, desk: Desk
):
    alice, doctor = region.add_citizen(), clinic.add_doctor()
    unknown = caller(snils=alice.snils)
    want = booking_request(clinic.add_slot(doctor, at(9)))
    booking = await desk.book(unknown, want)
    assert await desk.book(caller(alice), want) == booking
    assert await desk.bookings(caller(alice)) == (booking,)
    with pytest.raises(errors.AlreadyThatDay):
        await desk.book(caller(alice), booking_request(clinic.add_slot(doctor, at(10))))
    assert await desk.cancel(caller(alice), booking.id) == "cancelled"


async def test_cancelled_slots_are_free_again(region: RegionStand, clinic: Clinic, desk: Desk):
    alice, boris, slot = (
        caller(region.add_citizen()),
        caller(region.add_citizen()),
        clinic.add_slot(clinic.add_doctor(), at(9)),
    )
    booking = await desk.book(alice, booking_request(slot))
    with pytest.raises(errors.BookingMissing):
        await desk.cancel(boris, booking.id)
    with pytest.raises(errors.BookingMissing):
        await desk.cancel(alice, uuid4())
    assert await desk.cancel(alice, booking.id) == "cancelled"
    with pytest.raises(errors.BookingOver):
        await desk.cancel(alice, booking.id)
    await desk.book(boris, booking_request(slot))
    assert [row["ended_why"] for row in clinic.rows("region_booking", slot) if row["ended_at"]] == ["передумала"]


async def test_cancelling_a_booking_of_a_site_asks_the_site_once(region: RegionStand, clinic: Clinic, desk: Desk):
    alice = region.add_citizen()
    card, slot = clinic.add_patient(alice.id), clinic.add_slot(clinic.add_doctor(), at(9), handed=False)
    booking = clinic.add_site_booking(slot, card)
    with pytest.raises(errors.BookingMissing):
        await desk.cancel(caller(region.add_citizen()), booking)
    for _ in range(2):
        assert await desk.cancel(caller(alice), booking) == "asked"
    with clinic.admin() as connection:
        found = connection.execute(
            "select organization_id, ask, why from booking.region_request where booking_id = %s", (booking,)
        ).fetchall()
        connection.execute(
            "update booking.site_booking set ended_at = now(), ended_how = 'cancelled' where id = %s", (booking,)
        )
    assert found == [(HOSPITAL, "cancel", "передумала")]
    with pytest.raises(errors.BookingOver):
        await desk.cancel(caller(alice), booking)
    with pytest.raises(errors.BookingOver):
        await desk.move(caller(alice), booking, booking_request(clinic.add_slot(clinic.add_doctor(), at(10))))


async def test_a_booking_moves_to_the_new_slot_or_stays_unchanged(region: RegionStand, clinic: Clinic, desk: Desk):
    alice, doctor = region.add_citizen(), clinic.add_doctor()
    first, second, late = (
        clinic.add_slot(doctor, at(9)),
        clinic.add_slot(doctor, at(10)),
        clinic.add_slot(doctor, at(11)),
    )
    clinic.expire(late)
    booking = await desk.book(caller(alice), booking_request(first))
    with pytest.raises(errors.SaleOver):
        await desk.move(caller(alice), booking.id, booking_request(late))
    assert [row["ended_at"] for row in clinic.rows("region_booking", first)] == [None]
    with pytest.raises(errors.BookingMissing):
        await desk.move(caller(region.add_citizen()), booking.id, booking_request(second))
    want = booking_request(second)
    moved = await desk.move(caller(alice), booking.id, want)
    assert await desk.move(caller(alice), booking.id, want) == moved
    (former,) = clinic.rows("region_booking", first)
    assert (former["ended_how"], former["moved_to"]) == ("moved", moved.id)
    with pytest.raises(errors.BookingOver):
        await desk.move(caller(alice), booking.id, booking_request(first))
    assert [row["ended_at"] for row in clinic.rows("region_booking", first)] == [former["ended_at"]]
    card = clinic.add_patient(alice.id)
    at_site = clinic.add_site_booking(clinic.add_slot(clinic.add_doctor(SURGEON), at(15), handed=False), card)
    with pytest.raises(errors.NotOurs):
        await desk.move(caller(alice), at_site, booking_request(first))
