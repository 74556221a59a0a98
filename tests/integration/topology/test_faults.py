"""Every way a link breaks: made for real, named by its cause, and repaired by the command where promised."""

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from tests.integration.topology.conftest import Region
from tests.integration.topology.rows import add_patient
from tests.waiting import eventually

from trustmed.db.rows import find_structs
from trustmed.topology.apply import apply, pending_steps
from trustmed.topology.repair import NotRepairable, repair
from trustmed.topology.secrets import write_secret
from trustmed.topology.watch.probe import probe
from trustmed.topology.watch.status import LinkState, store_states

UP = "hospital_clinic_to_reference"
SEEN_SECONDS = 60.0


def state_of(region: Region, link: str) -> LinkState:
    return next(state for state in probe(region.topology) if state.link == link)


def wait_for_cause(region: Region, cause: str, link: str = UP) -> LinkState:
    """Return the link's state once it names the cause; fail if it does not within SEEN_SECONDS."""
    deadline = time.monotonic() + SEEN_SECONDS
    while (state := state_of(region, link)).cause != cause:
        assert time.monotonic() < deadline, f"{cause} was not seen, but {state}"
    assert not state.healthy
    assert state.error_ru
    assert state.error_en
    assert state.action_ru
    assert state.action_en
    return state


def repair_link(region: Region, link: str = UP) -> None:
    result = repair(region.topology, link)
    assert result.after.state == "streaming", result
    wait_for_same_patients(region)
    assert state_of(region, link).state == "streaming"
    assert pending_steps(region.topology) == ()


def wait_for_same_patients(region: Region) -> None:
    """Add a patient and wait until both ends hold the same rows."""
    add_patient(region.clinic(), "Новая")
    eventually(lambda: patients(region.clinic()) == patients(region.reference()))


def patients(connection: psycopg.Connection) -> list[tuple[object, ...]]:
    return connection.execute("select * from mpi.patient order by id").fetchall()


def restart_sender(region: Region) -> None:
    region.at("hospital").execute("select pg_terminate_backend(active_pid) from pg_replication_slots")


def stored_states(connection: psycopg.Connection) -> list[LinkState]:
    return find_structs(connection, LinkState, "select * from monitor.link_state order by link")


def test_all_links_stream_and_are_stored(working: Region) -> None:
    eventually(lambda: all(state.state == "streaming" for state in probe(working.topology)))
    states = probe(working.topology)
    assert len(states) == 5
    assert all(state.lag_ms is not None and state.lag_ms < 2000 for state in states)
    store_states(working.at("hub", "region", "trustmed_monitor"), states)
    kept = stored_states(working.hub())
    store_states(working.at("hub", "region", "trustmed_monitor"), probe(working.topology))
    again = stored_states(working.hub())
    assert [item.link for item in again] == sorted(state.link for state in states)
    assert [item.since for item in again] == [item.since for item in kept]


def test_a_wrong_password_is_named_and_repaired(working: Region) -> None:
    working.at("hospital").execute("alter role trustmed_link password 'other'")
    restart_sender(working)
    wait_for_cause(working, "wrong_password")
    repair_link(working)


def test_a_changed_secret_is_applied(working: Region) -> None:
    write_secret(working.topology, "hospital", "trustmed_link", "a fresh secret")
    assert {step.action for step in pending_steps(working.topology)} == {"change"}
    apply(working.topology)
    restart_sender(working)
    wait_for_same_patients(working)


def test_a_dropped_slot_is_named_and_repaired(working: Region) -> None:
    reference = working.reference()
    reference.execute(sql.SQL("alter subscription {} disable").format(sql.Identifier(UP)))
    clinic = working.clinic()
    eventually(lambda: not is_active(clinic))
    clinic.execute("select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name ~ %s", (UP,))
    lost = add_patient(clinic, "Пропавшая")
    reference.execute(sql.SQL("alter subscription {} enable").format(sql.Identifier(UP)))
    wait_for_cause(working, "slot_missing")
    assert pending_steps(working.topology) == ()  # a slot made anew would hide the hole
    repair_link(working)
    assert working.reference().execute("select 1 from mpi.patient where id = %s", (lost,)).fetchone() == (1,)


