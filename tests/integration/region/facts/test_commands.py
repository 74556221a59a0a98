"""`trustmed record extract` and `status` on a region with two shards."""

from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner, Result

from tests.fix_region import HOSPITAL, POLYCLINIC, RegionStand
from tests.semd_samples import build, full
from trustmed.region.facts.commands import app
from trustmed.region.facts.status import shards, status
from trustmed.schema import Place
from trustmed.semd.facts.extraction import facts

BODY = build(full())


@pytest.fixture
def topology_file(region: RegionStand, monkeypatch: pytest.MonkeyPatch) -> None:
    """Load the region's topology whatever file is named."""
    monkeypatch.setattr("trustmed.topology.file.load.load", lambda _: region.topology)


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


@pytest.mark.usefixtures("topology_file")
def test_documents_of_every_shard_are_read_and_counted(region: RegionStand) -> None:
    citizen = region.add_citizen()
    signed = [region.sign(region.add_patient(citizen, clinic), clinic, body=BODY) for clinic in (HOSPITAL, POLYCLINIC)]
    waiting = [state.waiting for state in status(region.topology)]
    assert sum(waiting) >= 2
    result = run("extract", "--language", "en", "--processes", "1")
    assert result.exit_code == 0, result.output
    assert all(f"{shard.label}: read" in result.output for shard in shards(region.topology))
    for one in signed:
        with region.admin(Place.RECORD, one.organization_id) as connection:
            row = connection.execute("select count(*) from record.fact where document_id = %s", (one.id,)).fetchone()
        assert row == (len(facts(BODY).facts),)
    states = msgspec.json.decode(run("status", "--json").output)
    assert [state["shard"] for state in states] == [shard.label for shard in shards(region.topology)]
    assert all(state["documents"] == state["extracted"] + state["failed"] for state in states)
    assert "read 0," in run("extract", "--language", "en", "--processes", "1").output
    again = run("extract", "--all", "--language", "en", "--processes", "1")
    assert "read 0," not in again.output


@pytest.mark.usefixtures("topology_file")
def test_a_failed_document_is_reported_with_its_error(region: RegionStand) -> None:
    signed = region.sign(region.add_patient(region.add_citizen()), body=b"no document at all")
    run("extract", "--processes", "1")
    result = run("status")
    assert result.exit_code == 1
    assert str(signed.id) in result.output
    assert "Файл не читается как XML" in result.output
    assert "The file cannot be read as XML" in run("status", "--language", "en").output


def test_a_shard_that_does_not_answer_is_reported(region: RegionStand) -> None:
    *others, last = shards(region.topology)
    with region.stopped(last.server):
        states = status(region.topology)
    assert [state.error_en is None for state in states] == [*(True for _ in others), False]


@pytest.mark.parametrize("command", ["extract", "status"])
def test_a_missing_topology_file_is_reported_in_words(tmp_path: Path, command: str) -> None:
    result = run(command, "--file", str(tmp_path / "none.toml"))
    assert result.exit_code == 3
    assert "Topology file" in result.output
