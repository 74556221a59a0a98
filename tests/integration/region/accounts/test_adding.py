"""`trustmed region client-add` and `account-add`."""

from hashlib import sha256
from pathlib import Path

import pytest
from tests.fix_region import HOSPITAL, POLYCLINIC, RegionStand
from typer.testing import CliRunner

from trustmed.passwords import is_right
from trustmed.programs.region_commands import app
from trustmed.region.accounts.model import NewAccount
from trustmed.region.accounts.service import (
    NameMissing,
    NameTaken,
    OrganizationAbsent,
    RoleUnknown,
    add_account,
    add_client,
    new_account,
)
from trustmed.schema import Place


def test_a_clients_token_is_stored_only_as_a_digest(region: RegionStand):
    token = add_client(region.topology, "portal of the town", ["portal"], requests_per_second=7)
    with region.admin(Place.REGISTRY) as connection:
        row = connection.execute(
            "select token_sha256, scopes, requests_per_second from access.client where name = 'portal of the town'"
        ).fetchone()
    assert row == (sha256(token.encode()).hexdigest(), ["portal"], 7)
    with pytest.raises(NameTaken):
        add_client(region.topology, "portal of the town", ["portal"])


def test_an_account_is_added_once(region: RegionStand):
    add_account(region.topology, new_account("Watcher", "a long password", "Дежурный", "analyst"))
    with region.admin(Place.REGISTRY) as connection:
        row = connection.execute(
            "select password_hash, role, name from access.account where login = 'watcher'"
        ).fetchone()
    assert row is not None
    assert is_right("a long password", row[0])
    assert row[1:] == ("analyst", "Дежурный")
    with pytest.raises(NameTaken):
        add_account(region.topology, NewAccount("watcher", "x", "Другой"))


def test_a_client_speaks_only_for_organisations_of_the_topology(region: RegionStand):
    add_client(region.topology, "site's system", ["record"], organizations=[HOSPITAL, POLYCLINIC])
    with region.admin(Place.REGISTRY) as connection:
        row = connection.execute("select organizations from access.client where name = 'site''s system'").fetchone()
    assert row == ([HOSPITAL, POLYCLINIC],)
    with pytest.raises(OrganizationAbsent):
        add_client(region.topology, "another", ["record"], organizations=[HOSPITAL, 12345])
    with region.admin(Place.REGISTRY) as connection:
        assert connection.execute("select from access.client where name = 'another'").fetchone() is None


def test_an_unknown_role_is_refused():
    with pytest.raises(RoleUnknown, match="engineer, analyst"):
        new_account("watcher", "a long password", "x", "root")


@pytest.mark.parametrize("name", ["", "  "])
def test_an_empty_name_is_refused(region: RegionStand, name: str):
    with pytest.raises(NameMissing):
        add_client(region.topology, name, ["portal"])
    with pytest.raises(NameMissing):
        new_account(name, "a long password", "x", "analyst")
    with pytest.raises(NameMissing):
        new_account("watcher", "a long password", name, "analyst")


@pytest.mark.parametrize("command", [["client-add", "x"], ["serve"]])
def test_a_missing_topology_file_is_reported_in_words(tmp_path: Path, command: list[str]):
    result = CliRunner().invoke(app, [*command, "--file", str(tmp_path / "none.toml")])
    assert result.exit_code == 3
    assert "Topology file" in result.output