def is_active(clinic: psycopg.Connection) -> bool:
    row = clinic.execute("select active from pg_replication_slots where slot_name ~ %s", (UP,)).fetchone()
    assert row is not None
    return row[0]


def test_an_invalidated_slot_is_named_and_repaired(working: Region) -> None:
    working.reference().execute(sql.SQL("alter subscription {} disable").format(sql.Identifier(UP)))
    clinic = working.clinic()
    eventually(lambda: not is_active(clinic))
    admin = working.at("hospital")
    admin.execute("alter system set max_slot_wal_keep_size = '1MB'")
    admin.execute("select pg_reload_conf()")
    # Wrap the log past the limit; the other slots of the server move on, this one stays.
    for _ in range(4):
        admin.execute("select pg_logical_emit_message(false, 'fill', repeat('x', 100000)) from generate_series(1, 20)")
        admin.execute("select pg_switch_wal()")
        time.sleep(0.3)
        admin.execute("checkpoint")
    admin.execute("alter system reset max_slot_wal_keep_size")
    admin.execute("select pg_reload_conf()")
    working.reference().execute(sql.SQL("alter subscription {} enable").format(sql.Identifier(UP)))
    wait_for_cause(working, "slot_lost")
    for state in probe(working.topology):
        if state.cause == "slot_lost" and state.link != UP:
            repair(working.topology, state.link)
    repair_link(working)


def test_a_constraint_violation_is_named_and_repaired(working: Region) -> None:
    wait_for_same_patients(working)
    reference, clinic = working.reference(), working.clinic()
    patient = add_patient(clinic, "Прежняя")
    eventually(lambda: reference.execute("select 1 from mpi.patient where id = %s", (patient,)).fetchone() == (1,))
    other = "0199aaaa-0000-7000-8000-000000000001"
    for connection, name in ((reference, "Помеха"), (clinic, "Настоящая")):
        connection.execute(
            "insert into mpi.patient (organization_id, id, surname, given_name, birth_date, sex)"
            " values (101, %s, %s, 'Анна', '1980-05-01', 2)",
            (other, name),
        )
    state = wait_for_cause(working, "constraint_violation")
    assert "insert_exists" in (state.error_ru or "") or "duplicate key" in (state.error_ru or "")
    repair_link(working)
    kept = reference.execute("select content ->> 'surname' from replication.quarantine where link = %s", (UP,))
    assert ("Помеха",) in kept.fetchall()


def test_schema_drift_is_named_and_left_to_the_engineer(working: Region) -> None:
    reference, clinic = working.reference(), working.clinic()
    reference.execute("alter table mpi.patient rename column phone to telephone")
    add_patient(clinic)
    wait_for_cause(working, "schema_drift")
    with pytest.raises(NotRepairable):
        repair(working.topology, UP)
    reference.execute("alter table mpi.patient rename column telephone to phone")
    eventually(lambda: state_of(working, UP).state == "streaming")
    wait_for_same_patients(working)


def test_a_site_newer_than_the_region_is_named(working: Region) -> None:
    clinic = working.clinic()
    clinic.execute(
        "insert into public.trustmed_migration (component, number, name, phase, checksum)"
        " values ('mpi.patient', 99, 'future', 'pre', '')"
    )
    wait_for_cause(working, "schema_site_newer")
    clinic.execute("delete from public.trustmed_migration where number = 99")
    assert state_of(working, UP).state == "streaming"


def test_lost_recent_rows_are_named_and_repaired(working: Region) -> None:
    clinic, reference = working.clinic(), working.reference()
    patient = add_patient(clinic, "Потерянная")
    eventually(lambda: reference.execute("select 1 from mpi.patient where id = %s", (patient,)).fetchone() == (1,))
    time.sleep(2.1)
    reference.execute("delete from mpi.patient where id = %s", (patient,))
    assert "mpi.patient" in (wait_for_cause(working, "hole").error_ru or "")
    repair_link(working)


