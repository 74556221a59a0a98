"""Addresses hold nothing personal: what is typed is posted, and sealed where an address must carry it on."""

import re
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

import pytest
from litestar import Litestar
from litestar.params import QueryParameter

from tests.fix_region import RegionStand, new_snils, signed_in
from tests.fix_site import Client, SiteStand
from tests.integration.doors.routes import Route, routes_of
from tests.searching import csrf_token, sealed_address, search
from trustmed.web import sealed

HARMLESS = {
    "after": "the place where a page of a list begins: an id or an opaque cursor",
    "before": "the same, or a day",
    "skip": "the same, a number",
    "limit": "a number of rows",
    "from": "a day or a moment",
    "to": "a day or a moment",
    "since": "a day",
    "until": "a day",
    "day": "a day",
    "days": "a number of days",
    "on": "a day",
    "signed_at": "a moment",
    "search": "a sealed search",
    "done": "what was done just now: a word of ours",
    "booked": "the id of a booking",
    "saved": "a word of ours",
    "signed": "a word of ours",
    "next": "a path of ours",
    "back": "a path of ours with its query, which is of these names",
    "patient": "a card's id, which means nothing outside",
    "patient_id": "a card's id",
    "for": "a person's id",
    "move": "a booking's id",
    "resource": "the id of a doctor's or room's schedule",
    "resource_id": "the same",
    "organization": "an organisation's number",
    "clinic": "an organisation's number",
    "priority": "a code",
    "speciality": "a code",
    "kind": "a code",
    "show": "a word of ours",
    "every": "a word of ours",
    "only": "a word of ours",
    "fixed": "a word of ours",
    "break_glass": "true or false",
    "oid": "a dictionary's OID",
    "key": "a row of a dictionary",
    "parent": "a row of a dictionary",
    "version": "a dictionary's version",
    "q": "words of a dictionary: only pages and interfaces of dictionaries may have it",
    "diagnosis0_icd": "words of a dictionary",
}
OF_DICTIONARIES = ("/nsi", "/api/v1/nsi")


SOURCE = Path(str(files("trustmed")))


def described(route: Route) -> set[str]:
    """Return the query parameters that a handler declares."""
    found = set()
    for name, parameter in route.handler.parsed_fn_signature.parameters.items():
        if isinstance(parameter.kwarg_definition, QueryParameter):
            found.add(getattr(parameter.kwarg_definition, "name", None) or name)
    return found


def apps(region: RegionStand, site: SiteStand) -> Iterator[Litestar]:
    for stand in (region, site):
        yield stand.web.make()


READ_WHOLE = {
    "trustmed/region/callcentre/pages_caller.py": "a wish: speciality, clinic, day; ids of bookings; a word of ours",
    "trustmed/clinic/documents/pages.py": "words of a dictionary",
}


def test_no_page_takes_a_name_or_a_number_in_its_address(
    region_stands: Callable[[str], RegionStand], site_stands: Callable[[str], SiteStand]
):
    for app in apps(region_stands("together"), site_stands("together")):
        for route in routes_of(app):
            odd = described(route) - HARMLESS.keys()
            assert not odd, f"{route.name} takes {odd} in its address"
            if "q" in described(route):
                assert route.path.startswith(OF_DICTIONARIES), route.name


def test_no_code_reads_another_parameter_of_an_address():
    for path in sorted(SOURCE.rglob("*.py")):
        text = path.read_text("utf-8")
        named = re.findall(r'query_params\.get\("(\w+)"', text) + re.findall(r'"(\w+)" in request\.query_params', text)
        assert set(named) <= HARMLESS.keys() - {"q"}, path
        where = path.relative_to(SOURCE.parent).as_posix()
        assert len(named) == text.count("request.query_params") or where in READ_WHOLE, f"{where} reads a whole address"


def templates() -> Iterator[tuple[str, str]]:
    for path in sorted(SOURCE.rglob("*.html")):
        yield path.relative_to(SOURCE).as_posix(), path.read_text("utf-8")


