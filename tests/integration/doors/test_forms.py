"""Every form of both applications is sent with strange values: none may end in a fault, whatever a browser sends.

The fields are those that the templates of the handler's room name; the routes are found from the applications.
"""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from litestar import Litestar
from litestar.testing import TestClient
from structlog.testing import capture_logs

from tests.examples import examples
from tests.fix_region import RegionStand
from tests.fix_site import Client, SiteStand
from tests.integration.doors.routes import Route, request_for, routes_of
from tests.integration.doors.test_who_enters import enter
from trustmed.programs.region_web import create_app as region_app
from trustmed.programs.site_web import create_app as site_app

FIELD = re.compile(r"""name=["']([a-z_0-9]+)["']""")
SITE_ROLES = ("registrar", "doctor", "head")
REGION_ROLES = ("engineer", "steward", "operator", "physician")
ICD = "1.2.643.5.1.13.13.11.1005"
WITHOUT_FIELDS = {"trustmed.clinic.visits"}  # a button and nothing else
LONGEST = 2000

NUMBERS = ("", "1", "-1", "0", "²", "999999999999", "1,5", "1e400", "NaN", "101", "11223344595", "+7 900 000-00-00")
MOMENTS = ("2026-11-05", "0001-01-01", "2026-13-45", "9999-12-31", "25:00", "08:30", "2026-11-05T08:30:00Z")
TEXTS = (
    "on",
    "a\0b",
    "%00",
    "'; --",
    "<script>",
    "{{ 7 }}",
    "\u202e",
    "a" * LONGEST,
    "I11.9",
    "119",
    "urgent",
    "other",
)
KEYS = ("019a0000-0000-7000-8000-000000000000", "019A0000-0000-7000-8000-00000000000", "null")
values = st.one_of(
    st.sampled_from(NUMBERS + MOMENTS + TEXTS + KEYS), st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
)


@cache
def fields_of(package: str) -> tuple[str, ...]:
    """Return the names of fields in the templates of a handler's room, or of the room above it."""
    while package.count("."):
        folder = Path(str(files(package))) / "templates"
        if folder.is_dir():
            return tuple(sorted({name for file in folder.rglob("*.html") for name in FIELD.findall(file.read_text())}))
        package = package.rpartition(".")[0]
    return ()


def forms_of(app: Litestar) -> list[Route]:
    """Return the routes that browsers send forms to."""
    return [
        route
        for route in routes_of(app)
        if route.method == "POST" and not route.path.startswith(("/api/", "/portal/", "/sign-out"))
    ]


def send(client: TestClient, routes: Sequence[Route], keys: Mapping[str, str], token: str, drawn: Any) -> None:
    route = drawn.draw(st.sampled_from(routes))
    path = request_for(route._replace(path=_with_keys(route.path, keys)), "a").path
    names = fields_of(route.handler.fn.__module__.rpartition(".")[0]) or ("text",)
    form = drawn.draw(st.lists(st.tuples(st.sampled_from(names), values), max_size=12))
    fields: dict[str, list[str]] = {}
    for name, value in form:
        fields.setdefault(name, []).append(value)
    with capture_logs() as lines:
        answer = client.post(path, data=fields, headers={"x-csrftoken": token}, follow_redirects=False)
    faults = [line for line in lines if line["event"] == "fault"]
    assert answer.status_code != 500, f"{route.name} {fields}"
    assert not faults, f"{route.name} {fields} {faults}"


def _with_keys(path: str, keys: Mapping[str, str]) -> str:
    """Name things that are there: a form about nothing is refused before it is read."""
    for name, key in keys.items():
        path = path.replace(f"{{{name}}}", key)
    return path


def try_forms(app: Litestar, login: str, keys: Mapping[str, str]) -> None:
    with TestClient(app) as client:
        routes, token = forms_of(app), enter(client, login)

        @given(st.data())
        @settings(max_examples=examples(30), deadline=None)
        def send_strange_values(drawn: Any) -> None:
            send(client, routes, keys, token, drawn)

        send_strange_values()


@pytest.mark.parametrize("login", SITE_ROLES)
async def test_no_form_of_a_site_ends_in_a_fault(site_stands: Callable[[str], SiteStand], login: str) -> None:
    site = site_stands("apart")
    async with site.web.client(Client) as client:
        draft = await (await client.sign_in("doctor")).preview(site)
    keys = {"patient_id": str(site.patient), "visit_id": draft["visit_id"], "draft_id": draft["id"]}
    await asyncio.to_thread(try_forms, site_app(site.topology, site.site.name), login, keys)


@pytest.mark.parametrize("login", REGION_ROLES)
def test_no_form_of_the_region_ends_in_a_fault(region_stands: Callable[[str], RegionStand], login: str) -> None:
    region = region_stands("apart")
    keys = {"person_id": str(region.add_citizen().id), "other_id": str(region.add_citizen().id), "oid": ICD}
    try_forms(region_app(region.topology), login, keys)


def test_the_rooms_of_all_forms_have_templates_with_fields(
    site_stands: Callable[[str], SiteStand], region_stands: Callable[[str], RegionStand]
) -> None:
    site, region = site_stands("apart"), region_stands("apart")
    for app in (site_app(site.topology, site.site.name), region_app(region.topology)):
        rooms = {route.handler.fn.__module__.rpartition(".")[0] for route in forms_of(app)}
        assert {room for room in rooms if not fields_of(room)} <= WITHOUT_FIELDS
