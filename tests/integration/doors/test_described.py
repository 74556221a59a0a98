"""The interfaces answer as their OpenAPI documents say, whatever is sent: Schemathesis asks, in all its phases."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from tests.browser.serving import serve_app
from tests.fix_region import RegionStand
from tests.fix_site import PASSWORD, SiteStand
from trustmed.programs.region_web import create_app as region_app
from trustmed.programs.site_web import create_app as site_app

CHECKS = (
    *("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance"),
    *("response_schema_conformance", "missing_required_header", "unsupported_method", "use_after_free", "ignored_auth"),
)
"""Without two: a value may fit the schema and be refused by a rule, as a day too far away (positive_data_acceptance);
and Litestar takes 0 or "true" where a boolean is described (negative_data_rejection)."""
CASES_AN_OPERATION = 30
SECONDS = 600

pytestmark = pytest.mark.long


def examine(address: str, token: str, folder: Path, *skipped: str) -> None:
    """Fail with Schemathesis's own words, which tell how to ask again by hand."""
    program = Path(sys.executable).with_name("schemathesis")
    assert program.exists(), "python3 scripts/setup --for fuzz"
    made = subprocess.run(
        [
            *(str(program), "run", f"{address}/api/docs/openapi.json", "--no-color", "--warnings", "off"),
            *("-H", f"Authorization: Bearer {token}", "--checks", ",".join(CHECKS), "-n", str(CASES_AN_OPERATION)),
            *("--continue-on-failure", "--report-dir", str(folder)),
            *(part for path in skipped for part in ("--exclude-path-regex", path)),
        ],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        cwd=folder,
    )
    assert made.returncode == 0, made.stdout + made.stderr


@pytest.mark.parametrize("login", ["doctor", "registrar"])
def test_a_site_answers_as_described(site_stands: Callable[[str], SiteStand], tmp_path: Path, login: str) -> None:
    site = site_stands("apart")
    with serve_app(site_app(site.topology, site.site.name)) as address:
        entered = httpx2.post(
            f"{address}/api/v1/session", json={"login": login, "password": PASSWORD}, trust_env=False
        ).json()
        examine(address, entered["token"], tmp_path, "^/api/v1/session$")


def test_the_region_answers_as_described(region_stands: Callable[[str], RegionStand], tmp_path: Path) -> None:
    region = region_stands("apart")
    region.add_client("a system of all scopes", ["portal", "metrics", "mpi", "record", "booking", "federal"])
    with serve_app(region_app(region.topology)) as address:
        examine(address, "a system of all scopes", tmp_path, "^/api/v1/session$")
