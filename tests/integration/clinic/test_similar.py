"""Similar patients at a site: found by what is typed, within the organisation, shown before a second card is made."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.fix_site import AMBULANCE, HOSPITAL, Client, SiteStand
from trustmed.demo.content.people import Someone, people

CARD = {
    "surname": "Берендеева",
    "given_name": "Глафира",
    "patronymic": "Тихоновна",
    "birth_date": "1987-03-09",
    "sex": 2,
    "phone": "+7 912 345-11-22",
}


@pytest.fixture
async def registrar(client: Client) -> Client:
    return await client.sign_in("registrar")


@pytest.fixture
async def glafira(site: SiteStand, registrar: Client) -> AsyncIterator[UUID]:
    """A patient unlike all others; deleted afterwards together with those registered to resemble her."""
    answer = await registrar.post("/api/v1/patients", json=CARD)
    assert answer.status_code == 201, answer.text
    yield UUID(answer.json()["id"])
    with site.admin() as connection:
        connection.execute("delete from mpi.patient where given_name = 'Глафира' or surname = 'Берендеева'")


async def find_similar(registrar: Client, **fields: Any) -> list[dict[str, Any]]:
    answer = await registrar.post("/api/v1/patients/similar", json=fields)
    assert answer.status_code == 200, answer.text
    return answer.json()["similar"]


@pytest.mark.parametrize(
    "typed",
    [
        {"surname": "берендеева", "given_name": "глафира", "birth_date": "1987-03-09"},
        {"surname": "Берендеева", "given_name": "Глафира", "birth_date": "1987-09-03", "phone": "89123451122"},
        {"surname": "Бирендеева", "given_name": "Глафира", "birth_date": "1987-03-09"},
        {"surname": "Ptvktytdf", "given_name": "Ukfabhf", "birth_date": "1987-03-09", "phone": "89123451122"},
        {"surname": "Берендеева", "given_name": "Глафира", "patronymic": "Тихоновна", "birth_date": "1987-03-19"},
    ],
    ids=["another case", "day and month swapped", "a slip", "maiden name on another layout", "another day"],
)
async def test_a_patient_is_found_despite_slips_in_typing(
    registrar: Client, glafira: UUID, typed: dict[str, Any]
) -> None:
    found = await find_similar(registrar, **typed)
    assert [one["patient"]["id"] for one in found][:1] == [str(glafira)]
    assert found[0]["reason"]


async def test_too_little_typed_finds_nobody_and_the_search_is_audited(site: SiteStand, registrar: Client) -> None:
    before = len(site.audit("patient:list:compare"))
    assert await find_similar(registrar, surname="Берендеева") == []
    assert await find_similar(registrar) == []
    assert len(site.audit("patient:list:compare")) == before + 2


async def test_one_snils_in_two_unlike_cards_is_a_certain_match(site: SiteStand, registrar: Client) -> None:
    someone = find_hospital_patient(site)
    child = {"surname": "Ыкова", "given_name": "Ия", "birth_date": "2020-02-02", "sex": 2, "snils": someone.snils}
    (found,) = await find_similar(registrar, **child)
    assert found["certain"]
    assert "borrowed_identifier" in found["conflicts"]


async def test_twins_are_similar_but_no_certain_match(registrar: Client, glafira: UUID) -> None:
    (found,) = await find_similar(registrar, **{**CARD, "given_name": "Аграфена"})
    assert found["patient"]["id"] == str(glafira)
    assert not found["certain"]


async def test_another_organisations_patient_is_never_found(site: SiteStand, registrar: Client) -> None:
    with site.admin() as connection:
        row = connection.execute(
            "select surname, given_name, birth_date::text, snils from mpi.patient where organization_id = %s limit 1",
            (AMBULANCE,),
        ).fetchone()
    assert row is not None
    assert (
        await find_similar(registrar, **dict(zip(("surname", "given_name", "birth_date", "snils"), row, strict=True)))
        == []
    )


async def test_a_possible_duplicate_is_asked_about_once_and_never_forbidden(
    site: SiteStand, registrar: Client, glafira: UUID
) -> None:
    page = await registrar.get("/patients/new")
    token = page.text.split('name="_csrf_token" value="')[1].split('"')[0]
    form = {**{name: str(value) for name, value in CARD.items()}, "_csrf_token": token}
    asked = await registrar.post("/patients/new", data=form, follow_redirects=False)
    assert asked.status_code == 409
    assert f"/patients/{glafira}" in asked.text
    assert 'value="Берендеева"' in asked.text, "what was typed is kept"
    assert count_cards(site) == 1
    saved = await registrar.post("/patients/new", data={**form, "despite": "urgent"}, follow_redirects=False)
    assert saved.status_code == 303
    assert count_cards(site) == 2
    with site.admin() as connection:
        details = connection.execute("select ground_detail from audit.access where action = 'patient:card:create'")
        assert ("similar: urgent",) in details.fetchall()


async def test_the_card_shows_patients_whom_the_region_linked_to_one_person(
    site: SiteStand, registrar: Client, glafira: UUID
) -> None:
    other = await registrar.post("/api/v1/patients", json={**CARD, "surname": "Северская"})
    person = uuid4()
    with site.admin() as connection:
        for patient in (glafira, other.json()["id"]):
            connection.execute(
                "insert into mpi.patient_link (organization_id, patient_id, person_id, decision, reason)"
                " values (%s, %s, %s, 'manual', 'вышла замуж')",
                (HOSPITAL, patient, person),
            )
    page = await registrar.get(f"/patients/{glafira}")
    assert "По данным региона, это один и тот же человек" in page.text
    assert "вышла замуж" in page.text
    assert page.text.count("Северская") == 1, "a patient linked already is not listed as similar as well"


def find_hospital_patient(site: SiteStand) -> Someone:
    """Return one of the hospital's patients."""
    with site.admin() as connection:
        known = {row[0] for row in connection.execute("select snils from mpi.patient where organization_id = 101")}
    return next(one for one in people(7) if one.snils in known)


def count_cards(site: SiteStand) -> int:
    with site.admin() as connection:
        row = connection.execute("select count(*) from mpi.patient where surname = 'Берендеева'").fetchone()
    return row[0] if row else 0
