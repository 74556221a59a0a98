"""Behind the call centre's pages: who is let in, the audit of each act, parts that are down."""

import asyncio
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from litestar.testing import AsyncTestClient
from psycopg import sql
from tests.fix_region import HOSPITAL, POLYCLINIC, RegionStand, new_snils, signed_in
from tests.integration.region.booking.rows import THERAPIST, Clinic, at

from trustmed.schema import Place

ANYBODY = uuid4()
PAGES = ("/booking", "/booking/new", f"/booking/{ANYBODY}", "/booking/slots?speciality=109")
ACTS = (
    *("/booking", "/booking/new", f"/booking/{ANYBODY}/book", "/booking/new/book"),
    *(f"/booking/{ANYBODY}/cancel", "/booking/new/cancel"),
)
APART = pytest.mark.parametrize("region", ["apart"], indirect=True)


@pytest.fixture
async def operator(region: RegionStand) -> AsyncIterator[AsyncTestClient]:
    async with signed_in(region, "operator") as client:
        yield client


@pytest.fixture
def clinic(region: RegionStand) -> Clinic:
    return Clinic(region)


async def fetch_token(client: AsyncTestClient) -> str:
    page = await client.get("/", follow_redirects=True)
    return page.text.split('name="_csrf_token" value="')[1].split('"')[0]


async def post_form(client: AsyncTestClient, path: str, **form: str):
    return await client.post(path, data={"_csrf_token": await fetch_token(client), **form}, follow_redirects=False)


@contextmanager
def refuse_connections(region: RegionStand, place: Place) -> Generator[None]:
    """Make the database of a place refuse connections while the block runs."""
    name = region.topology.database_of(place).name
    other = Place.REGISTRY if place is Place.BOOKING else Place.BOOKING
    gate = sql.SQL("alter database {} allow_connections {}")
    region.web.disturb()
    with region.admin(other) as admin:
        admin.execute(gate.format(sql.Identifier(name), sql.Literal(False)))
        admin.execute("select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s", (name,))
        try:
            yield
        finally:
            admin.execute(gate.format(sql.Identifier(name), sql.Literal(True)))


async def get_when_back(client: AsyncTestClient, path: str):
    """Return the page once the pool has found its database again."""
    async with asyncio.timeout(60):
        while (page := await client.get(path)).status_code == 503:
            await asyncio.sleep(0.1)
    return page


@pytest.mark.parametrize("login", ["engineer", "analyst", "steward", "physician"])
async def test_only_operators_reach_the_pages(region: RegionStand, login: str) -> None:
    async with signed_in(region, login) as client:
        for path in PAGES:
            assert (await client.get(path)).status_code == 403, path
        given = await fetch_token(client)
        for path in ACTS:
            assert (await client.post(path, data={"_csrf_token": given})).status_code == 403, path


async def test_the_pages_require_signing_in_and_operators_reach_no_others(
    region: RegionStand, operator: AsyncTestClient
) -> None:
    async with region.web.client(AsyncTestClient) as client:
        for path in PAGES:
            answer = await client.get(path, follow_redirects=False)
            assert (answer.status_code, answer.headers["location"].split("?")[0]) == (302, "/sign-in"), path
    for path in ("/documents", "/steward", "/persons", "/record", "/nsi"):
        assert (await operator.get(path)).status_code == 403, path


async def test_every_act_is_audited_in_the_operators_name(
    region: RegionStand, operator: AsyncTestClient, clinic: Clinic
) -> None:
    alice, slot = region.add_citizen(), clinic.add_slot(clinic.add_doctor(), at(9))
    await operator.get("/booking/slots", params={"speciality": THERAPIST[0]})
    assert alice.id not in [row[2] for row in region.audit(Place.BOOKING)], "free slots are nobody's"
    found = await post_form(operator, "/booking", number=alice.snils)
    assert f"/booking/{alice.id}" in found.text
    form = {"slot": f"{HOSPITAL}.{slot}", "request_id": str(uuid4())}
    booked = await post_form(operator, f"/booking/{alice.id}/book", **form)
    assert booked.status_code == 303
    again = await post_form(operator, f"/booking/{alice.id}/book", **form)
    assert again.headers["location"] == booked.headers["location"]
    taken = await post_form(operator, f"/booking/{alice.id}/book", **(form | {"request_id": str(uuid4())}))
    assert taken.status_code == 409
    shown = await operator.get(booked.headers["location"])
    assert 'class="done tell"' in shown.text
    key = booked.headers["location"].partition("booked=")[2]
    ended = await post_form(operator, f"/booking/{alice.id}/cancel", booking=key, why="передумала")
    assert ended.headers["location"].endswith("?done=cancelled")
    rows = [row for row in region.audit(Place.BOOKING) if row[2] == alice.id]
    assert {row[4] for row in rows} == {"Операторова О. О."}
    assert {row[5] for row in rows} == {"service"}
    acts = [row[:2] for row in rows if row[0].startswith("booking:slot:")]
    assert acts == [
        *(("booking:slot:book", "granted"), ("booking:slot:book", "granted")),
        *(("booking:slot:book", "refused"), ("booking:slot:cancel", "granted")),
    ]
    (row,) = clinic.rows("region_booking", slot)
    with region.admin(Place.REGISTRY) as connection:
        account = connection.execute("select id::text from access.account where login = 'operator'").fetchone()
    assert (row["channel"], row["booked_by"], row["booked_by_name"]) == (
        *("call_centre", account and account[0]),
        "Операторова О. О.",
    )
    looked = [row for row in region.audit(Place.MPI) if row[2] == alice.id]
    assert {row[4] for row in looked} == {"Операторова О. О."}


