"""`trustmed authority` from the first command to the last, on a region that `topology apply` has made."""

import json
from pathlib import Path

from tests.integration.topology.conftest import Region
from typer.testing import CliRunner

from trustmed.programs.authority_commands import app


def test_a_certificate_by_files_from_the_root_to_its_revocation(working: Region, tmp_path: Path) -> None:
    def run(*words: str, exit_code: int = 0) -> str:
        result = CliRunner().invoke(app, list(words), env={"TRUSTMED_TOPOLOGY": str(working.path)})
        assert result.exit_code == exit_code, result.output
        return result.output

    def listed(exit_code: int = 0) -> list[dict]:
        return json.loads(run("list", "--json", exit_code=exit_code))["certificates"]

    request, certificate = str(tmp_path / "request.csr"), str(tmp_path / "issued.crt")
    run("init")
    assert "Ничего не изменено" in run("init", exit_code=3)
    code = run("enrol-code", "hospital").splitlines()[0]
    assert [len(group) for group in code.split("-")] == [8] * 5
    assert "не код" in run("enrol", "hospital", "--code", "AAAA", exit_code=3)
    assert "не ответил" in run("enrol", "hospital", "--code", code, "--address", "127.0.0.1:9", exit_code=3)
    run("enrol", "hospital", "--request-to", request)
    run("sign-request", request, "hospital", "--out", certificate, "--days", "20")
    assert run("install", "hospital", certificate).strip() == "site:hospital"
    (one,) = listed(exit_code=1)
    assert (one["name"], one["organizations"], one["ends_soon"]) == ("hospital", [101], True)
    assert "площадки «nowhere»" in run("enrol-code", "nowhere", exit_code=3).lower()
    run("issue", "egisz", "--kind", "gateway", "--host", "gateway.example", "--organization", "101")
    run("revoke", one["serial"], "--reason", "ключ утерян")
    run("crl", "--out", str(tmp_path / "root.crl"))
    assert {row["name"]: row["revoked_for"] for row in listed()} == {"egisz": None, "hospital": "ключ утерян"}
