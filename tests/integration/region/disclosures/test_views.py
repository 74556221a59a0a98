"""/portal/v1/accesses and /portal/v1/views, and the citizen's page that a one-time address opens."""

import asyncio
from hashlib import sha256

import psycopg
import pytest
from litestar.testing import AsyncTestClient

from tests.fix_region import HOSPITAL, POLYCLINIC, Citizen, RegionStand, new_snils
from tests.integration.region.disclosures.conftest import add_consent, add_reading
from trustmed.schema import Place

COOKIE = "trustmed_region_citizen"
REASON = "Без сознания, нужен анамнез"


async def ask_for_address(portal: AsyncTestClient, citizen: Citizen, language: str = "ru") -> str:
    """Ask for a one-time address; return its path."""
    answer = await portal.post(
        "/portal/v1/views",
        json={"page": "accesses", "language": language},
        headers={"as-citizen": citizen.snils},
    )
    assert answer.status_code == 201, answer.text
    assert answer.json()["address"].endswith(answer.json()["path"])
    return answer.json()["path"]


@pytest.fixture
async def browser(region: RegionStand):
    """A browser with nobody signed in."""
    async with region.web.client(AsyncTestClient) as client:
        yield client


def expire(region: RegionStand, secret: str) -> None:
    """Let the address or the session of this secret expire."""
    with region.admin(Place.REGISTRY) as connection:
        done = connection.execute(
            "update access.view set expires_at = now() - interval '1 second',"
            " session_until = now() - interval '1 second' where %s in (token_sha256, session_sha256)",
            (sha256(secret.encode()).hexdigest(),),
        )
        assert done.rowcount == 1


async def test_the_interface_describes_each_access_in_words(region: RegionStand, portal: AsyncTestClient):
    alice = region.add_citizen()
    add_reading(region, region.add_patient(alice), ground="break_glass", detail=REASON)
    headers = {"as-citizen": alice.snils, "accept-language": "en"}
    listed = (await portal.get("/portal/v1/accesses", headers=headers)).json()
    (access,) = listed["accesses"]
    assert access["who"] == "Проверкин Пётр"
    assert access["position"] == "врач-терапевт"
    assert access["organization"]["id"] == HOSPITAL
    assert (access["what"], access["on_ground"]) == ("The patient's card was opened", "emergency access")
    assert (access["reason"], access["own"]) == (REASON, False)
    assert listed["after"] is None


async def test_the_interface_pages_and_bounds_the_list(region: RegionStand, portal: AsyncTestClient):
    alice = region.add_citizen()
    patient = region.add_patient(alice)
    for _ in range(3):
        add_reading(region, patient)
    headers = {"as-citizen": alice.snils}
    bounds = {"from": "2026-11-05T00:00:00Z", "to": "2026-11-06T00:00:00Z"}
    first = (await portal.get("/portal/v1/accesses", params={"limit": 2, **bounds}, headers=headers)).json()
    rest = {"limit": 2, "after": first["after"], **bounds}
    second = (await portal.get("/portal/v1/accesses", params=rest, headers=headers)).json()
    assert (len(first["accesses"]), len(second["accesses"]), second["after"]) == (2, 1, None)
    glass = {"break_glass": "true", **bounds}
    assert (await portal.get("/portal/v1/accesses", params=glass, headers=headers)).json()["accesses"] == []
    for wrong in ({"from": "yesterday"}, {"after": "x"}, {"limit": 0}, {"limit": 201}):
        assert (await portal.get("/portal/v1/accesses", params=wrong, headers=headers)).status_code in (400, 422)


async def test_a_stranger_to_the_region_has_no_accesses_and_no_page(region: RegionStand, portal: AsyncTestClient):
    headers = {"as-citizen": new_snils()}
    listed = await portal.get("/portal/v1/accesses", headers=headers)
    assert listed.json() == {"accesses": [], "after": None, "missing": []}
    made = await portal.post("/portal/v1/views", json={"page": "accesses"}, headers=headers)
    assert (made.status_code, made.json()["code"]) == (404, "PersonUnknown")


@pytest.mark.parametrize("wanted", [{}, {"page": "documents"}, {"page": "accesses", "language": "de"}, {"page": 1}])
async def test_an_unknown_page_or_language_is_refused(region: RegionStand, portal: AsyncTestClient, wanted: dict):
    answer = await portal.post("/portal/v1/views", json=wanted, headers={"as-citizen": region.add_citizen().snils})
    assert answer.status_code in (400, 422)


async def test_the_address_opens_the_persons_own_page(
    region: RegionStand, portal: AsyncTestClient, browser: AsyncTestClient
):
    alice, boris = region.add_citizen(), region.add_citizen()
    patient = region.add_patient(alice)
    add_reading(region, patient, who="Смотрел Алису")
    add_reading(region, region.add_patient(boris), who="Смотрел Бориса")
    add_consent(region, patient)
    page = await browser.get(await ask_for_address(portal, alice))
    assert page.status_code == 200
    assert page.url.path == "/citizen/accesses"
    assert "Смотрел Алису" in page.text
    assert "Смотрел Бориса" not in page.text
    assert "Ваши согласия" in page.text
    assert "врач-терапевт" in page.text
    english = await browser.get(await ask_for_address(portal, alice, "en"))
    assert "Who looked into your record" in english.text


