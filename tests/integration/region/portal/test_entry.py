"""Who may call the portal's interface: token, scope, rate; and what logs never hold."""

import json

import pytest
from litestar.testing import AsyncTestClient
from structlog.testing import capture_logs
from tests.fix_region import RegionStand

PATHS = (
    "/portal/v1/documents",
    "/portal/v1/documents/00000000-0000-7000-8000-000000000000",
    "/portal/v1/documents/00000000-0000-7000-8000-000000000000/content",
    "/portal/v1/documents/00000000-0000-7000-8000-000000000000/signatures",
    "/portal/v1/documents/00000000-0000-7000-8000-000000000000/signatures/1",
)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("authorization", ["", "Bearer ", "Bearer wrong", "Basic cG9ydGFsOng=", "the portal's token"])
async def test_a_call_without_a_valid_token_is_refused(portal: AsyncTestClient, path: str, authorization: str):
    answer = await portal.get(path, headers={"authorization": authorization, "as-citizen": "112-233-445 95"})
    assert (answer.status_code, answer.json()["code"]) == (401, "TokenRefused")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("path", PATHS)
async def test_a_client_without_the_scope_is_refused_and_audited(
    region: RegionStand, portal: AsyncTestClient, path: str
):
    name = region.add_client("a metrics token", ["metrics"])
    headers = {"authorization": "Bearer a metrics token", "as-citizen": "112-233-445 95"}
    answer = await portal.get(path, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "ScopeNeeded")
    assert region.audit()[-1] == ("portal:client:enter", "refused", None, None, name, "own", "ScopeNeeded")


async def test_a_disabled_client_is_refused_and_audited(region: RegionStand, portal: AsyncTestClient):
    name = region.add_client("an old token", ["portal"], disabled=True)
    answer = await portal.get(PATHS[0], headers={"authorization": "Bearer an old token"})
    assert answer.status_code == 401
    assert region.audit()[-1][:5] == ("portal:client:enter", "refused", None, None, name)


async def test_a_client_may_not_call_too_often(region: RegionStand, portal: AsyncTestClient):
    region.add_client("an eager token", ["portal"], per_second=2)
    headers = {"authorization": "Bearer an eager token", "as-citizen": "112-233-445 95"}
    answers = [await portal.get(PATHS[0], headers=headers) for _ in range(5)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert answers[0].status_code == 200
    assert refused
    assert int(refused[0].headers["retry-after"]) >= 1


@pytest.mark.parametrize("where", ["header", "wrong"])
async def test_no_log_line_holds_a_snils(
    region: RegionStand, portal: AsyncTestClient, where: str, capfd: pytest.CaptureFixture[str]
):
    alice = region.add_citizen()
    wrong = alice.snils[:-1] + str((int(alice.snils[-1]) + 1) % 10)
    with capture_logs() as logs:
        await portal.get(PATHS[0], headers={"as-citizen": alice.snils if where == "header" else wrong})
    written = json.dumps(logs, default=str) + "".join(capfd.readouterr())
    assert "/portal/v1/documents" in written
    assert alice.snils not in written
    assert wrong not in written


async def test_the_interface_describes_itself(portal: AsyncTestClient):
    described = (await portal.get("/api/docs/openapi.json")).json()
    operation = described["paths"]["/portal/v1/documents/{document_id}/content"]["get"]
    assert {"X-Citizen-Token", "DPoP"} <= {parameter["name"] for parameter in operation["parameters"]}
    assert operation["security"] == [{"client_token": []}]
    assert described["components"]["securitySchemes"]["client_token"] == {"type": "http", "scheme": "bearer"}
