"""/api/v1/session of the region: programs of the staff sign in for a bearer token."""

import pytest
from litestar.testing import AsyncTestClient
from tests.fix_region import PASSWORD


async def test_the_token_opens_the_staffs_interface_until_the_session_is_closed(portal: AsyncTestClient):
    opened = await portal.post("/api/v1/session", json={"login": "Analyst", "password": PASSWORD})
    assert opened.status_code == 201
    headers = {"authorization": f"Bearer {opened.json()['token']}"}
    assert (await portal.get("/api/v1/links", headers=headers)).status_code == 200
    assert (await portal.delete("/api/v1/session", headers=headers)).status_code == 204
    assert (await portal.get("/api/v1/links", headers=headers)).status_code == 401


async def test_neither_a_session_nor_a_portal_token_opens_the_others_interface(portal: AsyncTestClient):
    opened = await portal.post("/api/v1/session", json={"login": "analyst", "password": PASSWORD})
    headers = {"authorization": f"Bearer {opened.json()['token']}", "as-citizen": "112-233-445 95"}
    assert (await portal.get("/portal/v1/documents", headers=headers)).status_code == 401
    assert (await portal.get("/api/v1/links")).status_code == 401


@pytest.mark.parametrize("given", [{}, {"login": "analyst"}, {"login": "analyst", "password": "wrong"}])
async def test_a_wrong_password_gets_no_token(portal: AsyncTestClient, given: dict[str, str]):
    answer = await portal.post("/api/v1/session", json=given)
    assert answer.status_code in (401, 422)
    assert "token" not in answer.json()
