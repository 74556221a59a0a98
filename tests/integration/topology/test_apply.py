"""Plan and apply against real servers."""

import signal
import subprocess
import sys

import msgspec
import psycopg
import pytest
from tests.integration.topology.conftest import Region
from tests.integration.topology.rows import add_patient
from tests.waiting import eventually
from typer.testing import CliRunner

from trustmed.topology.apply import APPLY_LOCK, ApplyBusy, DestroyRefused, PacketsNotYet, apply, pending_steps
from trustmed.topology.commands import app
from trustmed.topology.file.load import load
from trustmed.topology.things.subscription import Subscription
from trustmed.topology.watch.probe import probe

DIES = """
import os, signal, sys
from trustmed.topology.file.load import load
from trustmed.topology.apply import apply

def step(step, number, total):
    if number > int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)

apply(load(sys.argv[1]), on_step=step)
"""


def test_apply_that_is_killed_and_run_again_builds_everything_from_nothing(region: Region) -> None:
    """Killed over and over, a few steps further each time, apply still completes; rows pass links and feed."""
    kills = 0
    while subprocess.run([sys.executable, "-c", DIES, region.path, "9"], check=False).returncode == -signal.SIGKILL:
        kills += 1
        assert kills < 20
    assert kills >= 4
    assert pending_steps(region.topology) == ()
    assert apply(region.topology) == ()
    patient = add_patient(region.clinic())
    reference = region.reference()
    eventually(lambda: reference.execute("select 1 from mpi.patient where id = %s", (patient,)).fetchone() == (1,))
    eventually(lambda: _changes_in_feed(reference) >= 3)  # the feed sees what is flushed, a little later
    _columns_are_explicit(region)
    _a_concurrent_apply_is_refused(region)
    _commands_report_the_state(region)
    _a_standby_is_waited_for(region)
    _a_new_organisation_brings_its_rows(region)
    _a_site_is_removed_only_when_allowed(region)


def _changes_in_feed(reference: psycopg.Connection) -> int:
    row = reference.execute(
        "select count(*) from pg_logical_slot_peek_binary_changes('feed', null, null,"
        " 'proto_version', '4', 'publication_names', 'feed')"
    ).fetchone()
    assert row is not None
    return row[0]


def _columns_are_explicit(region: Region) -> None:
    hub = region.hub()
    columns = hub.execute(
        "select attnames::text[] from pg_publication_tables where pubname = 'feed' and tablename = 'document'"
    ).fetchone()
    assert columns is not None
    assert "organization_id" in columns[0]
    row = region.clinic().execute(
        "select 'sort_key' = any (attnames) from pg_publication_tables where tablename = 'patient' limit 1"
    )
    assert row.fetchone() == (False,)  # generated columns are made anew at the other end
    fed = hub.execute(
        "select tablename, attnames::text[] from pg_publication_tables"
        " where pubname = 'feed' and schemaname = 'record' and tablename like 'document%' order by 1"
    ).fetchall()
    assert [table for table, _ in fed] == ["document_body", "document_signature"]
    for _, carried in fed:
        assert {"organization_id", "document_id"} <= set(carried)
        assert "content" not in carried
    body = region.documents().execute(
        "select 'content' = any (attnames) from pg_publication_tables where tablename = 'document_body'"
    )
    assert body.fetchall() == [(True,)]  # the link does carry it


def _a_concurrent_apply_is_refused(region: Region) -> None:
    hub = region.at("hub")
    hub.execute("select pg_advisory_lock(%s)", (APPLY_LOCK,))
    with pytest.raises(ApplyBusy):
        apply(region.topology)
    hub.execute("select pg_advisory_unlock(%s)", (APPLY_LOCK,))


def _commands_report_the_state(region: Region) -> None:
    run = CliRunner()
    file = ["--file", str(region.path)]
    assert run.invoke(app, ["plan", *file]).exit_code == 0
    eventually(lambda: run.invoke(app, ["status", *file]).exit_code == 0)
    eventually(lambda: _states(run, file) == {"streaming"})  # one that still copies is no failure of the command
    assert run.invoke(app, ["graph", *file]).output.startswith("<svg")
    assert len(msgspec.json.decode(run.invoke(app, ["graph", *file, "--json"]).output)["links"]) == 5
    unknown = run.invoke(app, ["repair", "nothing", *file, "--language", "en"])
    assert unknown.exit_code == 3
    assert "There is no link 'nothing'" in unknown.output