async def test_the_cookie_is_short_and_only_for_these_pages(
    region: RegionStand, portal: AsyncTestClient, browser: AsyncTestClient
):
    opened = await browser.get(await ask_for_address(portal, region.add_citizen()), follow_redirects=False)
    (cookie,) = [one for one in opened.headers.get_list("set-cookie") if one.startswith(COOKIE)]
    attributes = cookie.lower()
    assert "max-age=900" in attributes
    assert "path=/citizen" in attributes
    assert "httponly" in attributes
    for path in ("/", "/documents", "/persons", "/steward"):
        answer = await browser.get(
            path, headers={"cookie": f"trustmed_region={opened.cookies[COOKIE]}"}, follow_redirects=False
        )
        assert answer.headers["location"].startswith("/sign-in")


async def test_an_address_opens_once_even_when_opened_concurrently(
    region: RegionStand, portal: AsyncTestClient, browser: AsyncTestClient
):
    path = await ask_for_address(portal, region.add_citizen())
    answers = await asyncio.gather(*(browser.get(path, follow_redirects=False) for _ in range(4)))
    assert sorted(one.status_code for one in answers) == [303, 403, 403, 403]
    again = await browser.get(path)
    assert again.status_code == 403
    assert "один раз" in again.text


async def test_an_expired_address_opens_nothing(region: RegionStand, portal: AsyncTestClient, browser: AsyncTestClient):
    path = await ask_for_address(portal, region.add_citizen())
    expire(region, path.rpartition("/")[2])
    assert (await browser.get(path)).status_code == 403
    assert (await browser.get("/citizen/accesses")).status_code == 403


async def test_a_tampered_address_or_cookie_opens_nothing(
    region: RegionStand, portal: AsyncTestClient, browser: AsyncTestClient
):
    path = await ask_for_address(portal, region.add_citizen())
    changed = path[:-1] + ("A" if path[-1] != "A" else "B")
    for wrong in (changed, path + "x", "/citizen/open/%00", "/citizen/open/" + "%D0%B9" * 20):
        assert (await browser.get(wrong)).status_code == 403
    for cookie in ("", "x", path.rpartition("/")[2]):
        assert (await browser.get("/citizen/accesses", headers={"cookie": f"{COOKIE}={cookie}"})).status_code == 403


async def test_the_session_expires_on_time_and_is_not_prolonged(
    region: RegionStand, portal: AsyncTestClient, browser: AsyncTestClient
):
    opened = await browser.get(await ask_for_address(portal, region.add_citizen()), follow_redirects=False)
    session = opened.cookies[COOKIE]
    assert (await browser.get("/citizen/accesses")).status_code == 200
    expire(region, session)
    page = await browser.get("/citizen/accesses")
    assert page.status_code == 403
    assert "15 минут" in page.text


@pytest.mark.parametrize("region", ["apart"], indirect=True)
async def test_the_page_names_a_part_that_is_down(
    region: RegionStand, portal: AsyncTestClient, browser: AsyncTestClient
):
    alice = region.add_citizen()
    add_reading(region, region.add_patient(alice), who="Смотрел в больнице")
    region.add_patient(alice, POLYCLINIC)
    await browser.get(await ask_for_address(portal, alice))
    with region.stopped("apart"):
        page = await browser.get("/citizen/accesses")
    assert page.status_code == 200
    assert "Сейчас не видны обращения и согласия: polyclinic" in page.text
    assert "Смотрел в больнице" in page.text


async def test_the_page_is_filtered_by_days_and_emergency(
    region: RegionStand, portal: AsyncTestClient, browser: AsyncTestClient
):
    alice = region.add_citizen()
    patient = region.add_patient(alice)
    add_reading(region, patient, who="Обычный")
    add_reading(region, patient, who="Экстренный", ground="break_glass", detail=REASON)
    await browser.get(await ask_for_address(portal, alice))
    for query, ordinary, glass in (
        ("", True, True),
        ("only=glass", False, True),
        ("since=2026-11-05&until=2026-11-05", True, True),
        ("since=2026-11-07&until=", False, False),
        ("until=2026-11-03", False, False),
    ):
        text = (await browser.get(f"/citizen/accesses?{query}")).text
        assert ("Обычный" in text, f"Причина: {REASON}" in text) == (ordinary, glass), query
    wrong = await browser.get("/citizen/accesses?since=yesterday&until=2026-11-31")
    assert wrong.status_code == 200
    assert "Дата указана неверно" in wrong.text


def test_the_serving_role_cannot_read_or_change_addresses(region: RegionStand):
    for statement in ("select * from access.view", "update access.view set opened_at = null"):
        denied = pytest.raises(psycopg.errors.InsufficientPrivilege)
        with region.connect(Place.REGISTRY, "trustmed_region") as connection, denied:
            connection.execute(statement)


def test_no_address_is_made_unless_reading_the_persons_trail_was_audited(region: RegionStand):
    alice = region.add_citizen()
    with region.connect(Place.REGISTRY, "trustmed_region") as connection:
        row = connection.execute("select access.make_view(%s, 'x', 'x', 'x', 'accesses', 'ru')", (alice.id,)).fetchone()
    assert row == (None,)
