"""The demo as a person runs it: the scenario holds, Ctrl-C leaves nothing running, the data is there next time."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path

import pytest

from tests.nsi_samples import new_oid, write_zip
from trustmed.demo.calls import Clinic, Region, Signed
from trustmed.demo.content.phone import codes
from trustmed.demo.content.seed import PASSWORD
from trustmed.demo.laptop import erase, servers_folder
from trustmed.schema import Place
from trustmed.topology.connect import connect
from trustmed.topology.file.load import load

pytestmark = [pytest.mark.region, pytest.mark.timeout(400)]
ICD = "1.2.643.5.1.13.13.11.1005"
TRUSTMED = (sys.executable, "-m", "trustmed.cli")


def test_every_step_of_the_scenario_holds(tmp_path: Path) -> None:
    env = {**os.environ, "TMPDIR": str(tmp_path)}  # where the check makes its folder
    done = subprocess.run([*TRUSTMED, "demo", "check", "--json"], capture_output=True, text=True, env=env)
    assert done.stdout, done.stderr
    report = json.loads(done.stdout)
    assert report["held"], [step for step in report["steps"] if not step["held"]]
    assert len(report["steps"]) == 19
    assert done.returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_the_check_refuses_a_folder_that_holds_other_files(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    done = subprocess.run([*TRUSTMED, "demo", "check", "--folder", str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 3
    assert "не пуста" in done.stderr
    assert (tmp_path / "letter.txt").exists()


def test_ctrl_c_leaves_nothing_running_and_the_data_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    (tmp_path / "pack").mkdir()
    oid = new_oid()
    for version in ("1.9", "1.10"):
        write_zip(tmp_path / "pack", oid, version)
    try:
        with run_demo(folder, "pack") as first:
            signed = sign_something(folder)
            assert version_in_force(folder, oid) == "1.10"
            assert version_in_force(folder, ICD) == "2.24"  # the built-in handful
            first.send_signal(signal.SIGINT)
            assert first.wait(60) == 0
        assert not processes_of(folder)
        with run_demo(folder, "pack") as second:
            assert version_in_force(folder, oid) == "1.10"
            topology = load(folder / "region.toml")
            phone = iter([printed_code(folder, "engineer"), *islice(codes(topology, "engineer"), 3)])
            with closing(Region(topology.region.listen, "engineer", PASSWORD, codes=phone)) as region:
                region.sign_in()
                assert signed.id in [document["id"] for document in region.newest()]
            # Even killed outright, it leaves no server behind.
            second.kill()
            second.wait(60)
            deadline = time.monotonic() + 60
            while (left := processes_of(folder)) and time.monotonic() < deadline:
                time.sleep(0.2)
            assert not left
    finally:
        erase(folder)


def printed_code(folder: Path, login: str) -> str:
    """Return the code that the command prints."""
    command = [*TRUSTMED, "demo", "code", login, "--folder", str(folder)]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()


@contextmanager
def run_demo(folder: Path, pack: str) -> Generator[subprocess.Popen[str]]:
    """Run the demo and wait until it is ready. `pack`: a dictionaries' folder beside the demo's, as a user names it."""
    command = [*TRUSTMED, "demo", "run", "--folder", str(folder), "--fresh-ports"]
    env = {**os.environ, "TRUSTMED_NSI_DIR": pack}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=folder.parent, env=env) as started:
        try:
            assert started.stdout is not None
            for line in started.stdout:
                if "Ctrl-C" in line:
                    break
            assert started.poll() is None, "the demo ended before it was ready"
            yield started
        finally:
            if started.poll() is None:
                started.send_signal(signal.SIGINT)
                started.wait(60)


def sign_something(folder: Path) -> Signed:
    site = load(folder / "region.toml").site_named("hospital")
    with closing(Clinic(site.listen, "doctor", PASSWORD)) as clinic:
        clinic.sign_in()
        return clinic.write_and_sign(clinic.patients()[0]["id"])


def version_in_force(folder: Path, oid: str) -> str | None:
    """Return the version of a dictionary in force at every site; None if the sites differ."""
    topology = load(folder / "region.toml")
    found = set()
    for site in topology.site:
        with connect(topology, topology.database_of(Place.SITE, site), "administrator", "test") as there:
            found |= set(there.execute("select current_version from nsi.dictionary where oid = %s", (oid,)).fetchall())
    return next(iter(found))[0] if len(found) == 1 else None


def processes_of(folder: Path) -> list[str]:
    """Return command lines of processes that have to do with the demo's folder or its servers' folder."""
    marks = (str(folder), str(servers_folder(folder)))
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            place = os.readlink(entry / "cwd")
        except OSError:
            continue
        if any(mark in text for mark in marks for text in (command, place)) and "pytest" not in command:
            found.append(command)
    return found
