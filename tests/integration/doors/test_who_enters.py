"""Who may open what: every route is asked in every role; docs/doors.md is the answer. `make doors` writes it anew."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from litestar.testing import AsyncTestClient, TestClient
from structlog.testing import capture_logs

from tests.fix_region import RegionStand, signed_in
from tests.fix_site import PASSWORD, Client, SiteStand
from tests.integration.doors.routes import Route, request_for, routes_of
from tests.searching import csrf_token

TABLE = Path(__file__).parents[3] / "docs" / "doors.md"
SITE_ROLES = ("doctor", "registrar", "head", "engineer")
REGION_ROLES = ("engineer", "analyst", "steward", "physician", "operator")
SCOPES = ("portal", "mpi", "record", "booking", "federal", "metrics")
NOBODY = "—"
REFUSALS = frozenset({"NotSignedIn", "RoleNeeded", "TokenRefused", "ScopeNeeded", "MetricsClosed"})
LAST = ("DELETE /api/v1/session", "POST /sign-out")
"""These end the session; the second lets in everybody."""

Entered = dict[str, set[str]]
"""Who was let in, by the name of the route."""


async def ask_all(client: AsyncTestClient, routes: Sequence[Route], who: str, entered: Entered) -> None:
    """Ask every route as whoever the client is; those that end the session come last."""
    token = csrf_token((await client.get("/sign-in")).text)
    for route in sorted(routes, key=lambda one: LAST.index(one.name) if one.name in LAST else -1):
        if route.name in LAST:
            token = csrf_token((await client.get("/sign-in")).text)
        if await is_let_in(client, route, token, is_nobody=who == NOBODY):
            entered.setdefault(route.name, set()).add(who)


async def is_let_in(client: AsyncTestClient, route: Route, token: str, *, is_nobody: bool) -> bool:
    asked = request_for(route, "a")
    body: dict[str, Any] = {"data": {}} if asked.json is None else {"json": asked.json}
    if route.method in ("GET", "DELETE"):
        body = {}
    with capture_logs() as lines:
        answer = await client.request(
            route.method,
            asked.path,
            params=asked.query,
            headers={"x-csrftoken": token},
            follow_redirects=False,
            **body,
        )
    codes = {line.get("code") for line in lines if line["event"] == "refused"}
    is_to_sign_in = answer.headers.get("location", "").startswith("/sign-in") and route.name != "POST /sign-out"
    if codes & REFUSALS or is_to_sign_in:
        return False
    assert is_nobody or "FormOutOfDate" not in codes, f"{route.name}: the form's token was not taken"
    return "FormOutOfDate" not in codes


def table(columns: Sequence[str], routes: Sequence[Route], entered: Entered) -> list[str]:
    lines = [f"| | {' | '.join(columns)} |", f"|---|{':-:|' * len(columns)}"]
    for route in sorted(routes, key=lambda one: (one.path, one.method)):
        marks = ["●" if one in entered.get(route.name, ()) else "" for one in columns]
        lines.append(f"| `{route.name}` | {' | '.join(marks)} |")
    return lines


def check(title: str, found: list[str]) -> None:
    """Compare a part of the document, the lines between its title and the next one, or write it anew."""
    before, _, rest = TABLE.read_text("utf-8").partition(f"## {title}\n\n")
    part, following, after = rest.partition("\n## ")
    if os.environ.get("TRUSTMED_WRITE_DOORS") == "1":
        text = f"{before}## {title}\n\n" + "\n".join(found) + "\n" + following + after
        TABLE.write_text(text, "utf-8")
    else:
        assert found == part.strip().splitlines(), "run `make doors` and look at who enters what in docs/doors.md"


async def test_each_role_enters_a_site_where_the_document_says(site_stands: Callable[[str], SiteStand]) -> None:
    site, entered = site_stands("apart"), Entered()
    async with site.web.client(Client) as client:
        routes = routes_of(client.app)
        await ask_all(client, routes, NOBODY, entered)
    for role in SITE_ROLES:
        async with site.web.client(Client) as client:
            form = {"login": role, "password": PASSWORD, "_csrf_token": csrf_token((await client.get("/sign-in")).text)}
            assert (await client.post("/sign-in", data=form, follow_redirects=False)).status_code == 303
            await ask_all(client, routes, role, entered)
    check("Площадка · A site", table((NOBODY, *SITE_ROLES), routes, entered))


async def test_each_role_enters_the_region_where_the_document_says(
    region_stands: Callable[[str], RegionStand],
) -> None:
    region, entered = region_stands("apart"), Entered()
    async with region.web.client(AsyncTestClient) as client:
        routes = routes_of(client.app)
        await ask_all(client, routes, NOBODY, entered)
    for role in REGION_ROLES:
        async with signed_in(region, role) as client:
            await ask_all(client, routes, role, entered)
    check("Регион: сотрудники · The region: staff", table((NOBODY, *REGION_ROLES), routes, entered))


async def test_each_client_enters_the_interfaces_of_its_scope(region_stands: Callable[[str], RegionStand]) -> None:
    region, entered = region_stands("apart"), Entered()
    for scope in SCOPES:
        token = f"token {uuid4()}"
        region.add_client(token, [scope])
        async with region.web.client(AsyncTestClient) as client:
            client.headers["authorization"] = f"Bearer {token}"
            machine = [route for route in routes_of(client.app) if route.handler.opt.get("machine_only")]
            await ask_all(client, machine, scope, entered)
    check("Регион: системы · The region: client systems", table(SCOPES, machine, entered))


def enter(client: TestClient, login: str) -> str:
    """Sign in by the page's form; return the token that further forms need."""
    form = {"login": login, "password": PASSWORD, "_csrf_token": csrf_token(client.get("/sign-in").text)}
    assert client.post("/sign-in", data=form, follow_redirects=False).status_code == 303
    return csrf_token(client.get("/sign-in").text)
