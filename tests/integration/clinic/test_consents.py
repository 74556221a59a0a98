"""A consent on the patient's card: recorded, one at a time, revoked, audited, never rewritten."""

import asyncio
import datetime as dt
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import NamedTuple
from uuid import UUID, uuid4

import psycopg
import pytest
from litestar.testing import AsyncTestClient

from tests.fix_site import AMBULANCE, HOSPITAL, PASSWORD, SiteStand
from trustmed.schema import Place

TOKEN = re.compile('name="_csrf_token" value="([^"]+)"')


class StoredConsent(NamedTuple):
    id: UUID
    valid_until: dt.date | None
    recorded_by_name: str
    revoked_by_name: str | None
    is_revoked: bool


@asynccontextmanager
async def open_browser(site: SiteStand, login: str) -> AsyncGenerator[AsyncTestClient]:
    """Open a browser with this account signed in; its forms carry the token."""
    async with site.web.client(AsyncTestClient) as client:
        token = _token((await client.get("/sign-in")).text)
        form = {"login": login, "password": PASSWORD, "_csrf_token": token}
        assert (await client.post("/sign-in", data=form, follow_redirects=False)).status_code == 303
        client.headers["x-csrftoken"] = _token((await client.get("/patients")).text)
        yield client


def today() -> dt.date:
    """Return today by the server's clock, as the site counts days."""
    return dt.datetime.now().astimezone().date()


def _token(page: str) -> str:
    found = TOKEN.search(page)
    assert found
    return found[1]


@pytest.fixture
def patient(site: SiteStand) -> UUID:
    """A patient without consents."""
    with site.admin() as connection:
        row = connection.execute(
            "insert into mpi.patient (organization_id, surname, given_name, birth_date, sex)"
            " values (%s, 'Согласная', 'Анна', '1980-05-01', 2) returning id",
            (HOSPITAL,),
        ).fetchone()
    assert row
    return row[0]


async def give_consent(client: AsyncTestClient, patient_id: UUID, until: str = ""):
    return await client.post(f"/patients/{patient_id}/consents", data={"valid_until": until}, follow_redirects=False)


def stored_consents(site: SiteStand, patient_id: UUID) -> list[StoredConsent]:
    with site.admin() as connection:
        rows = connection.execute(
            "select id, valid_until, recorded_by_name, revoked_by_name, revoked_at is not null from record.consent"
            " where patient_id = %s order by given_at",
            (patient_id,),
        ).fetchall()
    return [StoredConsent(*row) for row in rows]


@pytest.mark.parametrize("login", ["registrar", "doctor"])
async def test_a_consent_is_recorded_shown_and_revoked(site: SiteStand, patient: UUID, login: str):
    until = today() + dt.timedelta(days=30)
    someone = site.people[login]
    name = f"{someone.surname} {someone.given_name} {someone.patronymic}"
    async with open_browser(site, login) as client:
        assert (await give_consent(client, patient, until.isoformat())).headers[
            "location"
        ] == f"/patients/{patient}#consent"
        card = await client.get(f"/patients/{patient}")
        assert f"по {until:%d.%m.%Y}" in card.text
        (consent,) = stored_consents(site, patient)
        assert consent == StoredConsent(consent.id, until, name, None, False)
        revoked = await client.post(f"/patients/{patient}/consents/{consent.id}/revoke", follow_redirects=False)
        assert revoked.status_code == 303
        assert stored_consents(site, patient) == [StoredConsent(consent.id, until, name, name, True)]
        assert "Прежние согласия: 1" in (await client.get(f"/patients/{patient}")).text
        assert (await give_consent(client, patient)).status_code == 303
    for action in ("consent:card:create", "consent:card:revoke"):
        assert ("granted", name, patient, None) in site.audit(action)


async def test_one_consent_is_in_force_even_if_several_are_given_at_once(site: SiteStand, patient: UUID):
    async with open_browser(site, "registrar") as client:
        answers = await asyncio.gather(*(give_consent(client, patient) for _ in range(4)))
    assert sorted(one.status_code for one in answers) == [303, 422, 422, 422]
    assert len(stored_consents(site, patient)) == 1
    assert ("refused", patient) in [(row.outcome, row.patient_id) for row in site.audit("consent:card:create")]


@pytest.mark.parametrize("until", ["yesterday", "2020-01-01", "2999-01-01", "2026-13-01"])
async def test_an_impossible_last_day_is_refused(site: SiteStand, patient: UUID, until: str):
    async with open_browser(site, "registrar") as client:
        assert (await give_consent(client, patient, until)).status_code == 422
    assert stored_consents(site, patient) == []


async def test_today_is_accepted_as_the_last_day(site: SiteStand, patient: UUID):
    async with open_browser(site, "registrar") as client:
        assert (await give_consent(client, patient, today().isoformat())).status_code == 303


async def test_neither_a_head_nor_another_organisation_can_record_a_consent(site: SiteStand, patient: UUID):
    async with open_browser(site, "head") as client:
        assert (await give_consent(client, patient)).status_code == 403
        assert "Пациент согласен" not in (await client.get(f"/patients/{patient}")).text
    async with open_browser(site, "stranger") as client:
        assert (await give_consent(client, patient)).status_code == 404
    assert stored_consents(site, patient) == []


async def test_a_consent_is_revoked_once_and_only_under_its_own_patient(site: SiteStand, patient: UUID):
    async with open_browser(site, "registrar") as client:
        await give_consent(client, patient)
        (consent,) = stored_consents(site, patient)
        for whose, which in ((site.patient, consent.id), (patient, uuid4())):
            answer = await client.post(f"/patients/{whose}/consents/{which}/revoke")
            assert answer.status_code == 404
        assert stored_consents(site, patient)[0].is_revoked is False
        await client.post(f"/patients/{patient}/consents/{consent.id}/revoke")
        assert (await client.post(f"/patients/{patient}/consents/{consent.id}/revoke")).status_code == 404


@pytest.mark.parametrize(
    "statement",
    [
        "update record.consent set valid_until = null",
        "update record.consent set given_at = now()",
        "delete from record.consent",
        "insert into record.consent (organization_id, patient_id, recorded_by, recorded_by_name, given_at)"
        " values (102, uuidv7(), uuidv7(), 'x', now())",
        "insert into record.consent (organization_id, patient_id, recorded_by, recorded_by_name)"
        " values (101, uuidv7(), uuidv7(), 'x')",
    ],
)
def test_the_database_refuses_rewritten_back_dated_and_foreign_consents(site: SiteStand, statement: str):
    with psycopg.connect(site.conninfo(Place.SITE, "trustmed_clinic")) as connection:
        connection.execute("select set_config('trustmed.organization_id', %s, true)", (str(AMBULANCE),))
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement.encode())