def _states(run: CliRunner, file: list[str]) -> set[str]:
    links = msgspec.json.decode(run.invoke(app, ["status", *file, "--json"]).output)["links"]
    return {link["state"] for link in links}


def _a_standby_is_waited_for(region: Region) -> None:
    text = region.path.read_text()
    region.path.write_text(text.replace('name = "hub"\n', 'name = "hub"\nstandby = true\n'))
    topology = load(region.path)
    steps = apply(topology)
    assert {step.thing.server for step in steps if step.thing} == {"hub"}
    assert {type(step.thing) for step in steps} == {Subscription}
    assert "synchronous_commit = on" in steps[0].title("ru")
    assert pending_steps(topology) == ()
    into = region.hub().execute("select distinct subsynccommit from pg_subscription").fetchall()
    others = region.at("hospital").execute("select distinct subsynccommit from pg_subscription").fetchall()
    assert (into, others) == ([("on",)], [("off",)])
    region.path.write_text(text)
    apply(load(region.path))


def _a_new_organisation_brings_its_rows(region: Region) -> None:
    """Apply is killed between the row filter and the copy, and run again."""
    reference, clinic = region.reference(), region.clinic()
    reference.execute(
        "insert into mpi.patient_link (organization_id, patient_id, person_id, decision, reason)"
        " select o, uuidv7(), uuidv7(), 'automatic', 'x' from unnest('{101,102,102,103}'::integer[]) o"
    )
    text = region.path.read_text()
    more = text[text.index("[[site.organization]]") :].replace("101", "102").replace("1029900000016", "1029900000027")
    region.path.write_text(f"{text}\n{more}")
    topology = load(region.path)
    titles = [step.title("en") for step in pending_steps(topology)]
    assert len(titles) == 2
    assert titles[1].endswith("rows of organisations 101, 102")
    died = subprocess.run([sys.executable, "-c", DIES, region.path, "1"], check=False)
    assert died.returncode == -signal.SIGKILL
    assert [step.title("en") for step in pending_steps(topology)] == titles[1:]
    apply(topology)
    assert pending_steps(topology) == ()
    carried = "select organization_id, count(*)::int from mpi.patient_link group by 1 order by 1"
    assert clinic.execute(carried).fetchall() == [(101, 1), (102, 2)]
    reference.execute("update mpi.patient_link set reason = 'later' where organization_id = 102")
    later = "select count(*)::int from mpi.patient_link where reason = 'later'"
    eventually(lambda: clinic.execute(later).fetchone() == (2,))
    region.path.write_text(text)
    narrowed = load(region.path)
    assert all(not step.destructive for step in apply(narrowed))
    assert pending_steps(narrowed) == ()


def _a_site_is_removed_only_when_allowed(region: Region) -> None:
    clinic, reference = region.clinic(), region.reference()
    text = region.path.read_text()
    region.path.write_text(text.replace('shard = "record1"', 'shard = "record1"\nlink = "packets"'))
    with pytest.raises(PacketsNotYet):
        apply(load(region.path))
    other = text.index("[[site]]")
    fresh = text[:other] + text[other:].replace('"hospital"', '"hospital2"', 1).replace(
        '"clinic"', '"clinic2"'
    ).replace('"documents"', '"documents2"').replace("id = 101", "id = 102")
    region.path.write_text(fresh)
    moved = load(region.path)
    run = CliRunner().invoke(app, ["plan", "--file", str(region.path), "--json"])
    assert run.exit_code == 2
    assert any(step["destructive"] for step in msgspec.json.decode(run.output)["steps"])
    with pytest.raises(DestroyRefused):
        apply(moved)
    apply(moved, allow_destroy=True)
    assert pending_steps(moved) == ()
    assert clinic.execute("select count(*) from pg_publication").fetchone() == (0,)
    slots = clinic.execute("select database from pg_replication_slots").fetchall()
    assert ("clinic",) not in slots
    row = reference.execute("select count(*) from mpi.patient where organization_id = 101").fetchone()
    assert row == (1,)  # data stay
    _a_removed_site_comes_back(region, text)


def _a_removed_site_comes_back(region: Region, text: str) -> None:
    """Heartbeats stayed at both ends even of a link that carried nothing else."""
    region.path.write_text(text)
    back = load(region.path)
    missed = add_patient(region.clinic(), "Без связи")
    apply(back, allow_destroy=True)
    assert pending_steps(back) == ()
    eventually(lambda: all(state.state == "streaming" for state in probe(back)))
    reference = region.reference()
    assert reference.execute("select 1 from mpi.patient where id = %s", (missed,)).fetchone() == (1,)
