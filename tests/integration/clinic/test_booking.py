"""Booking through a site's interface: bookings, refusals with reasons, and slots that pass between site and region."""

import asyncio
import datetime as dt
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.fix_site import HOSPITAL, Client, SiteStand
from tests.integration.clinic.bookable import SURGEON, TOMORROW, Bookable, add_patients
from trustmed.clinic.booking.tending import carry_out_cancel_requests
from trustmed.clinic.shares.service import share_out
from trustmed.clinic.work import Databases, tenant

NOT_HANDED_OVER = """
select s.id from booking.slot s
where s.id = any(%s) and not exists (select from booking.handover h where h.slot_id = s.id) order by s.starts_at
"""


@pytest.fixture
async def registrar(client: Client) -> Client:
    return await client.sign_in("registrar")


async def book(client: Client, slot: UUID, patient: UUID, **more: Any) -> Any:
    asked = {"slot_id": str(slot), "patient_id": str(patient), "request_id": str(uuid4()), **more}
    return await client.post("/api/v1/bookings", json=asked)


async def test_a_slot_is_booked_once_and_free_again_when_cancelled(site: SiteStand, registrar: Client) -> None:
    doctor, (anna, boris) = Bookable(site), add_patients(site, 2)
    made = await book(registrar, doctor.slots[0], anna)
    assert made.status_code == 201, made.text
    assert made.json()["channel"] == "registrar"
    refused = await book(registrar, doctor.slots[0], boris)
    assert (refused.status_code, refused.json()["code"]) == (409, "SlotTaken")
    ended = await registrar.post(f"/api/v1/bookings/{made.json()['id']}/cancel", json={"why": "заболел"})
    assert ended.json()["ended_how"] == "cancelled"
    assert ended.json()["ended_why"] == "заболел"
    assert (await book(registrar, doctor.slots[0], boris)).status_code == 201
    again = await registrar.post(f"/api/v1/bookings/{made.json()['id']}/cancel", json={"why": "ещё раз"})
    assert again.json()["code"] == "BookingOver"
    assert [row.outcome for row in site.audit("booking:card:create") if row.patient_id == anna] == ["granted"]


async def test_a_repeated_request_returns_the_same_booking(site: SiteStand, registrar: Client) -> None:
    doctor, (anna, boris) = Bookable(site), add_patients(site, 2)
    request = str(uuid4())
    first = await book(registrar, doctor.slots[0], anna, request_id=request)
    second = await book(registrar, doctor.slots[0], anna, request_id=request)
    assert first.json()["id"] == second.json()["id"]
    for other in ((doctor.slots[1], anna), (doctor.slots[0], boris)):
        assert (await book(registrar, *other, request_id=request)).json()["code"] == "RequestReused"


@pytest.mark.parametrize(
    ("state", "code"),
    [("withdrawn", "SlotWithdrawn"), ("past", "SlotPast"), ("handed", "SlotOfRegion"), ("unknown", "SlotMissing")],
)
async def test_booking_an_unavailable_slot_is_refused_with_the_reason(
    site: SiteStand, registrar: Client, state: str, code: str
) -> None:
    doctor, (anna,) = Bookable(site, day=-2 if state == "past" else 0), add_patients(site, 1)
    slot = uuid4() if state == "unknown" else doctor.slots[0]
    if state == "withdrawn":
        with site.admin() as connection:
            connection.execute("update booking.slot set withdrawn_at = now() where id = %s", (slot,))
    if state == "handed":
        doctor.hand_over(slot)
    refused = await book(registrar, slot, anna)
    assert refused.json()["code"] == code
    assert doctor.count_bookings() == {}


async def test_a_patient_of_another_clinic_cannot_be_booked(site: SiteStand, registrar: Client) -> None:
    doctor = Bookable(site)
    assert (await book(registrar, doctor.slots[0], site.strange_patient)).json()["code"] == "PatientMissing"
    assert doctor.count_bookings() == {}


