"""Metrics and the description of the interfaces are shown to whoever has the right, and to nobody else."""

from collections.abc import Callable

import pytest
from litestar.testing import AsyncTestClient

from tests.fix_region import RegionStand, signed_in
from tests.fix_site import PASSWORD, Client, SiteStand
from tests.searching import csrf_token
from trustmed.topology.secrets import secret

STAFF = ("engineer", "analyst", "steward", "physician", "operator")
DESCRIPTION = "/api/docs/openapi.json"


async def status(client: AsyncTestClient, path: str, token: str | None = None) -> int:
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    return (await client.get(path, headers=headers)).status_code


@pytest.mark.parametrize("path", ["/metrics", DESCRIPTION])
async def test_a_stranger_sees_nothing_of_a_program(
    region_stands: Callable[[str], RegionStand], site_stands: Callable[[str], SiteStand], path: str
):
    for stand in (region_stands("together"), site_stands("together")):
        async with stand.web.client(AsyncTestClient) as client:
            for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": "Basic OndyOm9uZw=="}):
                answer = await client.get(path, headers=headers)
                assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
                assert "trustmed_request_seconds" not in answer.text


async def test_metrics_of_the_region_are_open_to_its_token_a_client_of_the_scope_and_who_watches_it(
    region_stands: Callable[[str], RegionStand],
):
    region = region_stands("together")
    region.add_client("one that measures", ["metrics"])
    region.add_client("one that does not", ["mpi"])
    async with region.web.client(AsyncTestClient) as client:
        assert await status(client, "/metrics", "one that measures") == 200
        assert await status(client, "/metrics", "one that does not") == 403
        assert await status(client, "/metrics", secret(region.topology, "region", "metrics")) == 200
        assert await status(client, DESCRIPTION, "one that does not") == 200
    for role in STAFF:
        async with signed_in(region, role) as staff:
            assert await status(staff, "/metrics") == (200 if role in ("engineer", "analyst") else 403), role
            assert await status(staff, DESCRIPTION) == 200


async def test_metrics_of_a_site_are_open_to_its_token_its_engineer_and_its_head(
    site_stands: Callable[[str], SiteStand],
):
    site = site_stands("together")
    token = secret(site.topology, site.site.name, "metrics")
    async with site.web.client(Client) as client:
        assert await status(client, "/metrics", token) == 200
        assert await status(client, DESCRIPTION, token) == 401
    for login, expected in {"engineer": 200, "head": 200, "doctor": 403, "registrar": 403}.items():
        async with site.web.client(Client) as client:
            form = {
                "login": login,
                "password": PASSWORD,
                "_csrf_token": csrf_token((await client.get("/sign-in")).text),
            }
            assert (await client.post("/sign-in", data=form, follow_redirects=False)).status_code == 303
            assert await status(client, "/metrics") == expected, login
            assert await status(client, DESCRIPTION) == 200


async def test_metrics_need_no_database_for_the_token(region_stands: Callable[[str], RegionStand]):
    region = region_stands("apart")
    with region.stopped("centre"):
        async with region.web.client(AsyncTestClient) as client:
            assert await status(client, "/metrics", secret(region.topology, "region", "metrics")) == 200
