"""The portal's and other systems' interfaces of booking, over HTTP."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from litestar.testing import AsyncTestClient

from tests.fix_region import HOSPITAL, RegionStand, new_snils
from tests.integration.region.booking.rows import THERAPIST, Clinic, at

NAMES = {"surname": "Незнакомцев", "given_name": "Пробный", "birth_date": "1970-01-01"}
OPERATOR = {"id": "op-7", "name": "Операторова О. О."}


def request_body(slot: UUID, **more: object) -> dict[str, Any]:
    return {"organization_id": HOSPITAL, "slot_id": str(slot), "request_id": str(uuid4()), **more}


async def test_a_citizen_finds_books_moves_and_cancels(region: RegionStand, clinic: Clinic, portal: AsyncTestClient):
    alice, doctor = region.add_citizen(), clinic.add_doctor(name=f"Врач {uuid4()}")
    first, second = clinic.add_slot(doctor, at(9)), clinic.add_slot(doctor, at(10))
    person = {"as-citizen": alice.snils}
    day = at(9).date().isoformat()
    query = {"organization": HOSPITAL, "speciality": THERAPIST[0], "from": day, "to": day}
    listed = (await portal.get("/portal/v1/slots", params=query, headers=person)).json()["slots"]
    assert {str(first), str(second)} <= {one["slot_id"] for one in listed}
    offered = (await portal.get("/portal/v1/specialities", headers=person)).json()["specialities"]
    assert THERAPIST[0] in {one["code"] for one in offered if one["organization"]["id"] == HOSPITAL}

    made = await portal.post("/portal/v1/bookings", json=request_body(first), headers=person)
    assert made.status_code == 201, made.text
    booking = made.json()
    assert (booking["state"], booking["channel"]) == ("active", "portal")
    (row,) = clinic.rows("region_booking", first)
    assert (row["surname"], str(row["birth_date"])) == ("Проверкина", "1980-05-05")
    taken = await portal.post(
        "/portal/v1/bookings", json=request_body(first), headers={"as-citizen": region.add_citizen().snils}
    )
    assert (taken.status_code, taken.json()["code"]) == (409, "SlotTaken")

    moved = await portal.post(f"/portal/v1/bookings/{booking['id']}/move", json=request_body(second), headers=person)
    assert moved.status_code == 201, moved.text
    cancel = {"organization_id": HOSPITAL, "why": "передумала"}
    over = await portal.post(f"/portal/v1/bookings/{booking['id']}/cancel", json=cancel, headers=person)
    assert (over.status_code, over.json()["code"]) == (409, "BookingOver")
    done = await portal.post(f"/portal/v1/bookings/{moved.json()['id']}/cancel", json=cancel, headers=person)
    assert done.json() == {"result": "cancelled"}
    shown = (await portal.get("/portal/v1/bookings", headers=person)).json()["bookings"]
    assert [one["state"] for one in shown] == ["moved", "cancelled"]


async def test_somebody_unknown_is_booked_by_the_name_in_the_token(clinic: Clinic, portal: AsyncTestClient):
    slot, person = clinic.add_slot(clinic.add_doctor(), at(9)), {"as-citizen": new_snils()}
    renamed = await portal.post("/portal/v1/bookings", json=request_body(slot, **NAMES), headers=person)
    assert renamed.status_code == 422
    made = await portal.post("/portal/v1/bookings", json=request_body(slot, phone="+7 000 000-00-00"), headers=person)
    assert made.status_code == 201, made.text
    (row,) = clinic.rows("region_booking", slot)
    assert (row["surname"], row["given_name"], str(row["birth_date"])) == ("Проверкина", "Алиса", "1980-05-05")
    shown = (await portal.get("/portal/v1/bookings", headers=person)).json()["bookings"]
    assert [one["id"] for one in shown] == [made.json()["id"]]
    cancel = {"organization_id": HOSPITAL, "why": "передумал"}
    done = await portal.post(f"/portal/v1/bookings/{shown[0]['id']}/cancel", json=cancel, headers=person)
    assert done.json() == {"result": "cancelled"}


@pytest.mark.parametrize(
    "query",
    [
        {"from": "2026-11-30", "to": "2026-11-01"},
        {"from": "2026-01-01", "to": "2026-12-31"},
        {"from": "someday"},
        {"from": "9999-12-31"},
        {"from": "9999-12-31", "to": "9999-12-31"},
        {"from": "0001-01-01", "to": "0001-01-01"},
    ],
)
async def test_wrong_days_are_refused(region: RegionStand, portal: AsyncTestClient, query: dict[str, str]):
    answer = await portal.get(
        "/portal/v1/slots", params={"organization": HOSPITAL, **query}, headers={"as-citizen": new_snils()}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "DaysRefused")


@pytest.mark.parametrize(
    ("scopes", "operator", "status", "channel"),
    [
        (["booking"], OPERATOR, 201, "call_centre"),
        (["federal"], None, 201, "federal"),
        (["booking", "federal"], None, 201, "federal"),
        (["booking"], None, 422, None),
        (["federal"], OPERATOR, 403, None),
        (["portal", "mpi"], OPERATOR, 403, None),
    ],
)
async def test_other_systems_book_only_within_their_scopes(
    region: RegionStand, clinic: Clinic, portal: AsyncTestClient, scopes, operator, status: int, channel: str | None
):
    token = f"token {uuid4()}"
    region.add_client(token, scopes)
    bearer = {"authorization": f"Bearer {token}"}
    slot, snils = clinic.add_slot(clinic.add_doctor(), at(9)), new_snils()
    about = {"patient": {**NAMES, "snils": snils}} | ({"operator": operator} if operator else {})
    made = await portal.post("/api/v1/booking/bookings", json=request_body(slot, **about), headers=bearer)
    assert made.status_code == status, made.text
    assert [row["channel"] for row in clinic.rows("region_booking", slot)] == ([channel] if channel else [])
    if channel is None:
        return
    found = await portal.post("/api/v1/booking/bookings/find", json=about, headers=bearer)
    assert [one["id"] for one in found.json()["bookings"]] == [made.json()["id"]]
    other = clinic.add_slot(clinic.add_doctor(), at(10))
    moved = await portal.post(
        f"/api/v1/booking/bookings/{made.json()['id']}/move", json=request_body(other, **about), headers=bearer
    )
    assert moved.status_code == 201, moved.text
    cancel = {"organization_id": HOSPITAL, "why": "передумал", **about}
    done = await portal.post(f"/api/v1/booking/bookings/{moved.json()['id']}/cancel", json=cancel, headers=bearer)
    assert done.json() == {"result": "cancelled"}
    for path in ("specialities", f"slots?organization={HOSPITAL}"):
        assert (await portal.get(f"/api/v1/booking/{path}", headers=bearer)).status_code == 200