async def test_overlapping_bookings_or_two_of_one_speciality_a_day_need_a_reason(
    site: SiteStand, registrar: Client
) -> None:
    first, same, surgeon = Bookable(site), Bookable(site), Bookable(site, speciality=SURGEON)
    (anna,) = add_patients(site, 1)
    assert (await book(registrar, first.slots[0], anna)).status_code == 201
    then = await book(registrar, surgeon.slots[0], anna)
    assert then.json()["code"] == "AlreadyThen"
    that_day = await book(registrar, same.slots[3], anna)
    assert that_day.json()["code"] == "AlreadyThatDay"
    assert f"{TOMORROW:%d.%m.%Y}" in that_day.json()["detail"]
    assert (await book(registrar, surgeon.slots[1], anna)).status_code == 201
    assert (await book(registrar, same.slots[3], anna, allowed="консилиум")).status_code == 201


@pytest.mark.parametrize("by", ["link", "snils"])
async def test_a_booking_the_region_made_for_the_patient_counts_as_overlapping(
    site: SiteStand, registrar: Client, by: str
) -> None:
    theirs, ours = Bookable(site), Bookable(site)
    (anna,), person, snils = add_patients(site, 1), uuid4(), "11223344595"
    with site.admin() as connection:
        if by == "link":
            connection.execute(
                "insert into mpi.patient_link (organization_id, patient_id, person_id, decision, reason)"
                " values (%s, %s, %s, 'automatic', 'x')",
                (HOSPITAL, anna, person),
            )
        else:
            connection.execute("update mpi.patient set snils = %s where id = %s", (snils, anna))
    theirs.hand_over(theirs.slots[0])
    theirs.book_by_region(theirs.slots[0], person=person if by == "link" else None, snils=snils)
    assert (await book(registrar, ours.slots[0], anna)).json()["code"] == "AlreadyThen"


async def test_a_slot_the_region_handed_back_can_be_booked_at_the_site(site: SiteStand, registrar: Client) -> None:
    doctor, (anna,) = Bookable(site), add_patients(site, 1)
    slot = doctor.slots[0]
    doctor.hand_over(slot, 1)
    doctor.hand_back(slot, 1)
    doctor.hand_over(slot, 2)
    assert (await book(registrar, slot, anna)).json()["code"] == "SlotOfRegion"
    doctor.hand_back(slot, 2)
    assert (await book(registrar, slot, anna)).status_code == 201


async def test_a_booking_moves_to_a_free_slot_or_stays_unchanged(site: SiteStand, registrar: Client) -> None:
    doctor, (anna, boris) = Bookable(site), add_patients(site, 2)
    made = (await book(registrar, doctor.slots[0], anna)).json()
    await book(registrar, doctor.slots[1], boris)
    address = f"/api/v1/bookings/{made['id']}/move"
    taken = await registrar.post(address, json={"slot_id": str(doctor.slots[1]), "request_id": str(uuid4())})
    assert taken.json()["code"] == "SlotTaken"
    request = {"slot_id": str(doctor.slots[2]), "request_id": str(uuid4())}
    moved = await registrar.post(address, json=request)
    assert moved.status_code == 200, moved.text
    assert (await registrar.post(address, json=request)).json()["id"] == moved.json()["id"]
    assert doctor.count_bookings() == {doctor.slots[1]: 1, doctor.slots[2]: 1}


async def test_cancelling_a_booking_of_the_region_only_sends_it_a_request(site: SiteStand, registrar: Client) -> None:
    doctor = Bookable(site)
    doctor.hand_over(doctor.slots[0])
    booking = doctor.book_by_region(doctor.slots[0], snils="11223344595")
    for _ in range(2):
        answer = await registrar.post(f"/api/v1/bookings/{booking}/cancel", json={"why": "пациент позвонил"})
        assert (answer.json()["ended_at"], answer.json()["cancel_asked"]) == (None, True)
    with site.admin() as connection:
        rows = connection.execute("select why from booking.site_request where booking_id = %s", (booking,)).fetchall()
    assert rows == [("пациент позвонил",)]


