"""A visit that only its doctor stands for: another employee notes the arrival, the head reads the day's list."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from tests.fix_site import AMBULANCE, HOSPITAL, Client, SiteStand
from tests.integration.clinic.test_consents import open_browser


@pytest.fixture
def patient(site: SiteStand) -> Iterator[UUID]:
    """A patient of the hospital whom nobody has seen."""
    with site.admin() as connection:
        row = connection.execute(
            "insert into mpi.patient (organization_id, surname, given_name, birth_date, sex)"
            " values (%s, 'Новиков', 'Пётр', '1970-01-01', 1) returning id",
            (HOSPITAL,),
        ).fetchone()
    assert row
    yield row[0]
    with site.admin() as connection:
        connection.execute("delete from clinic.new_visit")


async def start_visit(client: Client, patient: UUID) -> str:
    doctor = await client.sign_in("doctor")
    answer = await doctor.post("/api/v1/visits", json={"patient_id": str(patient)})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def add_reading(
    site: SiteStand, patient: UUID, *, organization_id: int = HOSPITAL, reader: str = "Доктор Первый"
) -> None:
    """Add what the site writes when the region opened a record by a new visit."""
    with site.admin() as connection:
        connection.execute(
            "insert into clinic.new_visit (organization_id, patient_id, account, reader_name, times)"
            " values (%s, %s, %s, %s, 2)",
            (organization_id, patient, reader, reader),
        )


async def test_the_arrival_is_noted_by_another_employee_and_never_by_the_visits_doctor(
    site: SiteStand, client: Client, patient: UUID
) -> None:
    visit = await start_visit(client, patient)
    for login in ("doctor", "colleague"):
        assert (await (await client.sign_in(login)).post(f"/api/v1/visits/{visit}/confirm")).status_code == 403
    with site.admin() as connection:  # who began it does not note the arrival by another role either
        connection.execute(
            "update record.visit set employee_id ="
            " (select employee_id from access.account where login = 'registrar') where id = %s",
            (visit,),
        )
    registrar = await client.sign_in("registrar")
    refused = await registrar.post(f"/api/v1/visits/{visit}/confirm")
    assert (refused.status_code, refused.json()["code"]) == (403, "ConfirmedByItsDoctor")
    visit = await start_visit(client, patient)
    registrar = await client.sign_in("registrar")
    for _ in range(2):
        noted = await registrar.post(f"/api/v1/visits/{visit}/confirm")
        assert noted.status_code == 200, noted.text
    assert noted.json()["confirmed_by_name"]
    assert site.audit("visit:card:confirm")[-1].patient_id == patient


async def test_the_head_finds_the_days_new_visits_counts_them_and_marks_them_as_seen(
    site: SiteStand, client: Client, patient: UUID
) -> None:
    visit = await start_visit(client, patient)
    add_reading(site, patient)
    add_reading(site, patient, organization_id=AMBULANCE, reader="Чужой Врач")
    async with open_browser(site, "head") as head:
        before = int((await head.get("/audit/break-glass/count")).text)
        page = (await head.get("/audit/new-visits")).text
        assert "Доктор Первый" in page
        assert "только для экстренной помощи" in page
        assert "Чужой Врач" not in page
        assert f"/visits/{visit}/confirm" in page
        ids = page.split('name="ids" value="')[1].split('"')[0]
        assert (await head.post("/audit/new-visits/seen", data={"ids": f"{ids},x"})).status_code == 200
        assert int((await head.get("/audit/break-glass/count")).text or 0) == before - 1
        await head.post(f"/visits/{visit}/confirm")
        page = (await head.get("/audit/new-visits")).text
        assert "просмотрено</span>" in page
        assert "отмечен: " in page


async def test_only_a_head_reads_the_list(client: Client) -> None:
    for login in ("doctor", "registrar"):
        assert (await (await client.sign_in(login)).get("/audit/new-visits")).status_code == 403
