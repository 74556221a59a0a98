"""Who reaches the record's pages: the region's physicians, on a ground they state, and nobody else."""

from uuid import uuid4

import pytest
from litestar.testing import AsyncTestClient
from tests.fix_region import RegionStand, signed_in
from tests.searching import search

PAGES = ("/record", f"/record/{uuid4()}", f"/record/{uuid4()}/documents/{uuid4()}")


@pytest.mark.parametrize("login", ["engineer", "analyst", "steward"])
async def test_no_other_role_reaches_the_record(region: RegionStand, login: str) -> None:
    async with signed_in(region, login) as client:
        for path in PAGES:
            assert (await client.get(path)).status_code == 403, path


async def test_the_pages_require_signing_in(region: RegionStand) -> None:
    async with region.web.client(AsyncTestClient) as client:
        for path in PAGES:
            answer = await client.get(path, follow_redirects=False)
            assert (answer.status_code, answer.headers["location"].split("?")[0]) == (302, "/sign-in"), path


async def test_a_physician_reaches_only_the_record_and_no_document_without_a_ground(region: RegionStand) -> None:
    async with signed_in(region, "physician") as physician:
        home = await physician.get("/", follow_redirects=False)
        assert (home.status_code, home.headers["location"]) == (303, "/record")
        for path in ("/documents", "/nsi", "/steward", "/persons"):
            assert (await physician.get(path)).status_code == 403, path
        person = uuid4()
        answer = await physician.get(f"/record/{person}/documents/{uuid4()}", follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/record/{person}")


async def test_a_person_is_found_by_number_and_an_incomplete_name_is_refused(region: RegionStand) -> None:
    citizen = region.add_citizen()
    async with signed_in(region, "physician") as physician:
        found = await search(physician, "/record", number=citizen.snils)
        assert f"/record/{citizen.id}" in found.text
        wrong = await search(physician, "/record", surname="Проверкина")
        assert wrong.status_code == 422
        nobody = await search(physician, "/record", number="00000000000")
        assert nobody.status_code == 200
        assert "empty-list" in nobody.text