FORM = re.compile(r'<form[^>]*method="get"[^>]*>(.*?)</form>', re.DOTALL)
TYPED = re.compile(r'<input(?![^>]*type="(?:hidden|date|checkbox|radio)")[^>]*name="([^"]+)"')
LINKED = re.compile(r'(?:href|action|hx-get)="[^"]*?\?([^"]*)"')


def test_no_form_writes_what_is_typed_into_an_address():
    """Only words of dictionaries may stand in an address: they are nobody's."""
    for name, text in templates():
        typed = {field for form in FORM.findall(text) for field in TYPED.findall(form)}
        assert not typed or "/nsi/" in name or name == "web/templates/lookup/search.html", f"{name}: {typed}"
        if "/nsi/" not in name and "/lookup/" not in name and name != "clinic/documents/templates/fields.html":
            assert not re.search(r"<input[^>]*hx-get", text), name


def test_no_link_carries_anything_personal():
    for name, text in templates():
        for query in LINKED.findall(text):
            odd = set(re.findall(r"(?:^|&amp;|&|;)(\w+)=", re.sub(r"{[{%].*?[%}]}", "", query))) - HARMLESS.keys()
            assert not odd, f"{name}: {query}"


async def test_a_search_of_the_region_is_sealed_for_its_session(region_stands: Callable[[str], RegionStand]):
    region = region_stands("together")
    citizen = region.add_citizen()
    async with signed_in(region, "physician") as physician:
        address = await sealed_address(physician, "/record", number=citizen.snils)
        assert citizen.snils not in address
        found = await physician.get(address)
        assert f"/record/{citizen.id}" in found.text
        assert citizen.snils in found.text, "the field keeps what was typed"
        assert f"back={quote(address, safe='/')}" in found.text
        for odd in (address[:-4] + "AAAA", "/record?search=x", "/record?search=" + "A" * 100):
            refused = await physician.get(odd)
            assert (refused.status_code, "не открыть" in refused.text) == (422, True)
        assert citizen.snils not in (await physician.get(f"/record/{citizen.id}{address.partition('record')[2]}")).text
        again = await sealed_address(physician, "/record", number=citizen.snils)
        assert again != address
    async with signed_in(region, "physician") as another:
        refused = await another.get(address)
        assert refused.status_code == 422
        assert str(citizen.id) not in refused.text


async def test_a_sealed_search_grows_old(region_stands: Callable[[str], RegionStand], monkeypatch: pytest.MonkeyPatch):
    region = region_stands("together")
    async with signed_in(region, "steward") as steward:
        monkeypatch.setattr(sealed, "SECONDS", -1)
        address = await sealed_address(steward, "/persons", number=new_snils())
        assert (await steward.get(address)).status_code == 422


async def test_a_search_while_typing_is_posted_and_pages_carry_it_sealed(site_stands: Callable[[str], SiteStand]):
    site = site_stands("together")
    async with site.web.client(Client) as client:
        registrar = await client.sign_in("registrar")
        token = csrf_token((await registrar.get("/patients")).text)
        typed = {"q": "а", "_csrf_token": token}
        fragment = await registrar.post("/patients", data=typed, headers={"hx-request-type": "partial"})
        assert (fragment.status_code, "<html" in fragment.text, 'id="rows"' in fragment.text) == (200, False, True)
        page = await search(registrar, "/patients", q="а")
        assert page.text.count("<tr>") == fragment.text.count("<tr>")
        assert not re.search(r'(?:href|back)="[^"]*q=', page.text)


async def test_filters_of_a_record_are_sealed(site_stands: Callable[[str], SiteStand]):
    site = site_stands("together")
    async with site.web.client(Client) as client:
        doctor = await client.sign_in("doctor")
        await doctor.post("/api/v1/visits", json={"patient_id": str(site.patient)})
        page = f"/patients/{site.patient}/record"
        address = await sealed_address(doctor, page, f"{page}/find", text="гипертония", since="2026-01-05")
        assert "2026" not in address
        shown = await doctor.get(address)
        assert 'value="гипертония"' in shown.text
        assert 'value="2026-01-05"' in shown.text
