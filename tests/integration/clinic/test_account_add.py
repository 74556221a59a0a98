"""`trustmed site account-add`."""

import secrets

import pytest
from typer.testing import CliRunner

from tests.fix_site import HOSPITAL, Client, SiteStand
from trustmed.programs import site_commands as commands


async def test_an_added_account_signs_in(site: SiteStand, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trustmed.topology.file.load.load", lambda file: site.topology)
    login = f"new{secrets.token_hex(3)}"
    options = ["--login", login, "--role", "doctor", "--surname", "Новый", "--given-name", "Врач", "--position", "34"]
    arguments = ["account-add", site.site.name, "--organization", str(HOSPITAL), *options]
    short = CliRunner().invoke(commands.app, arguments, input="short\n")
    assert short.exit_code == 3
    added = CliRunner().invoke(commands.app, arguments, input="long enough password\n")
    assert added.exit_code == 0, added.output
    taken = CliRunner().invoke(commands.app, arguments, input="long enough password\n")
    assert taken.exit_code == 3
    request = {"login": login, "password": "long enough password"}
    assert (await client.post("/api/v1/session", json=request)).status_code == 201
