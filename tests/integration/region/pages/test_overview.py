"""The region's overview page and its JSON twins."""

import asyncio
import re
from datetime import UTC, datetime, timedelta

import pytest
from litestar.testing import AsyncTestClient
from tests.fix_region import HOSPITAL, POLYCLINIC, RegionStand
from tests.waiting import health_says

from trustmed.schema import Place
from trustmed.topology.links import links

BROKEN = {
    "cause": "wrong_password",
    "error_ru": "Сервер площадки не принимает пароль роли trustmed_link",
    "error_en": "The server of the site refuses the password of role trustmed_link",
    "action_ru": "Выполните trustmed topology repair",
    "action_en": "Run trustmed topology repair",
}


async def test_the_overview_requires_signing_in(portal: AsyncTestClient):
    for path in ("/", "/newest", "/documents"):
        answer = await portal.get(path, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"].split("?")[0]) == (302, "/sign-in"), path
    for path in ("/api/v1/links", "/api/v1/registry/newest", "/api/v1/feed"):
        assert (await portal.get(path)).status_code == 401, path


@pytest.mark.parametrize("password", ["", "wrong", "a long passwor"])
async def test_a_wrong_password_does_not_sign_in(portal: AsyncTestClient, password: str):
    page = await portal.get("/sign-in")
    token = page.text.split('name="_csrf_token" value="')[1].split('"')[0]
    form = {"login": "analyst", "password": password, "_csrf_token": token}
    answer = await portal.post("/sign-in", data=form)
    assert answer.status_code == 401
    assert "Неверное имя пользователя или пароль" in answer.text


async def test_guessing_passwords_is_stopped(portal: AsyncTestClient):
    page = await portal.get("/sign-in")
    token = page.text.split('name="_csrf_token" value="')[1].split('"')[0]
    form = {"login": "nobody", "password": "guess", "_csrf_token": token}
    statuses = [(await portal.post("/sign-in", data=form)).status_code for _ in range(10)]
    assert statuses[0] == 401
    assert statuses[-1] == 429


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ru", ("Требует внимания", BROKEN["error_ru"], BROKEN["action_ru"], "сломана", "передаёт", "Отставание, мс")),
        ("en", ("Needs attention", BROKEN["error_en"], BROKEN["action_en"], "broken", "streaming", "Lag, ms")),
    ],
)
async def test_a_broken_link_is_shown_with_cause_and_action(
    region: RegionStand, engineer: AsyncTestClient, language: str, words: tuple[str, ...]
):
    region.set_link_state(0, "streaming")
    region.set_link_state(1, "broken", **BROKEN)
    page = await engineer.get("/", headers={"cookie": language_cookie(engineer, language)})
    assert page.status_code == 200
    for word in words:
        assert word in page.text, word


def language_cookie(client: AsyncTestClient, language: str) -> str:
    kept = "; ".join(f"{one.name}={one.value}" for one in client.cookies.jar)
    return f"{kept}; trustmed_language={language}"


async def test_a_link_the_monitor_never_saw_is_not_shown_as_healthy(region: RegionStand, engineer: AsyncTestClient):
    with region.admin(Place.REGISTRY) as connection:
        connection.execute("delete from monitor.link_state")
    found = (await engineer.get("/api/v1/links")).json()["links"]
    assert [one["link"] for one in found] == [link.name for link in links(region.topology)]
    assert {one["state"] for one in found} == {"unknown"}


async def test_the_page_reports_a_silent_monitor(region: RegionStand, engineer: AsyncTestClient):
    with region.admin(Place.REGISTRY) as connection:
        connection.execute("delete from monitor.link_state")
    region.set_link_state(0, "streaming")
    words = "Наблюдатель за связями молчит"
    assert words not in (await engineer.get("/")).text
    region.set_link_state(0, "streaming", checked_at=datetime.now(UTC) - timedelta(minutes=1))
    assert words in (await engineer.get("/")).text


async def test_htmx_gets_only_the_part_it_replaces(engineer: AsyncTestClient):
    for path, inside in (("/", "<svg"), ("/newest", 'class="newest"')):
        part = await engineer.get(path, headers={"hx-request-type": "partial"})
        assert inside in part.text
        assert "<html" not in part.text


async def test_a_signed_document_is_shown_at_once_without_its_patient(region: RegionStand, engineer: AsyncTestClient):
    alice = region.add_citizen()
    signed = region.sign(region.add_patient(alice))
    page = (await engineer.get("/newest", headers={"hx-request-type": "partial"})).text
    twin = (await engineer.get("/api/v1/registry/newest")).json()["documents"]
    assert page.index("Протокол консультации")
    assert twin[0]["id"] == str(signed.id)
    for text in (page, str(twin)):
        assert str(signed.patient_id) not in text
        assert str(alice.id) not in text


