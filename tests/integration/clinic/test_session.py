"""Signing in and out, by page and by interface; sessions that outlive Redis."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio import Redis

from tests.fix_servers import RunningValkey
from tests.fix_site import PASSWORD, Client, SiteStand
from trustmed.clinic.work import Databases
from trustmed.web.sessions import LIFETIME, SessionStore


async def token_field(client: Client, path: str) -> dict[str, str]:
    """Return the hidden field of a page's form that holds its token."""
    found = re.search(r'name="_csrf_token" value="(\w+)"', (await client.get(path)).text)
    assert found
    return {"_csrf_token": found[1]}


async def test_a_user_signs_in_and_out_by_page(client: Client) -> None:
    given = await token_field(client, "/sign-in") | {"login": "Doctor ", "password": PASSWORD, "next": "/patients"}
    entered = await client.post("/sign-in", data=given, follow_redirects=False)
    assert (entered.status_code, entered.headers["location"]) == (303, "/patients")
    cookie = entered.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert (await client.get("/patients")).status_code == 200
    left = await client.post("/sign-out", data=await token_field(client, "/patients"), follow_redirects=False)
    assert left.headers["location"] == "/sign-in"
    assert "/sign-in" in (await client.get("/patients", follow_redirects=False)).headers["location"]


async def test_a_form_without_its_token_is_refused(client: Client) -> None:
    answer = await client.post("/sign-in", data={"login": "doctor", "password": PASSWORD})
    assert answer.status_code == 403


async def test_signing_in_never_leads_to_another_site(client: Client) -> None:
    for outside in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        given = await token_field(client, "/sign-in") | {"login": "doctor", "password": PASSWORD, "next": outside}
        answer = await client.post("/sign-in", data=given, follow_redirects=False)
        assert answer.headers["location"] == "/"


async def test_a_wrong_password_is_refused_and_audited(site: SiteStand, client: Client) -> None:
    for login in ("doctor", "nobody"):
        answer = await client.post("/api/v1/session", json={"login": login, "password": "wrong"})
        assert (answer.status_code, answer.json()["code"]) == (401, "WrongCredentials")
        refused = site.audit("account:session:open")[-1]
        assert (refused.outcome, refused.actor_name) == ("refused", login)


async def test_guessing_passwords_is_stopped(client: Client) -> None:
    answers = [
        (await client.post("/api/v1/session", json={"login": "head", "password": str(number)})).status_code
        for number in range(8)
    ]
    assert answers == [401] * 6 + [429] * 2
    assert (await client.post("/api/v1/session", json={"login": "head", "password": PASSWORD})).status_code == 429


async def test_a_page_of_another_site_cannot_act(doctor: Client, site: SiteStand) -> None:
    token = doctor.headers.pop("authorization").removeprefix("Bearer ")
    doctor.cookies.set(f"trustmed_{site.site.name}", token)
    request = {"patient_id": str(site.patient)}
    foreign = await doctor.post("/api/v1/visits", json=request, headers={"origin": "https://evil.example"})
    assert (foreign.status_code, foreign.json()["code"]) == (403, "ForeignOrigin")
    assert (await doctor.post("/api/v1/visits", json=request)).status_code == 201


@pytest.fixture
async def databases(site: SiteStand) -> AsyncIterator[Databases]:
    opened = Databases(site.topology, site.site, size=2)
    await opened.open()
    yield opened
    await opened.close()


async def test_the_store_does_not_keep_the_token_itself(
    site: SiteStand, databases: Databases, valkey_server: RunningValkey
) -> None:
    store = SessionStore(databases.site, valkey_server.url)
    await store.set("the token", b"content", LIFETIME)
    assert await store.get("the token") == b"content"
    with site.admin() as connection:
        assert connection.execute("select * from access.session where id like '%token%'").fetchall() == []
    await store.delete("the token")
    assert await store.get("the token") is None
    await store.close()


async def test_an_expired_session_is_not_found(databases: Databases, valkey_server: RunningValkey) -> None:
    store = SessionStore(databases.site, valkey_server.url)
    await store.set("short", b"content", 3)
    begun = asyncio.get_running_loop().time()
    seen = await store.get("short")
    assert seen == b"content" or asyncio.get_running_loop().time() > begun + 2.9
    await asyncio.sleep(3.1)
    assert await store.get("short") is None
    await store.close()


async def test_a_silent_redis_signs_nobody_out_and_is_waited_for_once(databases: Databases) -> None:
    asked = 0

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        await reader.read()
        writer.close()

    silent = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    store = SessionStore(databases.site, f"redis://127.0.0.1:{silent.sockets[0].getsockname()[1]}")
    await store.set("token", b"content", LIFETIME)
    for _ in range(20):
        assert await store.get("token") == b"content"
        assert not store.copies.redis.is_up
    assert asked <= 2
    await store.close()
    silent.close()


async def test_a_request_in_flight_does_not_revive_a_closed_session(
    databases: Databases, valkey_server: RunningValkey
) -> None:
    """It read the session before the sign-out and stores its copy after it."""
    store, slow = (SessionStore(databases.site, valkey_server.url) for _ in range(2))
    await store.set("token", b"content", LIFETIME)
    put, reached, go_on = slow.copies.put, asyncio.Event(), asyncio.Event()

    async def put_later(*given: Any, **named: Any) -> None:
        reached.set()
        await go_on.wait()
        await put(*given, **named)

    slow.copies.put = put_later
    await _drop_all_copies(valkey_server.url)
    reading = asyncio.create_task(slow.get("token"))
    await reached.wait()
    await store.delete("token")
    go_on.set()
    assert await reading == b"content"
    assert await store.get("token") is None
    await store.close()
    await slow.close()


async def _drop_all_copies(url: str) -> None:
    """Drop every hot copy, as if all had expired."""
    async with Redis.from_url(url) as redis:
        await redis.flushall()


async def test_a_session_closed_while_redis_is_away_stays_closed(
    databases: Databases, valkey_server: RunningValkey
) -> None:
    store = SessionStore(databases.site, valkey_server.url)
    await store.set("token", b"content", LIFETIME)
    store.copies.redis.leave_alone(ConnectionError())
    await store.delete("token")
    assert await store.get("token") is None
    async with asyncio.timeout(60):
        while not store.copies.redis.is_up:
            await asyncio.sleep(0.1)
    assert await store.get("token") is None
    await store.close()
