"""Pages of booking as staff of each role use them."""

import re
from typing import Any

import pytest

from tests.fix_site import HOSPITAL, Client, SiteStand
from tests.integration.clinic.bookable import Bookable, add_patients

pytestmark = pytest.mark.parametrize("site", ["apart"], indirect=True)


async def post_form(client: Client, path: str, values: dict[str, Any]) -> tuple[int, str, str]:
    """Post a form as a browser does; return the status, the address it leads to and the text."""
    token = re.search(r'name="_csrf_token" value="([^"]+)"', (await client.get("/schedule")).text)
    assert token
    answer = await client.post(path, data={"_csrf_token": token[1], **values}, follow_redirects=False)
    return answer.status_code, answer.headers.get("location", ""), answer.text


def make_slots_of_colleague(site: SiteStand, day: int) -> Bookable:
    """Make slots of the doctor who signs in as «colleague»."""
    slots = Bookable(site, day=day, speciality="34")
    with site.admin() as connection:
        connection.execute(
            "update booking.resource r set kind = 'doctor', employee_id = a.employee_id from access.account a"
            " where r.organization_id = %s and r.id = %s and a.login = 'colleague'",
            (HOSPITAL, slots.resource),
        )
    return slots


async def test_a_doctor_begins_the_visit_of_a_booked_patient(site: SiteStand, client: Client) -> None:
    own = make_slots_of_colleague(site, 40)
    (patient,) = add_patients(site, 1)
    doctor = await client.sign_in("colleague")
    status, where, text = await post_form(doctor, f"/slots/{own.slots[0]}", {"patient": str(patient)})
    assert status == 303, text
    booking = where.partition("?")[0]
    mine = await doctor.get("/schedule/mine", params={"day": own.starts[0].date().isoformat()})
    assert "Записин Пётр" in mine.text
    assert mine.text.count("<tr>") == 1 + len(own.slots)
    status, where, text = await post_form(doctor, f"{booking}/visit", {})
    assert (status, where.startswith("/visits/")) == (303, True), text
    assert "✓" in (await doctor.get(booking)).text
    assert site.audit("booking:card:create")[-1].patient_id == patient


async def test_a_visit_cannot_begin_without_a_patients_card(site: SiteStand, client: Client) -> None:
    own = make_slots_of_colleague(site, 41)
    own.hand_over(own.slots[0])
    booking = own.book_by_region(own.slots[0])
    doctor = await client.sign_in("colleague")
    status, _, text = await post_form(doctor, f"/bookings/{booking}/visit", {})
    assert status == 422
    assert "Найдите или заведите" in text


async def test_a_card_is_made_for_a_person_booked_by_the_region(site: SiteStand, client: Client) -> None:
    own = make_slots_of_colleague(site, 42)
    own.hand_over(own.slots[0])
    booking = own.book_by_region(own.slots[0])
    registrar = await client.sign_in("registrar")
    card = {"surname": "Дальнов", "given_name": "Егор", "birth_date": "1980-01-01"}
    status, _, text = await post_form(registrar, f"/bookings/{booking}/card", card)
    assert status == 422, text
    status, where, text = await post_form(registrar, f"/bookings/{booking}/card", {**card, "sex": "1"})
    assert (status, where) == (303, f"/bookings/{booking}?done=card"), text
    assert "карты ещё нет" not in (await registrar.get(where)).text


async def test_cancelling_needs_a_reason(site: SiteStand, client: Client) -> None:
    own = make_slots_of_colleague(site, 43)
    (patient,) = add_patients(site, 1)
    registrar = await client.sign_in("registrar")
    _, where, _ = await post_form(registrar, f"/slots/{own.slots[0]}", {"patient": str(patient)})
    status, _, _ = await post_form(registrar, f"{where.partition('?')[0]}/cancel", {"why": " "})
    assert status == 422
    assert own.count_bookings() == {own.slots[0]: 1}


async def test_a_head_sees_the_schedule_and_cannot_book(site: SiteStand, client: Client) -> None:
    own = make_slots_of_colleague(site, 44)
    head = await client.sign_in("head")
    page = await head.get(f"/slots/{own.slots[0]}")
    assert page.status_code == 200
    assert 'name="patient"' not in page.text
    assert (await head.post(f"/slots/{own.slots[0]}", data={})).status_code == 403
    assert (await head.get("/schedule/free", params={"resource": str(own.resource)})).status_code == 200
    assert (await head.get("/tasks")).status_code == 200
