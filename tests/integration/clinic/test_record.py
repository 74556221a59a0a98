"""The record at a site whose region does not answer: grounds, emergency access, and what the clinic itself holds."""

from typing import Any
from uuid import UUID

import pytest

from tests.fix_site import HOSPITAL, Client, SiteStand
from tests.searching import search

READ, EMERGENCY = "record:timeline:read", "record:glass:break"


@pytest.fixture
def stranger(site: SiteStand) -> UUID:
    """A patient of whom the hospital has a card and nothing else."""
    with site.admin() as connection:
        row = connection.execute(
            "insert into mpi.patient (organization_id, surname, given_name, birth_date, sex)"
            " values (%s, 'Незнакомцев', 'Пётр', '1970-01-01', 1) returning id",
            (HOSPITAL,),
        ).fetchone()
    assert row
    return row[0]


async def ask_for_emergency_access(client: Client, patient_id: UUID, typed: str) -> Any:
    page = await client.get("/patients")
    token = page.text.split('name="_csrf_token" value="')[1].split('"')[0]
    form = {"reason": typed, "_csrf_token": token}
    return await client.post(f"/patients/{patient_id}/record", data=form, follow_redirects=False)


def add_visit(site: SiteStand, patient_id: UUID, ago: str) -> None:
    with site.admin() as connection:
        connection.execute(
            "insert into record.visit (organization_id, patient_id, employee_id, doctor_name, started_at)"
            " values (%s, %s, uuidv7(), 'Доктор Первый', now() - %s::interval)",
            (HOSPITAL, patient_id, ago),
        )


async def test_without_a_ground_the_record_stays_closed_and_the_refusal_is_audited(
    site: SiteStand, doctor: Client, stranger: UUID
) -> None:
    answer = await doctor.get(f"/patients/{stranger}/record")
    assert answer.status_code == 403
    assert "Открыть экстренно" in answer.text
    assert [row.outcome for row in site.audit(READ) if row.patient_id == stranger] == ["refused"]


async def test_a_recent_visit_is_a_ground_and_an_old_visit_is_not(
    site: SiteStand, doctor: Client, stranger: UUID
) -> None:
    add_visit(site, stranger, "400 days")
    assert (await doctor.get(f"/patients/{stranger}/record")).status_code == 403
    add_visit(site, stranger, "3 days")
    answer = await doctor.get(f"/patients/{stranger}/record")
    assert answer.status_code == 200
    assert "Доктор Первый" in answer.text
    assert "Показано только то, что есть в этой клинике." in answer.text
    assert [row.outcome for row in site.audit(READ) if row.patient_id == stranger] == ["refused", "granted"]


@pytest.mark.parametrize("typed", ["", "срочно", "1234567890 !!!"])
async def test_emergency_access_needs_a_reason_in_words(
    site: SiteStand, doctor: Client, stranger: UUID, typed: str
) -> None:
    answer = await ask_for_emergency_access(doctor, stranger, typed)
    assert answer.status_code == 422
    assert "от 10 букв" in answer.text
    assert [row.outcome for row in site.audit(EMERGENCY) if row.patient_id == stranger] == ["refused"]


async def test_emergency_access_opens_the_record_only_to_the_doctor_who_typed_the_reason(
    site: SiteStand, client: Client, stranger: UUID
) -> None:
    doctor = await client.sign_in("doctor")
    why = "без сознания, родных нет"
    answer = await ask_for_emergency_access(doctor, stranger, why)
    assert answer.status_code == 303
    assert (await doctor.get(f"/patients/{stranger}/record")).status_code == 200
    with site.admin() as connection:
        rows = connection.execute(
            "select ground, ground_detail from audit.access where patient_id = %s and outcome = 'granted'", (stranger,)
        ).fetchall()
    assert rows == [("break_glass", why)] * 2
    colleague = await client.sign_in("colleague")
    assert (await colleague.get(f"/patients/{stranger}/record")).status_code == 403


async def test_emergency_access_lasts_an_hour(site: SiteStand, doctor: Client, stranger: UUID) -> None:
    await ask_for_emergency_access(doctor, stranger, "без сознания, родных нет")
    with site.admin() as connection:
        connection.execute("update audit.access set at = at - interval '61 minutes' where patient_id = %s", (stranger,))
    assert (await doctor.get(f"/patients/{stranger}/record")).status_code == 403


async def test_a_registrar_does_not_read_records(client: Client, stranger: UUID) -> None:
    registrar = await client.sign_in("registrar")
    assert (await registrar.get(f"/patients/{stranger}/record")).status_code == 403
    assert (await ask_for_emergency_access(registrar, stranger, "x" * 20)).status_code == 403


async def test_another_organisations_patient_is_not_found(site: SiteStand, doctor: Client) -> None:
    assert (await doctor.get(f"/patients/{site.strange_patient}/record")).status_code == 404
    gone = await ask_for_emergency_access(doctor, site.strange_patient, "без сознания, родных нет")
    assert gone.status_code == 404


@pytest.mark.parametrize(
    ("name", "value"),
    [("since", "вчера"), ("until", "2026-13-01"), ("kind", "\0"), ("text", "я" * 500)],
)
async def test_malformed_filters_are_ignored_or_find_nothing(
    site: SiteStand, doctor: Client, stranger: UUID, name: str, value: str
) -> None:
    add_visit(site, stranger, "3 days")
    page = f"/patients/{stranger}/record"
    assert (await search(doctor, page, f"{page}/find", **{name: value})).status_code == 200
    assert (await doctor.get(f"{page}?after=x")).status_code == 200