async def test_a_malformed_form_is_refused_and_changes_nothing(
    region: RegionStand, operator: AsyncTestClient, clinic: Clinic
) -> None:
    alice, doctor = region.add_citizen(), clinic.add_doctor()
    slot = clinic.add_slot(doctor, at(9))
    path, named = f"/booking/{alice.id}", f"{HOSPITAL}.{slot}"
    for form in ({}, {"slot": "x"}, {"slot": f"{HOSPITAL}.x"}, {"slot": named, "allowed": "да"}):
        assert (await post_form(operator, f"{path}/book", **form)).status_code == 422, form
    assert (await post_form(operator, f"{path}/book", slot=f"{POLYCLINIC}.{slot}")).status_code == 404
    assert (await post_form(operator, f"{path}/book", slot=named, move="x")).status_code == 404
    assert (await post_form(operator, f"{path}/book", slot=named, move=f"{POLYCLINIC}.{uuid4()}")).status_code == 404
    assert clinic.rows("region_booking", slot) == []
    booked = await post_form(operator, f"{path}/book", slot=named)
    key = booked.headers["location"].partition("booked=")[2]
    assert (await post_form(operator, f"{path}/cancel", booking=key, why="-")).status_code == 422
    assert (await post_form(operator, f"{path}/cancel", booking="x", why="передумала")).status_code == 404
    other = f"/booking/{region.add_citizen().id}"
    assert (await post_form(operator, f"{other}/cancel", booking=key, why="передумала")).status_code == 404
    assert [row["ended_at"] for row in clinic.rows("region_booking", slot)] == [None]
    assert (await operator.get(f"/booking/{uuid4()}")).status_code == 404


async def test_a_new_caller_must_give_a_valid_phone_or_snils(operator: AsyncTestClient, clinic: Clinic) -> None:
    slot = clinic.add_slot(clinic.add_doctor(), at(9))
    form = {"slot": f"{HOSPITAL}.{slot}", "surname": "Незнакомцев", "given_name": "Пробный", "birth_date": "1970-01-01"}
    for wrong in ({}, {"phone": "12"}, {"snils": "11111111111"}, {"snils": new_snils(), "birth_date": "вчера"}):
        assert (await post_form(operator, "/booking/new/book", **(form | wrong))).status_code == 422, wrong
    assert clinic.rows("region_booking", slot) == []
    booked = await post_form(operator, "/booking/new/book", **form, phone="8 921 765-43-21")
    assert booked.status_code == 200
    assert 'class="done tell"' in booked.text
    (row,) = clinic.rows("region_booking", slot)
    assert (row["person_id"], row["phone"]) == (None, "+79217654321")


async def test_a_person_without_a_known_name_is_shown_and_not_booked(
    region: RegionStand, operator: AsyncTestClient, clinic: Clinic
) -> None:
    alice, slot = region.add_citizen(), clinic.add_slot(clinic.add_doctor(), at(9))
    with region.admin(Place.MPI) as connection:
        connection.execute("update mpi.patient set given_name = 'Новорожденный' where snils = %s", (alice.snils,))
    assert (await operator.get(f"/booking/{alice.id}")).status_code == 200
    refused = await post_form(operator, f"/booking/{alice.id}/book", slot=f"{HOSPITAL}.{slot}")
    assert refused.status_code == 422
    assert "нужны фамилия, имя и дата рождения" in refused.text
    assert clinic.rows("region_booking", slot) == []


@APART
async def test_with_booking_down_the_person_is_shown_and_nothing_is_booked(
    region: RegionStand, operator: AsyncTestClient, clinic: Clinic
) -> None:
    alice, slot = region.add_citizen(), clinic.add_slot(clinic.add_doctor(), at(9))
    with refuse_connections(region, Place.BOOKING):
        page = await operator.get(f"/booking/{alice.id}")
        assert page.status_code == 200
        assert "Проверкина" in page.text
        assert "недоступна" in page.text
        fragment = await operator.get("/booking/slots?speciality=109")
        assert fragment.status_code == 503
        assert "Ничего не записано" in fragment.text
        refused = await post_form(operator, f"/booking/{alice.id}/book", slot=f"{HOSPITAL}.{slot}")
        assert refused.status_code == 503
    assert clinic.rows("region_booking", slot) == []


@APART
async def test_with_the_index_down_a_caller_is_booked_as_new(
    region: RegionStand, operator: AsyncTestClient, clinic: Clinic
) -> None:
    alice, slot = region.add_citizen(), clinic.add_slot(clinic.add_doctor(), at(9))
    with refuse_connections(region, Place.MPI):
        page = await operator.get(f"/booking/{alice.id}")
        assert page.status_code == 503
        assert "можно записать как нового" in page.text
        assert 'action="/booking/new"' in page.text
        assert (await post_form(operator, "/booking", number=alice.snils)).status_code == 503
        form = {"surname": "Проверкина", "given_name": "Алиса", "birth_date": "1980-05-05", "snils": alice.snils}
        booked = await post_form(operator, "/booking/new/book", slot=f"{HOSPITAL}.{slot}", **form)
        assert booked.status_code == 200
    page = await get_when_back(operator, f"/booking/{alice.id}")
    assert "Врачёва" in page.text, "the person has the booking that was made while the index was away"