def test_an_update_that_finds_no_row_is_named_and_repaired(working: Region) -> None:
    """An update that finds no row does not stop the link: only a counter shows it."""
    clinic, reference = working.clinic(), working.reference()
    patient = "0190aaaa-0000-7000-8000-000000000002"  # older than the rows compared
    clinic.execute(
        "insert into mpi.patient (organization_id, id, surname, given_name, birth_date, sex)"
        " values (101, %s, 'Давняя', 'Анна', '1980-05-01', 2)",
        (patient,),
    )
    eventually(lambda: reference.execute("select 1 from mpi.patient where id = %s", (patient,)).fetchone() == (1,))
    reference.execute("delete from mpi.patient where id = %s", (patient,))
    clinic.execute("update mpi.patient set surname = 'Изменённая' where id = %s", (patient,))
    wait_for_cause(working, "hole")
    repair_link(working)


def test_a_slot_moved_past_unapplied_changes_is_named_and_repaired(working: Region) -> None:
    """Moving a slot by hand loses the changes in between, heartbeats among them."""
    clinic, reference = working.clinic(), working.reference()
    reference.execute(sql.SQL("alter subscription {} disable").format(sql.Identifier(UP)))
    eventually(lambda: not is_active(clinic))
    old = "0190aaaa-0000-7000-8000-000000000003"
    clinic.execute(
        "insert into mpi.patient (organization_id, id, surname, given_name, birth_date, sex)"
        " values (101, %s, 'Между', 'Анна', '1980-05-01', 2)",
        (old,),
    )
    clinic.execute("select replication.beat(%s, 0, null)", (UP,))
    clinic.execute(
        "select pg_replication_slot_advance(slot_name, pg_current_wal_lsn()) from pg_replication_slots"
        " where slot_name ~ %s",
        (UP,),
    )
    reference.execute(sql.SQL("alter subscription {} enable").format(sql.Identifier(UP)))
    wait_for_cause(working, "hole")
    repair_link(working)
    assert reference.execute("select 1 from mpi.patient where id = %s", (old,)).fetchone() == (1,)


def test_a_disabled_or_dropped_subscription_is_named_and_restored(working: Region) -> None:
    reference = working.reference()
    reference.execute(sql.SQL("alter subscription {} disable").format(sql.Identifier(UP)))
    assert wait_for_cause(working, "disabled_by_hand").state == "paused"
    repair_link(working)
    reference.execute(sql.SQL("alter subscription {} disable").format(sql.Identifier(UP)))
    reference.execute(sql.SQL("alter subscription {} set (slot_name = none)").format(sql.Identifier(UP)))
    reference.execute(sql.SQL("drop subscription {}").format(sql.Identifier(UP)))
    add_patient(working.clinic())
    wait_for_cause(working, "subscription_missing")
    apply(working.topology)  # rows are there already: apply merges, as repair does, and does not copy over them
    wait_for_same_patients(working)
    assert pending_steps(working.topology) == ()


@pytest.mark.timeout(60)
def test_a_server_that_is_down_does_not_hang_the_probe(working: Region) -> None:
    working.servers["hospital"].kill9()
    states = {state.link: state for state in probe(working.topology)}
    assert states[UP].state == "unreachable"
    assert states["reference_to_hub_region"].state == "streaming"
    assert "wait" in [step.action for step in pending_steps(working.topology)]
    working.servers["hospital"].start()
    working.close()
    eventually(lambda: state_of(working, UP).state == "streaming")
    wait_for_same_patients(working)


def back_up(region: Region, name: str) -> Path:
    """Copy a server's whole folder, as a file-level backup does; return the copy."""
    server = region.servers[name]
    server.stop()
    copy = server.server.folder / "backup"
    subprocess.run(["cp", "-a", server.server.data, copy], check=True)
    server.start()
    region.close()
    return copy


