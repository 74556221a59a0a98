"""The index for other programs: who may ask, what is found, what is audited."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from litestar.testing import AsyncTestClient
from tests.fix_region import TOKEN, RegionStand, new_snils
from tests.integration.region.index.rows import put

from trustmed.region.index.link import link_patients
from trustmed.schema import Place

MPI_TOKEN = "a program that asks the index"
OLGA = {"surname": "Грачёва", "given_name": "Ольга", "birth_date": "1951-11-02"}


@pytest.fixture
async def program(region: RegionStand) -> AsyncIterator[AsyncTestClient]:
    region.add_client(MPI_TOKEN, ["mpi"])
    async with region.web.client(AsyncTestClient) as client:
        client.headers["authorization"] = f"Bearer {MPI_TOKEN}"
        yield client


def add_olga(region: RegionStand, snils: str) -> UUID:
    """Add a row of hers in each of two clinics; return her person."""
    with region.admin(Place.MPI) as admin, region.connect(Place.MPI, "trustmed_feed") as feed:
        keys = [put(admin, clinic, **OLGA, snils=snils) for clinic in (101, 301)]
        (person,) = {link.person_id for link in link_patients(feed, keys).values()}
    return person


async def test_a_person_is_found_by_number_and_by_id_and_the_search_is_audited(
    region: RegionStand, program: AsyncTestClient
):
    snils = new_snils()
    person = add_olga(region, snils)
    found = (await program.post("/api/v1/mpi/persons/find", json={"snils": snils})).json()["persons"]
    assert [one["id"] for one in found] == [str(person)]
    assert found[0]["fields"]["surname"]["value"] == "Грачёва"
    assert len(found[0]["patients"]) == 2
    by_id = (await program.get(f"/api/v1/mpi/persons/{person}")).json()
    assert by_id == found[0]
    seen = [row[:3] for row in region.audit(Place.MPI) if row[2] == person]
    assert seen == [("mpi:person:find", "granted", person)] * 2


async def test_a_dry_run_returns_candidates_and_writes_nothing(region: RegionStand, program: AsyncTestClient):
    snils = new_snils()
    person = add_olga(region, snils)
    with region.admin(Place.MPI) as admin:
        before = admin.execute("select count(*) from mpi.patient_link").fetchone()
    card = {"surname": "Гаврилова", "given_name": "Ольга", "birth_date": "1951-11-02", "sex": 2}
    answer = (await program.post("/api/v1/mpi/match", json={**card, "snils": snils})).json()
    assert (answer["outcome"], answer["person_id"]) == ("linked", str(person))
    assert answer["candidates"][0]["probability"] > 0.99
    assert {one["field"] for one in answer["candidates"][0]["fields"]} >= {"snils", "surname"}
    certain = (await program.post("/api/v1/mpi/match", json={**card, "only_certain": True})).json()
    assert certain["outcome"] != "linked"
    assert certain["candidates"] == []
    with region.admin(Place.MPI) as admin:
        assert admin.execute("select count(*) from mpi.patient_link").fetchone() == before


@pytest.mark.parametrize(
    ("method", "path", "numbers", "status"),
    [
        ("POST", "/api/v1/mpi/persons/find", {}, 422),
        ("POST", "/api/v1/mpi/persons/find", {"snils": "123"}, 422),
        ("GET", "/api/v1/mpi/persons/019a0000-0000-7000-8000-000000000000", None, 404),
    ],
)
async def test_an_unanswerable_request_is_refused_with_an_explanation(
    program: AsyncTestClient, method: str, path: str, numbers: dict[str, str] | None, status: int
):
    answer = await program.request(method, path, json=numbers)
    assert answer.status_code == status
    assert answer.json()["detail"]


async def test_only_clients_with_the_scope_of_the_index_are_admitted(program: AsyncTestClient):
    for token, status in (("wrong", 401), (TOKEN, 403)):
        headers = {"authorization": f"Bearer {token}"}
        answer = await program.post("/api/v1/mpi/persons/find", json={"snils": "1"}, headers=headers)
        assert answer.status_code == status


async def test_a_wrong_card_is_refused_with_its_field_named(program: AsyncTestClient):
    answer = await program.post(
        "/api/v1/mpi/match", json={"surname": "А", "given_name": "Б", "birth_date": "1951-13-02"}
    )
    assert answer.status_code in (400, 422)
    assert "birth_date" in answer.text
