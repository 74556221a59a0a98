"""Tasks that wait for the registrar, and what closes them."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest

from tests.fix_site import AMBULANCE, HOSPITAL, Client, SiteStand
from tests.integration.clinic.bookable import SURGEON, Bookable, add_patients
from trustmed.audit.trail import Actor
from trustmed.booking.errors import BookingMissing
from trustmed.clinic.booking import tasks
from trustmed.clinic.work import Databases, tenant

REGISTRAR = Actor("1", "Регистратор", "registrar", HOSPITAL)


@pytest.fixture
async def registrar(client: Client) -> Client:
    return await client.sign_in("registrar")


@pytest.fixture
async def databases(site: SiteStand) -> AsyncIterator[Databases]:
    opened = Databases(site.topology, site.site, size=2)
    await opened.open()
    yield opened
    await opened.close()


async def book(registrar: Client, slot: UUID, patient: UUID) -> UUID:
    asked = {"slot_id": str(slot), "patient_id": str(patient), "request_id": str(uuid4()), "allowed": "проба"}
    made = await registrar.post("/api/v1/bookings", json=asked)
    assert made.status_code == 201, made.text
    return UUID(made.json()["id"])


async def cancel(registrar: Client, booking: UUID) -> None:
    ended = await registrar.post(f"/api/v1/bookings/{booking}/cancel", json={"why": "проба"})
    assert ended.status_code == 200, ended.text


def add_conflict(site: SiteStand, booking: UUID, other: UUID, *, elsewhere: bool = False) -> UUID:
    """Insert what the region sends of two bookings of one person; return the conflict's id."""
    with site.admin() as connection:
        row = connection.execute(
            "insert into booking.conflict (organization_id, kind, booking_id, other_organization_id, other_booking_id,"
            " other_name, other_starts_at) values (%s, 'same_time', %s, %s, %s, 'Хирург', now()) returning id",
            (HOSPITAL, booking, AMBULANCE if elsewhere else HOSPITAL, other),
        ).fetchone()
    assert row
    return row[0]


async def tasks_about(databases: Databases, *bookings: UUID) -> list[tuple[str, str]]:
    """Return the tasks about these bookings only, because other tests have theirs."""
    async with tenant(databases.site, HOSPITAL) as connection:
        found = await tasks.tasks(connection, HOSPITAL)
        assert await tasks.count_tasks(connection, HOSPITAL) == len(found)
    return [(one.kind, one.detail) for one in found if one.booking.id in bookings]


@pytest.mark.parametrize("ends", ["booking", "other"])
async def test_a_conflict_is_a_task_while_both_bookings_are_in_force(
    site: SiteStand, registrar: Client, databases: Databases, ends: str
) -> None:
    doctor, surgeon, (anna,) = Bookable(site, day=6), Bookable(site, day=6, speciality=SURGEON), add_patients(site, 1)
    booking, other = await book(registrar, doctor.slots[0], anna), await book(registrar, surgeon.slots[0], anna)
    add_conflict(site, booking, other)
    assert await tasks_about(databases, booking) == [("same_time", "Хирург")]
    await cancel(registrar, booking if ends == "booking" else other)
    assert await tasks_about(databases, booking) == []


async def test_a_conflict_with_a_booking_of_the_region_closes_when_the_region_ends_it(
    site: SiteStand, registrar: Client, databases: Databases
) -> None:
    doctor, surgeon, (anna,) = Bookable(site, day=6), Bookable(site, day=6, speciality=SURGEON), add_patients(site, 1)
    booking = await book(registrar, doctor.slots[0], anna)
    surgeon.hand_over(surgeon.slots[0])
    other = surgeon.book_by_region(surgeon.slots[0], snils="11223344595")
    add_conflict(site, booking, other)
    assert await tasks_about(databases, booking) == [("same_time", "Хирург")]
    with site.admin() as connection:
        connection.execute(
            "update booking.region_booking set ended_at = now(), ended_how = 'cancelled' where id = %s", (other,)
        )
    assert await tasks_about(databases, booking) == []


async def test_a_conflict_with_another_clinic_is_settled_once_with_an_explanation(
    site: SiteStand, registrar: Client, databases: Databases
) -> None:
    doctor, (anna,) = Bookable(site, day=6), add_patients(site, 1)
    booking = await book(registrar, doctor.slots[0], anna)
    found = add_conflict(site, booking, uuid4(), elsewhere=True)
    assert len(await tasks_about(databases, booking)) == 1
    for how in ("позвонили, придёт", "ещё раз"):
        async with tenant(databases.site, HOSPITAL) as connection:
            await tasks.settle_conflict(connection, REGISTRAR, found, how)
    assert await tasks_about(databases, booking) == []
    with site.admin() as connection:
        settlements = connection.execute(
            "select how from booking.settlement where conflict_id = %s", (found,)
        ).fetchall()
    assert settlements == [("позвонили, придёт",)]
    with pytest.raises(BookingMissing):
        async with tenant(databases.site, HOSPITAL) as connection:
            await tasks.settle_conflict(connection, REGISTRAR, uuid4(), "нет такого")


async def test_a_patient_booked_into_a_withdrawn_slot_is_a_task_until_the_booking_ends(
    site: SiteStand, registrar: Client, databases: Databases
) -> None:
    doctor, (anna,) = Bookable(site, day=6), add_patients(site, 1)
    own = await book(registrar, doctor.slots[0], anna)
    doctor.hand_over(doctor.slots[1])
    of_region = doctor.book_by_region(doctor.slots[1], snils="11223344595")
    asked = {"slot_ids": [str(slot) for slot in doctor.slots[:2]], "why": "врач заболел"}
    assert (await registrar.post("/api/v1/slots/withdraw", json=asked)).json() == {"count": 2}
    assert ("withdrawn", "врач заболел") in await tasks_about(databases, own)
    assert ("withdrawn", "врач заболел") in await tasks_about(databases, of_region)
    await cancel(registrar, own)
    await cancel(registrar, of_region)
    assert await tasks_about(databases, own) == []
    assert ("withdrawn", "врач заболел") not in await tasks_about(databases, of_region)


async def test_a_person_booked_by_the_region_is_a_task_until_there_is_a_card(
    site: SiteStand, registrar: Client, databases: Databases
) -> None:
    doctor, (anna,) = Bookable(site, day=7), add_patients(site, 1)
    doctor.hand_over(doctor.slots[0])
    booking = doctor.book_by_region(doctor.slots[0], snils="11223344595")
    assert await tasks_about(databases, booking) == [("no_card", "Дальнов Егор")]
    known = await registrar.post(f"/api/v1/bookings/{booking}/known_as", json={"patient_id": str(anna)})
    assert known.status_code == 200, known.text
    assert await tasks_about(databases, booking) == []
