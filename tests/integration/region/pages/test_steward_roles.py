"""Who reaches the stewards' pages: stewards decide, analysts read, nobody else comes in; accesses are audited."""

from uuid import uuid4

import pytest
from litestar.testing import AsyncTestClient
from tests.fix_region import RegionStand, signed_in
from tests.searching import search

from trustmed.schema import Place

IVANOV = {"surname": "Иванов", "given_name": "Пётр"}
PAGES = ("/steward", "/persons", f"/persons/{uuid4()}", f"/steward/{uuid4()}")
ACTS = (
    f"/steward/{uuid4()}",
    f"/persons/{uuid4()}/pin",
    f"/persons/{uuid4()}/split",
    f"/persons/{uuid4()}/with/{uuid4()}",
    f"/acts/{uuid4()}/undo",
)


async def fetch_token(client: AsyncTestClient, path: str = "/") -> str:
    page = await client.get(path, follow_redirects=True)
    return page.text.split('name="_csrf_token" value="')[1].split('"')[0]


async def test_an_engineer_does_not_see_patients(engineer: AsyncTestClient) -> None:
    for path in PAGES:
        assert (await engineer.get(path)).status_code == 403, path
    assert "/steward" not in (await engineer.get("/documents")).text


async def test_the_pages_require_signing_in(region: RegionStand) -> None:
    async with region.web.client(AsyncTestClient) as client:
        for path in PAGES:
            answer = await client.get(path, follow_redirects=False)
            assert (answer.status_code, answer.headers["location"].split("?")[0]) == (302, "/sign-in"), path


async def test_an_analyst_reads_and_decides_nothing(region: RegionStand) -> None:
    async with signed_in(region, "analyst") as analyst:
        assert (await analyst.get("/steward")).status_code == 200
        form = {
            "_csrf_token": await fetch_token(analyst),
            "answer": "same",
            "why_same": "потому что",
            "words": "потому что",
        }
        for path in ACTS:
            assert (await analyst.post(path, data=form)).status_code == 403, path


async def test_a_stewards_first_page_is_the_queue(steward: AsyncTestClient) -> None:
    answer = await steward.get("/", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/steward")
    assert (await steward.get("/documents")).status_code == 403


async def test_a_missing_person_or_question_is_reported_and_audited(
    region: RegionStand, steward: AsyncTestClient
) -> None:
    for path in PAGES[2:]:
        answer = await steward.get(path)
        assert answer.status_code == 404
        assert "Проверьте номер" in answer.text or "Вернитесь к очереди" in answer.text
    assert ("mpi:index:read", "not_found") in {row[:2] for row in region.audit(Place.MPI)}


@pytest.mark.parametrize(
    ("typed", "status", "text"),
    [
        ({"surname": "Иванов"}, 422, "Укажите, кого искать"),
        (IVANOV | {"birth_date": "31.02.1980"}, 422, "Не удалось разобрать дату рождения"),
        (IVANOV | {"birth_date": "05.11.1980", "sex": "9", "snils": "abc"}, 200, ""),
        ({"number": "\0"}, 200, ""),
        ({"number": "9" * 500}, 200, "Никого с таким номером нет"),
        ({"for": "не-номер"}, 200, ""),
    ],
)
async def test_odd_searches_get_a_clear_answer(
    steward: AsyncTestClient, typed: dict[str, str], status: int, text: str
) -> None:
    answer = await search(steward, "/persons", **typed)
    assert answer.status_code == status
    assert text in answer.text
    assert (await steward.get("/persons?for=не-номер")).status_code == 200


@pytest.mark.parametrize(
    "query",
    ["?priority=9999999999999", "?priority=99999", "?clinic=-1", "?clinic=999999999", "?after=x", "?priority=²"],
)
async def test_odd_filters_show_an_empty_queue_or_all(steward: AsyncTestClient, query: str) -> None:
    assert (await steward.get(f"/steward{query}")).status_code == 200


async def test_odd_forms_change_nothing(steward: AsyncTestClient) -> None:
    given = {"_csrf_token": await fetch_token(steward, "/persons")}
    for path in ACTS:
        answer = await steward.post(path, data={**given, "row": "1:2", "answer": "postpone", "until": "9999-99-99"})
        assert answer.status_code in (404, 422), path