async def test_documents_are_filtered_by_organisation(region: RegionStand, engineer: AsyncTestClient):
    alice = region.add_citizen()
    here = region.sign(region.add_patient(alice, HOSPITAL), HOSPITAL)
    there = region.sign(region.add_patient(alice, POLYCLINIC), POLYCLINIC)
    page = (await engineer.get("/documents", params={"organization": POLYCLINIC})).text
    assert str(there.id) in page
    assert str(here.id) not in page
    everything = (await engineer.get("/documents", params={"organization": ""})).text
    assert str(here.id) in everything


async def test_the_feed_shows_its_position_and_counts_parked_changes_without_their_content(
    region: RegionStand, engineer: AsyncTestClient
):
    with region.admin(Place.REGISTRY) as connection:
        connection.execute("delete from feed.position")
        connection.execute("delete from feed.parked")
        connection.execute("insert into feed.position (consumer, lsn, changes) values ('index', '0/1', 7)")
        connection.execute(
            "insert into feed.parked (consumer, lsn, relation, key, change, error, next_try_at)"
            " values ('index', '0/1', 'mpi.patient', 'k', '{\"snils\": \"11223344595\"}', 'why 11223344595', now())"
        )
    twin = await engineer.get("/api/v1/feed")
    (position,) = [one for feed in twin.json()["feed"] for one in feed["positions"]]
    assert (position["consumer"], position["changes"], position["parked"]) == ("index", 7, 1)
    assert position["lag_bytes"] > 0
    page = await engineer.get("/")
    assert "index" in page.text
    assert "11223344595" not in page.text + twin.text


@pytest.mark.parametrize("region", ["apart"], indirect=True)
async def test_the_feed_of_booking_is_shown_where_booking_is_apart(region: RegionStand, engineer: AsyncTestClient):
    booking = region.topology.database_of(Place.BOOKING)
    assert booking.places == {Place.BOOKING}
    with region.admin(Place.BOOKING) as connection:
        connection.execute("insert into feed.position (consumer, lsn, changes) values ('booking_words', '0/1', 42)")
    twin = (await engineer.get("/api/v1/feed")).json()
    (shown,) = [one for one in twin["feed"] if one["database"] == booking.label]
    assert [(one["consumer"], one["changes"]) for one in shown["positions"]] == [("booking_words", 42)]
    page = (await engineer.get("/")).text
    assert booking.label in page
    assert "booking_words" in page


@pytest.mark.parametrize("region", ["apart"], indirect=True)
async def test_with_a_shard_down_everything_else_is_shown(region: RegionStand, engineer: AsyncTestClient):
    with region.stopped("apart"):
        page = await engineer.get("/")
        assert page.status_code == 200
        assert "apart_record2" in page.text
        assert "сейчас недоступна" in page.text
        assert (await health_says(engineer, "apart_record2", "degraded"))["state"] == "degraded"
        missing = (await engineer.get("/api/v1/feed")).json()["missing"]
        assert [part["name"] for part in missing] == ["apart_record2"]


async def test_without_redis_the_page_says_so(engineer: AsyncTestClient):
    assert "Redis не настроен или не отвечает" in (await engineer.get("/")).text


async def test_metrics_name_links_parts_and_requests(region: RegionStand, engineer: AsyncTestClient):
    name = region.set_link_state(0, "catching_up", lag_ms=1500)
    async with asyncio.timeout(60):  # the gauges are set anew every few seconds
        while f'link="{name}"}} 1.5' not in (answer := await engineer.get("/metrics")).text:
            await asyncio.sleep(0.2)
    assert answer.headers["content-type"].count("charset") == 1, "Prometheus refuses a type with two"
    text = answer.text
    assert f'trustmed_link_lag_seconds{{link="{name}"}} 1.5' in text
    assert f'trustmed_link_state{{link="{name}",state="catching_up"}} 1.0' in text
    assert 'trustmed_part_up{part="redis"} 0.0' in text
    assert "trustmed_registry_documents" in text
    assert 'trustmed_request_seconds_count{method="POST",route="/sign-in",status="303"}' in text


async def test_the_end_of_a_certificate_is_shown_ahead(region: RegionStand, engineer: AsyncTestClient):
    with region.admin(Place.REGISTRY) as connection:
        for name, days in (("ending", 20), ("lasting", 200), ("over", -2)):
            connection.execute(
                "insert into authority.certificate (serial, kind, name, organizations, not_before, not_after,"
                " key_sha256, content, way, issued_by) values (md5(%(name)s), 'gateway', %(name)s, '{}',"
                " now() - interval '9 days', now() + make_interval(days => %(days)s, hours => 1),"
                " sha256(%(name)s::bytea), '', 'command', 'x')",
                {"name": name, "days": days},
            )
    page = (await engineer.get("/", headers={"accept-language": "ru"})).text
    with region.admin(Place.REGISTRY) as connection:
        connection.execute("delete from authority.certificate where issued_by = 'x'")
    assert [re.search(rf"шлюз {name}\s+<small>([^<]+)", page)[1] for name in ("ending", "lasting", "over")] == [  # ty: ignore[not-subscriptable]
        "кончается, осталось дней: 20",
        "осталось дней: 200",
        "закончился",
    ]