async def test_a_booking_the_region_asks_to_cancel_is_cancelled_once(site: SiteStand, registrar: Client) -> None:
    doctor, (anna,) = Bookable(site), add_patients(site, 1)
    made = (await book(registrar, doctor.slots[0], anna)).json()
    with site.admin() as connection:
        connection.execute(
            "insert into booking.region_request (organization_id, booking_id, ask, channel, by_name, why)"
            " values (%s, %s, 'cancel', 'portal', 'Портал', 'передумал')",
            (HOSPITAL, made["id"]),
        )
    databases = Databases(site.topology, site.site)
    await databases.open()
    try:

        async def tend() -> int:
            async with tenant(databases.site, HOSPITAL) as connection:
                return await carry_out_cancel_requests(connection, HOSPITAL)

        # The application's background task may carry the request out as well.
        await asyncio.gather(*(tend() for _ in range(4)))
    finally:
        await databases.close()
    found = (await registrar.get("/api/v1/bookings", params={"patient_id": str(anna)})).json()["bookings"]
    assert [(one["ended_how"], one["ended_by_name"], one["ended_why"]) for one in found] == [
        ("cancelled", "Портал", "передумал")
    ]
    assert doctor.count_bookings() == {}


async def test_each_slot_is_booked_once_when_many_patients_compete(site: SiteStand, registrar: Client) -> None:
    doctors = [Bookable(site, speciality=str(number), slots=2) for number in range(4)]
    slots = [slot for doctor in doctors for slot in doctor.slots]
    people = add_patients(site, 40)
    answers = await asyncio.gather(
        *(book(registrar, slots[number % 8], person) for number, person in enumerate(people))
    )
    codes = [answer.status_code for answer in answers]
    assert codes.count(201) == 8
    assert {answer.json()["code"] for answer in answers if answer.status_code != 201} == {"SlotTaken"}
    assert all(count == 1 for doctor in doctors for count in doctor.count_bookings().values())


async def test_a_slot_is_never_both_booked_and_handed_over(site: SiteStand, registrar: Client) -> None:
    """Whichever comes first, the booking or the handover, gets the slot."""
    doctor, people = Bookable(site, day=9, speciality="rare", slots=20), add_patients(site, 20)
    with site.admin() as connection:
        connection.execute(
            "insert into booking.quota (organization_id, visit_kind, speciality_code, percent, return_hours, set_by)"
            " values (%s, 'first', 'rare', 100, 24, 'x')",
            (HOSPITAL,),
        )
    booked = [book(registrar, slot, person, allowed="проба") for slot, person in zip(doctor.slots, people, strict=True)]
    shares = [registrar.post("/api/v1/slots/share") for _ in range(5)]
    answers = await asyncio.gather(*booked[:10], *shares, *booked[10:])
    ours, theirs = set(doctor.count_bookings()), set(doctor.find_handed_over())
    assert ours | theirs == set(doctor.slots)
    assert ours & theirs == set()
    assert len(ours) == [answer.status_code for answer in answers].count(201)


async def test_the_quotas_share_of_slots_is_handed_over_once(site: SiteStand, registrar: Client) -> None:
    doctor = Bookable(site, day=10, speciality="share", slots=10)
    with site.admin() as connection:
        connection.execute(
            "insert into booking.quota (organization_id, visit_kind, speciality_code, percent, return_hours, set_by)"
            " values (%s, 'first', 'share', 40, 24, 'x')",
            (HOSPITAL,),
        )
    await registrar.post("/api/v1/slots/share")
    assert len(doctor.find_handed_over()) == 4
    doctor.hand_back(doctor.find_handed_over()[0])
    await registrar.post("/api/v1/slots/share")
    assert len(doctor.find_handed_over()) == 4


async def test_concurrent_runs_of_sharing_hand_over_one_share(site: SiteStand, registrar: Client) -> None:
    """The second run sees another day than the first: meanwhile somebody is booked into a slot the first left."""
    doctor, (anna,) = Bookable(site, day=11, speciality="twice", slots=10), add_patients(site, 1)
    since, until = doctor.starts[0], doctor.starts[-1] + dt.timedelta(hours=1)
    with site.admin() as connection:
        connection.execute(
            "insert into booking.quota (organization_id, visit_kind, speciality_code, percent, return_hours, set_by)"
            " values (%s, 'first', 'twice', 40, 24, 'x')",
            (HOSPITAL,),
        )
    databases = Databases(site.topology, site.site)
    await databases.open()
    try:
        async with tenant(databases.site, HOSPITAL) as second:
            async with tenant(databases.site, HOSPITAL) as first:
                handed = await share_out(first, HOSPITAL, since, until)
                left = (await (await first.execute(NOT_HANDED_OVER, (doctor.slots,))).fetchall())[0][0]
                assert (await book(registrar, left, anna)).status_code == 201
                later = asyncio.create_task(share_out(second, HOSPITAL, since, until))
                await asyncio.wait([later], timeout=1)
            more = await later
    finally:
        await databases.close()
    assert len(doctor.find_handed_over()) == 4
    assert handed + more <= 4
    assert set(doctor.find_handed_over()).isdisjoint(doctor.count_bookings())


