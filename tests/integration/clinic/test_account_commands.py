"""`trustmed site account …`: what a command changes holds for sessions that are open, at their next request."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import psycopg
import pytest
from psycopg import AsyncConnection
from typer.testing import CliRunner, Result

from tests.fix_servers import RunningValkey
from tests.fix_site import HOSPITAL, Client, SiteStand
from trustmed.clinic.accounts.model import ROLES
from trustmed.clinic.accounts.service import sql
from trustmed.clinic.work import Databases
from trustmed.programs import site_commands as commands
from trustmed.schema import Place
from trustmed.staff.model import Author, Office
from trustmed.staff.service import set_disabled, set_role
from trustmed.web.account import Identity
from trustmed.web.session_copies import SessionCopies
from trustmed.web.sessions import SessionStore

Command = Callable[..., Awaitable[Result]]
PASSWORD = "long enough password"


@pytest.fixture
def command(site: SiteStand, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command about the site's accounts."""
    monkeypatch.setattr("trustmed.topology.file.load.load", lambda file: site.topology)

    async def run(name: str, *words: str, typed: str = "", code: int = 0) -> Result:
        arguments = ["account", name, site.site.name, *words]
        result = await asyncio.to_thread(CliRunner().invoke, commands.app, arguments, input=typed)
        assert result.exit_code == code, result.output
        return result

    return run


@pytest.fixture
async def login(site: SiteStand, command: Command) -> str:
    """A new doctor of the hospital, who has changed the password of the first day."""
    login = f"new{secrets.token_hex(3)}"
    await command("add", *_options(login), typed=f"{PASSWORD}\n")
    _keep_password(site, login)
    return login


def _keep_password(site: SiteStand, login: str) -> None:
    with site.admin() as connection:
        connection.execute("update access.account set is_password_temporary = false where login = %s", (login,))


def _options(login: str) -> list[str]:
    who = ["--login", login, "--role", "doctor", "--surname", "Новый", "--given-name", "Врач", "--position", "34"]
    return ["--organization", str(HOSPITAL), *who]


async def _sign_in(client: Client, login: str, password: str = PASSWORD) -> int:
    client.headers.pop("authorization", None)
    answer = await client.post("/api/v1/session", json={"login": login, "password": password})
    if answer.status_code == 201:
        client.headers["authorization"] = f"Bearer {answer.json()['token']}"
    return answer.status_code


async def _start_visit(client: Client, site: SiteStand) -> int:
    """Do what only a doctor may."""
    return (await client.post("/api/v1/visits", json={"patient_id": str(site.patient)})).status_code


async def test_an_account_is_added_once_with_a_password_long_enough(command: Command, login: str) -> None:
    await command("add", *_options(f"{login}x"), typed="short\n", code=3)
    await command("add", *_options(login), typed=f"{PASSWORD}\n", code=3)
    listed = (await command("list")).output.splitlines()
    assert [line.split("\t")[1:4] for line in listed if login in line] == [[login, "doctor", "Новый Врач"]]


async def test_a_disabled_account_is_out_at_the_next_request(
    site: SiteStand, client: Client, command: Command, login: str
) -> None:
    assert await _sign_in(client, login) == 201
    assert await _start_visit(client, site) == 201
    await command("disable", login.upper())
    assert await _start_visit(client, site) == 401
    assert await _sign_in(client, login) == 401
    await command("enable", login)
    assert await _start_visit(client, site) == 401, "its session must not come back"
    assert await _sign_in(client, login) == 201
    assert [row.outcome for row in site.audit("account:card:disable")][-1:] == ["granted"]
    assert site.audit("account:card:enable")[-1].actor_name.startswith("команда: ")


async def test_a_new_role_reaches_the_open_session(
    site: SiteStand, client: Client, command: Command, login: str
) -> None:
    assert await _sign_in(client, login) == 201
    await command("role", login, "head")
    assert await _start_visit(client, site) == 403
    await command("role", login, "doctor")
    assert await _start_visit(client, site) == 201
    await command("role", login, "surgeon", code=3)


async def test_a_new_password_and_an_order_end_sessions(
    site: SiteStand, client: Client, command: Command, login: str
) -> None:
    assert await _sign_in(client, login) == 201
    assert "testclient" in (await command("sessions", login)).output
    assert "1" in (await command("password", login, typed="another long password\n")).output
    assert await _start_visit(client, site) == 401
    assert await _sign_in(client, login) == 401
    assert await _sign_in(client, login, "another long password") == 403, "it is temporary"
    _keep_password(site, login)
    assert await _sign_in(client, login, "another long password") == 201
    assert "1" in (await command("sessions", login, "--end")).output
    assert await _start_visit(client, site) == 401
    assert "нет" in (await command("sessions", login)).output


async def test_an_unknown_login_is_told_with_those_alike(command: Command) -> None:
    for name in ("disable", "enable", "sessions"):
        assert "Похожие: registrar" in (await command(name, "registrer", code=3)).output


async def test_hot_copies_are_told(site: SiteStand, login: str, valkey_server: RunningValkey) -> None:
    """A copy of the session would show the former account for seconds."""
    databases = Databases(site.topology, site.site, size=2)
    await databases.open()
    store = SessionStore(databases.site, valkey_server.url)
    with site.admin() as connection:
        row = connection.execute("select id from access.account where login = %s", (login,)).fetchone()
    assert row
    token = await store.open(Identity(row[0], login, "x", "doctor", organization_id=HOSPITAL))
    office = Office(Author(None, "test"), ROLES, sql, lambda: _keeping(site), SessionCopies(valkey_server.url))
    assert await store.find(token)
    await set_role(office, login, "registrar")
    found = await store.find(token)
    assert found
    assert found.identity.role == "registrar"
    assert await set_disabled(office, login, True) == 1
    assert await store.find(token) is None
    for one in (store, office.copies, databases):
        await one.close()


@asynccontextmanager
async def _keeping(site: SiteStand) -> AsyncGenerator[AsyncConnection]:
    conninfo = site.conninfo(Place.SITE, "trustmed_keeper")
    async with await AsyncConnection.connect(conninfo, autocommit=True) as connection, connection.transaction():
        yield connection


def test_nobody_but_the_keeper_ends_sessions_of_others(site: SiteStand) -> None:
    with site.admin() as admin:
        rows = dict(admin.execute("select login, id from access.account").fetchall())
    with psycopg.connect(site.conninfo(Place.SITE, "trustmed_clinic"), autocommit=True) as connection:
        connection.execute("select set_config('trustmed.organization_id', %s, false)", (str(HOSPITAL),))
        call = "select access.end_sessions(%s, 'x', %s, %s)"
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(call, (rows["registrar"], HOSPITAL, rows["doctor"]))
        connection.execute(call, (rows["registrar"], HOSPITAL, rows["registrar"]))
