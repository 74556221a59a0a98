"""The second factor of the region's staff, and the pages where accounts are kept."""

import base64
import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from litestar.testing import AsyncTestClient
from tests.factor import SECRET, code_now
from tests.fix_region import PASSWORD, RegionStand, signed_in

from trustmed.schema import Place
from trustmed.staff import factor

NEW_PASSWORD = "quite another password"


async def post(client: AsyncTestClient, path: str, form_of: str | None = None, **given: str) -> Any:
    """Send a form as the page `form_of` offers it."""
    page = await client.get(form_of or path)
    found = re.search(r'name="_csrf_token" value="(\w+)"', page.text)
    assert found, page.text
    return await client.post(path, data={"_csrf_token": found[1], **given}, follow_redirects=False)


async def sign_in(client: AsyncTestClient, login: str, password: str = PASSWORD) -> Any:
    return await post(client, "/sign-in", login=login, password=password)


def forget_steps(region: RegionStand) -> None:
    """Let the code of this half minute be taken again."""
    with region.admin(Place.REGISTRY) as connection:
        connection.execute("update access.account set factor_step = null")


@pytest.fixture
async def staff(region: RegionStand) -> AsyncIterator[AsyncTestClient]:
    """The region's application with nobody signed in."""
    forget_steps(region)
    async with region.web.client(AsyncTestClient) as client:
        yield client


@pytest.fixture
async def newcomer(region: RegionStand) -> tuple[str, str]:
    """Login and temporary password of a steward whom an engineer has just added by the page."""
    login = f"new{uuid4().hex[:8]}"
    async with signed_in(region, "engineer") as engineer:
        answer = await post(engineer, "/staff", login=login.upper(), name="Новенькая Н. Н.", role="steward")
    assert answer.status_code == 200, answer.text
    found = re.search(r'id="password">([^<]+)<', answer.text)
    assert found
    return login, found[1]


async def test_a_password_alone_opens_nothing(staff: AsyncTestClient) -> None:
    entered = await sign_in(staff, "engineer")
    assert entered.headers["location"] == "/sign-in/code"
    assert "/sign-in" in (await staff.get("/", follow_redirects=False)).headers["location"]
    wrong = await post(staff, "/sign-in/code", code="000000")
    assert wrong.status_code == 401
    right = await post(staff, "/sign-in/code", code=f" {code_now()[:3]} {code_now()[3:]}")
    assert right.status_code == 303
    assert (await staff.get("/staff")).status_code == 200


async def test_without_the_password_no_code_is_asked(staff: AsyncTestClient) -> None:
    assert (await staff.get("/sign-in/code", follow_redirects=False)).headers["location"] == "/sign-in"
    forged = base64.urlsafe_b64encode(b'["engineer","/",99999999999]').decode()
    staff.cookies.set("trustmed_region_ticket", f"{forged}.0")
    answer = await post(staff, "/sign-in/code", "/sign-in", code=code_now())
    assert answer.headers["location"] == "/sign-in"


async def test_a_code_is_taken_once(region: RegionStand, staff: AsyncTestClient) -> None:
    given = {"login": "engineer", "password": PASSWORD}
    missing = await staff.post("/api/v1/session", json=given)
    assert (missing.status_code, missing.json()["code"]) == (401, "CodeNeeded")
    code = code_now()
    assert (await staff.post("/api/v1/session", json=given | {"code": code})).status_code == 201
    again = await staff.post("/api/v1/session", json=given | {"code": code})
    assert (again.status_code, again.json()["code"]) == (401, "WrongCode")
    assert [row[1] for row in region.audit() if row[0] == "account:session:open"][-2:] == ["granted", "refused"]


async def test_guessing_codes_is_stopped(staff: AsyncTestClient) -> None:
    given = {"login": "steward", "password": PASSWORD}
    guesses = [await staff.post("/api/v1/session", json=given | {"code": f"{n:06}"}) for n in range(7)]
    assert guesses[-1].status_code == 429
    assert (await staff.post("/api/v1/session", json=given | {"code": code_now()})).status_code == 429


async def test_a_newcomer_changes_the_password_and_sets_up_the_factor_before_anything_else(
    region: RegionStand, staff: AsyncTestClient, newcomer: tuple[str, str]
) -> None:
    login, password = newcomer
    refused = await staff.post("/api/v1/session", json={"login": login, "password": password})
    assert (refused.status_code, refused.json()["code"]) == (403, "SetUpNeeded")
    assert (await sign_in(staff, login, password)).status_code == 303
    for path in ("/", "/steward", "/persons"):
        assert (await staff.get(path, follow_redirects=False)).headers["location"] == "/account", path
    given = {"present": password, "password": NEW_PASSWORD, "again": NEW_PASSWORD}
    for wrong in ({"present": "wrong"}, {"again": "other"}, {"password": password, "again": password}):
        assert (await post(staff, "/account/password", "/account", **given | wrong)).status_code in (401, 422)
    assert (await post(staff, "/account/password", "/account", **given)).status_code == 303
    assert (await staff.get("/steward", follow_redirects=False)).headers["location"] == "/account"
    codes = await set_up(staff)
    assert (await staff.get("/steward")).status_code == 200
    assert (await staff.get("/staff")).status_code == 403
    acts = {row[0] for row in region.audit()}
    assert acts >= {"account:card:create", "account:password:change", "account:factor:create"}
    await let_in_by_recovery_code(staff, login, codes)