async def test_withdrawn_slots_are_recalled_from_the_region_and_shown_as_withdrawn(
    site: SiteStand, registrar: Client
) -> None:
    doctor, (anna,) = Bookable(site, day=3), add_patients(site, 1)
    await book(registrar, doctor.slots[0], anna)
    doctor.hand_over(doctor.slots[1])
    doctor.book_by_region(doctor.slots[1], snils="11223344595")
    asked = {"slot_ids": [str(slot) for slot in doctor.slots[:3]], "why": "врач заболел"}
    assert (await registrar.post("/api/v1/slots/withdraw", json=asked)).json() == {"count": 3}
    assert (await registrar.post("/api/v1/slots/withdraw", json=asked)).json() == {"count": 0}
    with site.admin() as connection:
        recalled = connection.execute(
            "select slot_id from booking.recall where slot_id = any(%s)", (doctor.slots,)
        ).fetchall()
    assert recalled == [(doctor.slots[1],)]
    day = (await registrar.get("/api/v1/schedule", params={"day": f"{doctor.starts[0]:%Y-%m-%d}"})).json()["cells"]
    states = {cell["slot"]["id"]: (cell["state"], cell["withdrawn"]) for cell in day}
    assert [states[str(slot)] for slot in doctor.slots[:4]] == [
        ("booked", True),
        ("region_booked", True),
        ("withdrawn", True),
        ("free", False),
    ]


async def test_attendance_and_a_card_are_recorded_for_a_booking_of_the_region(
    site: SiteStand, registrar: Client
) -> None:
    doctor, (anna,) = Bookable(site, day=4), add_patients(site, 1)
    doctor.hand_over(doctor.slots[0])
    booking = doctor.book_by_region(doctor.slots[0], snils="11223344595")
    before = (await registrar.post(f"/api/v1/bookings/{booking}/no_show")).json()
    assert (before["attendance"], before["patient_id"]) == ("no_show", None)
    await registrar.post(f"/api/v1/bookings/{booking}/known_as", json={"patient_id": str(anna)})
    after = (await registrar.post(f"/api/v1/bookings/{booking}/came")).json()
    assert (after["attendance"], after["patient_id"]) == ("came", str(anna))
    found = (await registrar.get("/api/v1/bookings", params={"patient_id": str(anna)})).json()["bookings"]
    assert [one["id"] for one in found] == [str(booking)]


async def test_other_organisations_see_neither_slots_nor_bookings(site: SiteStand, client: Client) -> None:
    doctor, (anna,) = Bookable(site, day=5), add_patients(site, 1)
    made = (await book(await client.sign_in("registrar"), doctor.slots[0], anna)).json()
    stranger = await client.sign_in("stranger")
    day = await stranger.get("/api/v1/schedule", params={"day": f"{doctor.starts[0]:%Y-%m-%d}"})
    assert day.json()["cells"] == []
    assert (await book(stranger, doctor.slots[1], site.strange_patient)).json()["code"] == "SlotMissing"
    gone = await stranger.post(f"/api/v1/bookings/{made['id']}/cancel", json={"why": "чужая"})
    assert gone.json()["code"] == "BookingMissing"


@pytest.mark.parametrize("address", ["slots?from=9999-12-25", "slots?from=0001-01-01", "schedule?day=9999-12-31"])
async def test_a_day_too_far_for_any_schedule_is_refused(registrar: Client, address: str) -> None:
    refused = await registrar.get(f"/api/v1/{address}")
    assert (refused.status_code, refused.json()["code"]) == (422, "DayFar")