def restore(region: Region, name: str, copy: Path) -> None:
    server = region.servers[name]
    server.stop()
    shutil.rmtree(server.server.data)
    copy.rename(server.server.data)
    server.start()
    region.close()


def test_a_site_restored_from_an_older_backup_is_named_and_repaired(working: Region) -> None:
    copy = back_up(working, "hospital")
    eventually(lambda: state_of(working, UP).state == "streaming")
    ghost = add_patient(working.clinic(), "После копии")
    reference = working.reference()
    eventually(lambda: reference.execute("select 1 from mpi.patient where id = %s", (ghost,)).fetchone() == (1,))
    restore(working, "hospital", copy)
    reference = working.reference()
    wait_for_cause(working, "source_restored")
    broken = [state.link for state in probe(working.topology) if state.cause == "source_restored"]
    for link in broken:
        result = repair(working.topology, link)
        assert result.after.state == "streaming", result
        ghosts = {table.table: table.ghosts for table in result.tables}
        assert link != UP or ghosts["mpi.patient"] == 1
    kept = reference.execute("select content ->> 'id' from replication.quarantine where reason = 'absent at source'")
    assert (str(ghost),) in kept.fetchall()
    # What was acknowledged before the restore is not thrown away unless somebody says so.
    assert reference.execute("select 1 from mpi.patient where id = %s", (ghost,)).fetchone() == (1,)
    newer = add_patient(working.clinic(), "Новая после восстановления")
    eventually(lambda: reference.execute("select 1 from mpi.patient where id = %s", (newer,)).fetchone() == (1,))
    reference.execute("delete from mpi.patient where id = %s", (ghost,))


def test_a_region_restored_from_an_older_backup_is_named_and_repaired(working: Region) -> None:
    """The site will not send again what the region had confirmed and then lost: a hole."""
    eventually(lambda: state_of(working, UP).state == "streaming")
    copy = back_up(working, "reference")
    eventually(lambda: state_of(working, UP).state == "streaming")
    lost = add_patient(working.clinic(), "Не в копии")
    working.clinic().execute("update mpi.patient set created_at = now() - interval '1 day' where id = %s", (lost,))
    wait_for_same_patients(working)
    state_of(working, UP)
    time.sleep(0.5)
    restore(working, "reference", copy)
    wait_for_cause(working, "hole")
    for state in probe(working.topology):
        if not state.healthy:
            assert repair(working.topology, state.link).after.state == "streaming"
    wait_for_same_patients(working)
    assert working.reference().execute("select 1 from mpi.patient where id = %s", (lost,)).fetchone() == (1,)


KILLED = """
import os, signal, sys
from pathlib import Path
from trustmed.topology.native import resync
from trustmed.topology.file.load import load
from trustmed.topology.links import links
from trustmed.topology.native.session import Session

def die(*arguments, **named):
    os.kill(os.getpid(), signal.SIGKILL)

at = sys.argv[2]
if at == "marked":
    after = resync.set_mark
    resync.set_mark = lambda target, link, mark: after(target, link, mark) if "unfinished" in mark else die()
else:
    setattr(resync, at, die)
topology = load(sys.argv[1])
with Session(topology) as session:
    resync.resync(session, next(link for link in links(topology) if link.name == sys.argv[3]))
"""


@pytest.mark.parametrize("at", ["_export", "_copy_and_merge", "create_subscription", "marked"])
def test_a_repair_that_was_killed_can_be_run_again(working: Region, at: str) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, working.path, at, UP], check=False)
    assert killed.returncode == -signal.SIGKILL
    add_patient(working.clinic(), "Во время перерыва")
    assert not state_of(working, UP).healthy
    if at == "marked":
        assert state_of(working, UP).cause == "repair_unfinished"
        assert "interrupted repair" in pending_steps(working.topology)[0].title("en")
    repair_link(working)
