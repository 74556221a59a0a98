"""A schedule made through the pages: hours, clashes that are named, slots made once."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from tests.fix_site import HOSPITAL, Client, SiteStand

pytestmark = pytest.mark.parametrize("site", ["apart"], indirect=True)
NEXT_WEEK = datetime.now().astimezone().date() + timedelta(days=7)
EVERY_DAY = [str(number) for number in range(1, 8)]


async def post_form(client: Client, path: str, values: Mapping[str, object]) -> tuple[int, str, str]:
    """Post a form as a browser does; return the status, the address it leads to and the text."""
    page = await client.get("/schedule/resources")
    token = re.search(r'name="_csrf_token" value="([^"]+)"', page.text)
    assert token
    answer = await client.post(path, data={"_csrf_token": token[1], **values}, follow_redirects=False)
    return answer.status_code, answer.headers.get("location", ""), answer.text


def add_employee(site: SiteStand, surname: str) -> UUID:
    with site.admin() as connection:
        row = connection.execute(
            "insert into access.employee (organization_id, surname, given_name, position_code)"
            " values (%s, %s, 'Анна', '110') returning id",
            (HOSPITAL, surname),
        ).fetchone()
    assert row
    return row[0]


def hours_form(**changed: object) -> dict[str, object]:
    given = {"weekday": EVERY_DAY, "starts": "09:00", "ends": "11:00", "minutes": "20", "visit_kind": "first"}
    return {**given, "valid_from": NEXT_WEEK.isoformat(), "valid_to": "", "room": "", **changed}


async def test_clashing_hours_are_refused_and_slots_are_made_once(site: SiteStand, client: Client) -> None:
    registrar = await client.sign_in("registrar")
    added: list[str] = []
    for surname, room in (("Часова", "К205"), ("Минутина", "К206")):
        employee = add_employee(site, surname)
        status, where, text = await post_form(
            registrar, "/schedule/resources/doctors", {"employee": str(employee), "room": room}
        )
        assert status == 303, text
        added.append(where)
    status, _, text = await post_form(registrar, f"{added[0]}/hours", hours_form())
    assert status == 303, text

    status, _, text = await post_form(registrar, f"{added[0]}/hours", hours_form(starts="10:30", ends="12:00"))
    assert status == 409
    assert "09:00-11:00" in text
    assert "10:30-12:00" in text
    status, _, text = await post_form(registrar, f"{added[1]}/hours", hours_form(starts="10:00", room="к205"))
    assert status == 409
    assert "один кабинет" in text
    status, _, text = await post_form(registrar, f"{added[1]}/hours", hours_form(starts="10:00"))
    assert status == 303, text

    ours = added[0].rpartition("/")[2]
    period = {"resource": ours, "first": NEXT_WEEK.isoformat(), "last": (NEXT_WEEK + timedelta(days=1)).isoformat()}
    status, where, text = await post_form(registrar, "/schedule/resources/slots", period)
    assert status == 303, text
    assert where.startswith(f"/schedule/resources/{ours}?done=12-")
    status, where, text = await post_form(registrar, "/schedule/resources/slots", period)
    assert status == 303, text
    assert where.startswith(f"/schedule/resources/{ours}?done=0-")
    answer = await registrar.get("/schedule", params={"day": NEXT_WEEK.isoformat(), "resource": ours})
    assert answer.status_code == 200, answer.text
    assert answer.text.count("/slots/") == 6


async def test_too_long_a_period_makes_no_slots(client: Client) -> None:
    registrar = await client.sign_in("registrar")
    last = (NEXT_WEEK + timedelta(days=200)).isoformat()
    status, _, text = await post_form(
        registrar, "/schedule/resources/slots", {"first": NEXT_WEEK.isoformat(), "last": last}
    )
    assert status == 422
    assert "92" in text


async def test_a_doctor_cannot_edit_the_schedule(doctor: Client) -> None:
    assert (await doctor.get("/schedule/resources")).status_code == 403
