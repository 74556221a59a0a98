"""Signing in and out, by page and by interface; sessions that outlive Redis."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from psycopg import sql
from redis.asyncio import Redis

from tests.fix_servers import RunningValkey
from tests.fix_site import HOSPITAL, PASSWORD, Client, SiteStand
from trustmed.clinic.work import Databases
from trustmed.web.account import Identity
from trustmed.web.sessions import LIFETIME, WHOLE_LIFE, Session, SessionStore, identifier_of


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


async def test_guessing_passwords_is_stopped_and_audited_once(site: SiteStand, client: Client) -> None:
    held = len(site.audit("account:session:lock"))
    answers = [
        await client.post("/api/v1/session", json={"login": "head", "password": str(number)}) for number in range(8)
    ]
    assert [one.status_code for one in answers] == [401] * 6 + [429] * 2
    assert 0 < int(answers[-1].headers["retry-after"]) <= 300
    assert (await client.post("/api/v1/session", json={"login": "head", "password": PASSWORD})).status_code == 429
    assert [row.outcome for row in site.audit("account:session:lock")[held:]] == ["refused"]


async def test_guesses_do_not_close_the_way_in_of_a_device_that_signed_in_before(client: Client) -> None:
    async def sign_in(password: str) -> Any:
        form = await token_field(client, "/sign-in") | {"login": "doctor", "password": password}
        return await client.post("/sign-in", data=form, follow_redirects=False)

    entered = await sign_in(PASSWORD)
    assert entered.status_code == 303
    (cookie,) = [one for one in entered.headers.get_list("set-cookie") if "_device=" in one]
    assert "httponly" in cookie.lower()
    for number in range(7):
        refused = await client.post("/api/v1/session", json={"login": "doctor", "password": str(number)})
    assert refused.status_code == 429
    assert (await sign_in(PASSWORD)).status_code == 303
    client.cookies.clear()
    held = await sign_in(PASSWORD)
    assert held.status_code == 429
    assert int(held.headers["retry-after"]) > 0


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


@pytest.fixture
def identity(site: SiteStand) -> Identity:
    """The hospital's registrar."""
    with site.admin() as connection:
        row = connection.execute("select id from access.account where login = 'registrar'").fetchone()
    assert row
    return Identity(row[0], "registrar", "Кто-то", "registrar", organization_id=HOSPITAL)


async def test_the_store_does_not_keep_the_token_itself(
    site: SiteStand, databases: Databases, identity: Identity, valkey_server: RunningValkey
) -> None:
    store = SessionStore(databases.site, valkey_server.url)
    token = await store.open(identity)
    assert await store.find(token)
    with site.admin() as connection:
        kept = connection.execute("select * from access.session where account_id = %s", (identity.account_id,))
        assert token not in str(kept.fetchall())
    await store.close_session(token)
    assert await store.find(token) is None
    await store.close()


@pytest.mark.parametrize("column", ["expires_at", "opened_at"])
async def test_a_session_ends_after_silence_and_however_busy(
    site: SiteStand, databases: Databases, identity: Identity, column: str
) -> None:
    store = SessionStore(databases.site, None)
    token = await store.open(identity)
    assert await store.find(token)
    with site.admin() as connection:
        shorten = sql.SQL("update access.session set {0} = {0} - interval '16 hours' where id = %s")
        connection.execute(shorten.format(sql.Identifier(column)), (identifier_of(token),))
    assert await store.find(token) is None
    await store.close()


async def test_a_copy_does_not_outlive_the_session(identity: Identity) -> None:
    now = datetime.now(UTC)
    assert Session(identity, now, now).is_over
    assert Session(identity, now - WHOLE_LIFE, now + LIFETIME).is_over
    assert not Session(identity, now, now + LIFETIME).is_over


async def test_a_session_that_an_older_program_opened_goes_on(
    site: SiteStand, databases: Databases, identity: Identity
) -> None:
    """It named nobody: whose it is stands in the content. Once found it is like any other."""
    store, token = SessionStore(databases.site, None), "a token of an older program"
    with site.admin() as connection:
        connection.execute(
            "insert into access.session (id, content, expires_at) values (%s, %s, now() + interval '8 hours')"
            " on conflict (id) do update set account_id = null",
            (identifier_of(token), msgspec.msgpack.encode(identity)),
        )
    session = await store.find(token)
    assert session
    assert (session.identity.login, session.identity.name != identity.name) == ("registrar", True)
    with site.admin() as connection:
        row = connection.execute("select account_id from access.session where id = %s", (identifier_of(token),))
        assert row.fetchone() == (identity.account_id,)
    await store.close()


async def test_a_silent_redis_signs_nobody_out_and_is_waited_for_once(databases: Databases, identity: Identity) -> None:
    asked = 0

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        await reader.read()
        writer.close()

    silent = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    store = SessionStore(databases.site, f"redis://127.0.0.1:{silent.sockets[0].getsockname()[1]}")
    token = await store.open(identity)
    for _ in range(20):
        assert await store.find(token)
        assert not store.copies.redis.is_up
    assert asked <= 2
    await store.close()
    silent.close()


@pytest.mark.parametrize("what", ["ended", "changed"])
async def test_a_request_in_flight_does_not_bring_back_what_was(
    site: SiteStand, databases: Databases, identity: Identity, valkey_server: RunningValkey, what: str
) -> None:
    """It read the session before the sign-out, or before the change of the account, and stores its copy after it."""
    store, slow = (SessionStore(databases.site, valkey_server.url) for _ in range(2))
    token = await store.open(identity)
    put, reached, go_on = slow.copies.put, asyncio.Event(), asyncio.Event()

    async def put_later(*given: Any, **named: Any) -> None:
        reached.set()
        await go_on.wait()
        await put(*given, **named)

    slow.copies.put = put_later
    await _drop_all_copies(valkey_server.url)
    reading = asyncio.create_task(slow.find(token))
    await reached.wait()
    if what == "ended":
        await store.close_session(token)
    else:
        _set_role(site, "head")
        await store.copies.mark_changed([identifier_of(token)])
    go_on.set()
    assert await reading
    found = await store.find(token)
    _set_role(site, "registrar")
    assert found is None if what == "ended" else found and found.identity.role == "head"
    await store.close()
    await slow.close()


def _set_role(site: SiteStand, role: str) -> None:
    with site.admin() as connection:
        connection.execute("update access.account set role = %s where login = 'registrar'", (role,))


async def _drop_all_copies(url: str) -> None:
    """Drop every hot copy, as if all had expired."""
    async with Redis.from_url(url) as redis:
        await redis.flushall()


async def test_a_session_closed_while_redis_is_away_stays_closed(
    databases: Databases, identity: Identity, valkey_server: RunningValkey
) -> None:
    store = SessionStore(databases.site, valkey_server.url)
    token = await store.open(identity)
    store.copies.redis.leave_alone(ConnectionError())
    await store.close_session(token)
    assert await store.find(token) is None
    async with asyncio.timeout(60):
        while not store.copies.redis.is_up:
            await asyncio.sleep(0.1)
    assert await store.find(token) is None
    await store.close()