async def set_up(client: AsyncTestClient) -> list[str]:
    """Set the second factor up as a person does: read the secret, enter its code; return the recovery codes."""
    page = (await client.get("/account/factor")).text
    assert "<svg" in page
    sealed = re.search(r'name="sealed" value="([^"]+)"', page)
    text = re.search(r'id="secret">([^<]+)<', page)
    assert sealed
    assert text
    secret = base64.b32decode(text[1].replace(" ", ""))
    wrong = await post(client, "/account/factor", sealed=sealed[1], code="000000")
    assert wrong.status_code == 401
    code = factor.code_at(secret, factor.step_now())
    done = await post(client, "/account/factor", sealed=sealed[1], code=code)
    assert done.status_code == 200, done.text
    codes = re.findall(r'<li class="mono">([^<]+)</li>', done.text)
    assert len(codes) == factor.RECOVERY_CODES
    return codes


async def let_in_by_recovery_code(client: AsyncTestClient, login: str, codes: list[str]) -> None:
    given = {"login": login, "password": NEW_PASSWORD}
    for code, status in ((codes[0].upper(), 201), (codes[0], 401), (codes[1].replace("-", " "), 201)):
        assert (await client.post("/api/v1/session", json=given | {"code": code})).status_code == status


async def test_a_stolen_session_cannot_move_the_factor_to_another_phone(region: RegionStand) -> None:
    async with signed_in(region, "physician") as physician:
        page = (await physician.get("/account/factor")).text
        sealed = re.search(r'name="sealed" value="([^"]+)"', page)
        text = re.search(r'id="secret">([^<]+)<', page)
        assert sealed
        assert text
        code = factor.code_at(base64.b32decode(text[1].replace(" ", "")), factor.step_now())
        given = {"sealed": sealed[1], "code": code}
        assert (await post(physician, "/account/factor", **given)).status_code == 401
        assert (await post(physician, "/account/factor", present="000000", **given)).status_code == 401
    with region.admin(Place.REGISTRY) as connection:
        row = connection.execute("select id, factor from access.account where login = 'physician'").fetchone()
    assert row
    key = (region.topology.folder / region.topology.region.secrets / "region.factor").read_text().strip()
    assert factor.unseal(key, row[0], row[1]) == SECRET


async def test_an_engineer_keeps_accounts_by_the_page(
    region: RegionStand, staff: AsyncTestClient, newcomer: tuple[str, str]
) -> None:
    login, password = newcomer
    await sign_in(staff, login, password)
    assert (await staff.get("/account")).status_code == 200
    async with signed_in(region, "engineer") as engineer:
        assert "Новенькая" in (await engineer.get("/staff")).text
        page, own = f"/staff/{login}", "/staff/engineer"
        assert (await post(engineer, page, act="role", role="analyst")).status_code == 303
        assert "аналитик" in (await staff.get("/account")).text
        assert (await post(engineer, page, act="disable")).status_code == 303
        assert "/sign-in" in (await staff.get("/account", follow_redirects=False)).headers["location"]
        assert (await post(engineer, page, act="enable")).status_code == 303
        assert 'id="password"' in (await post(engineer, page, act="password")).text
        assert (await post(engineer, page, act="factor")).status_code == 303
        assert (await post(engineer, page, act="sessions")).status_code == 303
        for act in ("disable", "role", "factor"):
            assert (await post(engineer, own, page, act=act, role="analyst")).status_code in (403, 422), act
        assert (await engineer.get("/staff/nobody")).status_code == 404
        assert (await post(engineer, "/staff", login=login, name="Вторая", role="analyst")).status_code == 422
    acts = [row[0] for row in region.audit() if row[0].startswith("account:")]
    assert {"account:role:change", "account:card:disable", "account:card:enable", "account:factor:reset"} <= set(acts)


@pytest.mark.parametrize("login", ["analyst", "steward", "physician", "operator"])
async def test_only_engineers_keep_accounts(region: RegionStand, login: str) -> None:
    async with signed_in(region, login) as client:
        assert (await client.get("/staff")).status_code == 403
        assert (await client.get("/account")).status_code == 200
