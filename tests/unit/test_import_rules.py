"""`make check` refuses a forbidden import, and says which rule it breaks and where."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT = Path(sys.executable).with_name("lint-imports")

UNDER_TYPE_CHECKING = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import {}"
IN_A_FUNCTION = "def late():\n    import {}"

SPOILED = [
    # file, how it imports, what it imports, the rule that names the import
    ("audit/trail.py", "import {}", "trustmed.web.i18n", "Imports run one way"),
    ("clinic/patients/service.py", "import {}", "trustmed.clinic.documents.reading", "Clinic: pages"),
    ("clinic/visits/service.py", IN_A_FUNCTION, "trustmed.clinic.consents.service", "Clinic: pages"),
    ("feed/effect.py", UNDER_TYPE_CHECKING, "trustmed.region.pools", "Imports run one way"),
    ("matching/compare.py", "import {}", "trustmed.db.queries", "Matching is pure"),
    ("region/access/service.py", "import {}", "trustmed.region.record.service", "Region: a room knows"),
    ("region/registry/service.py", UNDER_TYPE_CHECKING, "trustmed.region.portal.service", "Region: a room knows"),
    ("region/nsi/versions/work.py", "import {}", "trustmed.region.nsi.editing.service", "Region's dictionaries"),
    ("semd/cda/elements.py", UNDER_TYPE_CHECKING, "trustmed.semd.facts.meaning", "Documents: a kind"),
    ("topology/links.py", "import {}", "trustmed.topology.plan", "Topology: the file is read"),
    ("topology/things/roles.py", "import {}", "trustmed.topology.things.slot", "Topology: one kind of thing"),
    ("topology/watch/causes.py", IN_A_FUNCTION, "trustmed.topology.watch.judge", "Topology: a probe asks"),
    ("region/persons/reading.py", IN_A_FUNCTION, "trustmed.region.steward.acts", "Region: a room knows"),
    ("region/disclosures/service.py", UNDER_TYPE_CHECKING, "trustmed.region.portal.service", "Region: a room knows"),
    ("region/nsi/files/table.py", "import {}", "trustmed.region.nsi.versions.sync_service", "Region's dictionaries"),
    ("web/i18n.py", IN_A_FUNCTION, "trustmed.web.identity", "Web: the application"),
]


@pytest.fixture(scope="module")
def sections(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the linter's report on each rule that a spoiled copy of the program breaks."""
    folder = tmp_path_factory.mktemp("house")
    source = ROOT / "src"
    for module in source.rglob("*.py"):
        target = folder / module.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(module, target)
    shutil.copy(ROOT / ".importlinter", folder)
    for module, line, imported, _ in SPOILED:
        append(folder, module, line.format(imported))
    append(folder, "wal/values.py", UNDER_TYPE_CHECKING.format("trustmed.wal.stream"))
    (folder / "trustmed" / "topology" / "unplaced.py").touch()
    return run_linter(folder)


@pytest.mark.parametrize(("module", "imported", "rule"), [(module, what, rule) for module, _, what, rule in SPOILED])
def test_a_forbidden_import_fails_and_is_named(sections: dict[str, str], module: str, imported: str, rule: str) -> None:
    importer = "trustmed." + module.removesuffix(".py").replace("/", ".")
    assert f"{importer} -> {imported} " in section(sections, rule)


def test_a_knot_of_two_files_fails_though_one_imports_for_types_only(sections: dict[str, str]) -> None:
    assert "No cycles are allowed in trustmed.wal." in section(sections, "No knot anywhere")


def test_a_file_without_a_place_in_the_layers_fails(sections: dict[str, str]) -> None:
    assert "unplaced" in section(sections, "Topology: the file is read")


def test_make_check_runs_these_rules() -> None:
    plan = subprocess.run(["make", "-n", "check"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert re.search(r"^\.venv/bin/lint-imports$", plan, re.MULTILINE)


def append(folder: Path, module: str, text: str) -> None:
    file = folder / "trustmed" / module
    assert file.is_file(), f"{module} has moved: name a file that is there"
    file.write_text(f"{file.read_text('utf-8')}\n{text}\n", "utf-8")


def run_linter(folder: Path) -> dict[str, str]:
    """Run import-linter in `folder`, where it must fail; return its report by the name of each broken rule."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"}
    done = subprocess.run([LINT], cwd=folder, env=environment, check=False, capture_output=True, text=True)
    assert done.returncode != 0, done.stdout + done.stderr
    _, _, report = done.stdout.partition("Broken contracts")
    parts = re.split(r"^(\S.*)\n-+\n", report, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def section(sections: dict[str, str], rule: str) -> str:
    return next((text for name, text in sections.items() if name.startswith(rule)), f"not broken: {rule}")
