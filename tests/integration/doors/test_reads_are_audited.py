"""Whatever shows or changes a person's data leaves a row in an audit trail, found or not; every route is asked."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final

import psycopg
from litestar.testing import AsyncTestClient

from tests.fix_region import RegionStand, signed_in
from tests.fix_site import PASSWORD, Client, SiteStand
from tests.integration.doors.routes import Route, request_for, routes_of
from tests.integration.doors.test_who_enters import REGION_ROLES, SITE_ROLES, TABLE
from tests.searching import csrf_token
from trustmed.schema import Place

SHOWS_NOBODY: Final[Mapping[str, str]] = {
    "the program itself": "GET /health|GET /ready|GET /metrics",
    "the interfaces' description": "GET /api/docs|GET /api/docs/openapi.json|GET /api/docs/{path}",
    "entering and its forms": "GET /|GET /sign-in|GET /language/{to}|GET /citizen/open/{token}|GET /citizen/accesses",
    "an empty form": "GET /patients/new|GET /persons|GET /record|GET /booking|GET /booking/new",
    "a redirect to where the ground is stated": "GET /record/{person_id}/documents/{document_id}",
    "a redirect to a sealed search, which is audited when it is shown": "POST /patients|POST /persons|POST /record|"
    "POST /patients/{patient_id}/record/find|POST /record/{person_id}/find|POST /slots/{slot_id}/find",
    "one's own account": "GET /account|GET /account/factor|POST /account/factor|POST /account/password|"
    "POST /account/sessions",
    "the region's own staff; what is done to an account has a row of its own": "GET /staff|GET /staff/{login}|"
    "POST /staff/{login}",
    "a number alone": "GET /tasks/count|GET /audit/break-glass/count",
    "links, parts and the feed": "GET /link|GET /link/state|GET /api/v1/links|GET /api/v1/feed",
    "documents without their persons": "GET /documents|GET /newest|GET /api/v1/registry/newest",
    "the authority's public things": "GET /api/v1/authority/root|GET /api/v1/authority/crl",
    "rooms, hours and free slots": "GET /schedule/resources|GET /schedule/resources/{resource_id}|"
    "POST /schedule/resources/{resource_id}/hours|GET /booking/slots",
    "a line of a dictionary": "GET /dictionaries/icd/{row}",
}
"""Routes, joined by |, that may leave no row, by the reason why."""
EXPLAINED: Final = frozenset(name for names in SHOWS_NOBODY.values() for name in names.split("|"))
DICTIONARIES: Final = ("/nsi", "/api/v1/nsi")
NOT_READ: Final = (400, 413, 415, 422, 503)
"""The request was refused before anybody was looked up, or a part was away and nothing was shown."""
UNREACHED: Final = frozenset(
    {
        *("POST /patients/new", "POST /api/v1/documents", "POST /api/v1/documents/{document_id}/sign"),
        *("POST /schedule/resources/slots", "GET /patients/{patient_id}/record/documents/{document_id}"),
        *("POST /booking", "POST /booking/new", "POST /booking/new/book", "POST /booking/new/cancel"),
        *("POST /api/v1/authority/enrol", "POST /api/v1/authority/renew", "POST /staff"),
    }
)
"""Routes that this test's simple requests do not get through: their own tests look at the trail."""
SITE_PLACES: Final = (Place.SITE, Place.DOCUMENTS)
REGION_PLACES: Final = (Place.MPI, Place.REGISTRY, Place.BOOKING, Place.NSI, Place.RECORD)
LAST: Final = ("POST /sign-out", "DELETE /api/v1/session")


def entrants(title: str) -> dict[str, str]:
    """Return a role that is let in, by the name of the route, from a part of docs/doors.md."""
    part = TABLE.read_text("utf-8").partition(f"## {title}\n")[2].partition("\n## ")[0]
    rows = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in part.splitlines() if "|" in line]
    columns = rows[0][1:]
    return {
        name: next((role for role, mark in zip(columns, marks, strict=True) if mark and role != "—"), "")
        for name, *marks in rows[2:]
    }


async def ask(client: AsyncTestClient, route: Route, keys: Mapping[str, str], token: str) -> int:
    path = route.path
    for name, key in keys.items():
        path = path.replace(f"{{{name}}}", key)
    asked = request_for(route._replace(path=path), "a")
    body: dict[str, Any] = {"data": {}} if asked.json is None else {"json": asked.json}
    if route.method in ("GET", "DELETE"):
        body = {}
    answer = await client.request(
        route.method, asked.path, params=asked.query, headers={"x-csrftoken": token}, follow_redirects=False, **body
    )
    return answer.status_code


def unexplained(silent: Sequence[tuple[str, int]]) -> set[str]:
    """Return the routes that showed or changed something without a row and without a reason."""
    return {name for name, status in silent if status not in NOT_READ and name not in EXPLAINED}


def unread(silent: Sequence[tuple[str, int]]) -> set[str]:
    """Return the routes that refused this test's request before they looked anybody up."""
    return {name for name, status in silent if status in NOT_READ and name not in EXPLAINED}


def is_of_dictionaries(name: str) -> bool:
    return name.partition(" ")[2].startswith(DICTIONARIES)


async def find_silent(
    client: AsyncTestClient, names: Collection[str], keys: Mapping[str, str], count: Callable[[], int]
) -> list[tuple[str, int]]:
    """Ask the routes of these names; return those that left no row in any trail, with the status of the answer."""
    token, silent = csrf_token((await client.get("/sign-in")).text), []
    for route in routes_of(client.app):
        if route.name in names and route.name not in LAST and not is_of_dictionaries(route.name):
            before = count()
            status = await ask(client, route, keys, token)
            silent += [(route.name, status)] if count() == before else []
    return silent


def count_rows(connections: Iterable[AbstractContextManager[psycopg.Connection]]) -> int:
    total = 0
    for lent in connections:
        with lent as connection:
            row = connection.execute("select count(*) from audit.access").fetchone()
            total += row[0] if row else 0
    return total


async def test_what_a_site_shows_is_in_its_trail(site_stands: Callable[[str], SiteStand]) -> None:
    site, silent, who = site_stands("apart"), [], entrants("Площадка · A site")
    async with site.web.client(Client) as client:
        draft = await (await client.sign_in("doctor")).preview(site)
    keys = {"patient_id": str(site.patient), "visit_id": draft["visit_id"], "draft_id": draft["id"]}
    for role in SITE_ROLES:
        async with site.web.client(Client) as client:
            form = {"login": role, "password": PASSWORD, "_csrf_token": csrf_token((await client.get("/sign-in")).text)}
            assert (await client.post("/sign-in", data=form, follow_redirects=False)).status_code == 303
            names = {name for name, entrant in who.items() if entrant == role}
            silent += await find_silent(client, names, keys, lambda: count_rows(map(site.admin, SITE_PLACES)))
    assert unexplained(silent) == set()
    assert unread(silent) <= UNREACHED


async def test_what_the_region_shows_its_staff_is_in_its_trails(region_stands: Callable[[str], RegionStand]) -> None:
    region, silent, who = region_stands("apart"), [], entrants("Регион: сотрудники · The region: staff")
    keys = {"person_id": str(region.add_citizen().id), "other_id": str(region.add_citizen().id)}
    for role in REGION_ROLES:
        async with signed_in(region, role) as client:
            names = {name for name, entrant in who.items() if entrant == role}
            silent += await find_silent(client, names, keys, lambda: count_rows(map(region.admin, REGION_PLACES)))
    assert unexplained(silent) == set()
    assert unread(silent) <= UNREACHED
