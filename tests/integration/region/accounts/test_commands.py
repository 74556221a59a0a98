"""`trustmed region account …` and `client …`."""

from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pytest
from psycopg.rows import dict_row
from tests.fix_region import HOSPITAL, POLYCLINIC, RegionStand
from typer.testing import CliRunner

from trustmed.passwords import is_right
from trustmed.programs.region_commands import app
from trustmed.schema import Place

Command = Callable[..., str]
PASSWORD = "a new long password"


@pytest.fixture
def command(region: RegionStand, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command of the region; return what it prints."""
    monkeypatch.setattr("trustmed.topology.file.load.load", lambda file: region.topology)

    def run(*words: str, typed: str = "", code: int = 0) -> str:
        result = CliRunner().invoke(app, words, input=typed)
        assert result.exit_code == code, result.output
        return result.output.strip()

    return run


@pytest.fixture
def name() -> str:
    """A name that nobody has."""
    return f"name{uuid4().hex[:8]}"


def _client(region: RegionStand, name: str) -> dict[str, object]:
    with region.admin(Place.REGISTRY) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        row = cursor.execute("select * from access.client where name = %s", (name,)).fetchone()
    return row or {}


def test_a_clients_token_is_printed_once_and_stored_as_a_digest(region: RegionStand, command: Command, name: str):
    token = command("client", "add", name, "--rate", "7", "--organization", str(HOSPITAL), "--organization", "301")
    row = _client(region, name)
    assert row["token_sha256"] == sha256(token.encode()).hexdigest()
    assert (row["scopes"], row["requests_per_second"], row["organizations"]) == (["portal"], 7, [HOSPITAL, POLYCLINIC])
    assert token not in command("client", "list")
    command("client", "add", name, code=3)
    command("client", "add", f"{name}2", "--organization", "12345", code=3)
    assert not _client(region, f"{name}2")
    command("client", "add", " ", code=3)


async def _status(client, token: str) -> int:
    headers = {"authorization": f"Bearer {token}", "x-person-snils": "112-233-445 95"}
    return (await client.get("/portal/v1/documents", headers=headers)).status_code


@pytest.mark.parametrize("overlap", [0, 5])
async def test_a_rotated_token_opens_and_the_former_one_only_for_the_overlap(
    region: RegionStand, portal, name: str, monkeypatch: pytest.MonkeyPatch, overlap: int
):
    monkeypatch.setattr("trustmed.topology.file.load.load", lambda file: region.topology)
    former = await _invoke("client", "add", name)
    assert await _status(portal, former) != 401
    token = await _invoke("client", "rotate", name, "--overlap", str(overlap))
    assert await _status(portal, token) != 401
    assert (await _status(portal, former) == 401) == (overlap == 0)
    with region.admin(Place.REGISTRY) as connection:
        connection.execute("update access.client set former_until = now() where name = %s", (name,))
    assert await _status(portal, former) == 401
    await _invoke("client", "disable", name)
    assert await _status(portal, token) == 401
    await _invoke("client", "enable", name)
    assert await _status(portal, token) != 401


async def _invoke(*words: str) -> str:
    from asyncio import to_thread

    result = await to_thread(CliRunner().invoke, app, words)
    assert result.exit_code == 0, result.output
    # The application under test may log meanwhile, into what the runner takes for the command's output.
    return "\n".join(line for line in result.output.splitlines() if "[" not in line).strip()


def test_an_unknown_client_is_told_with_those_alike(command: Command):
    assert "Похожие: portal" in command("client", "disable", "portall", code=3)


def test_an_account_is_added_once(region: RegionStand, command: Command, name: str):
    command("account", "add", name.upper(), "Дежурный", "--role", "analyst", typed=f"{PASSWORD}\n")
    with region.admin(Place.REGISTRY) as connection:
        row = connection.execute(
            "select password_hash, role, name, is_password_temporary from access.account where login = %s", (name,)
        ).fetchone()
    assert row is not None
    assert is_right(PASSWORD, row[0])
    assert row[1:] == ("analyst", "Дежурный", True)
    command("account", "add", name, "Другой", typed=f"{PASSWORD}\n", code=3)
    command("account", "add", f"{name}2", "Другой", "--role", "root", typed=f"{PASSWORD}\n", code=3)
    command("account", "add", f"{name}2", " ", typed=f"{PASSWORD}\n", code=3)
    command("account", "add", " ", "Другой", typed=f"{PASSWORD}\n", code=3)
    assert name in command("account", "list")


@pytest.fixture
def only_engineer(region: RegionStand) -> Iterator[str]:
    """The engineer, with every other engineer of the stand disabled."""
    with region.admin(Place.REGISTRY) as connection:
        connection.execute(
            "update access.account set disabled_at = now() where role = 'engineer' and login <> 'engineer'"
        )
    yield "engineer"
    with region.admin(Place.REGISTRY) as connection:
        connection.execute("update access.account set disabled_at = null, role = 'engineer' where login = 'engineer'")


def test_the_last_engineer_stays_unless_forced(region: RegionStand, command: Command, only_engineer: str, name: str):
    for words in (("disable", only_engineer), ("role", only_engineer, "analyst")):
        assert "--force" in command("account", *words, code=3)
    command("account", "add", name, "Вторая", typed=f"{PASSWORD}\n")
    command("account", "role", only_engineer, "analyst")
    assert "--force" in command("account", "disable", name, code=3)
    command("account", "disable", name, "--force")
    found = [row[0:2] for row in region.audit() if row[0].startswith("account:")]
    acts = ["account:card:create", "account:role:change", "account:card:disable"]
    assert found[-3:] == [(act, "granted") for act in acts]


@pytest.mark.parametrize("words", [["client", "add", "x"], ["account", "list"], ["serve"]])
def test_a_missing_topology_file_is_reported_in_words(tmp_path: Path, words: list[str]):
    result = CliRunner().invoke(app, [*words, "--file", str(tmp_path / "none.toml")])
    assert result.exit_code == 3
    assert "Topology file" in result.output
