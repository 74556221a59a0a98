"""Faults that somebody makes by hand: each is named by its cause and mended without a loss."""

import re
import threading
import time
from typing import LiteralString

import psycopg
import pytest
from psycopg import sql
from tests.integration.topology.conftest import Region
from tests.integration.topology.rows import add_patient
from tests.integration.topology.test_faults import (
    UP,
    is_active,
    repair_link,
    restart_sender,
    state_of,
    wait_for_cause,
    wait_for_same_patients,
)
from tests.waiting import eventually

from trustmed.db.migrate import SchemaNewer
from trustmed.topology.apply import apply, pending_steps
from trustmed.topology.native.slots import drop_slot
from trustmed.topology.repair import repair

NAME = sql.Identifier(UP)


def add_old_patient(connection: psycopg.Connection, number: int, surname: str = "Давняя") -> str:
    """Add a patient whose key looks old, so that comparing recent rows will not show that it is missing."""
    key = f"0190bbbb-0000-7000-8000-{number:012}"
    connection.execute(
        "insert into mpi.patient (organization_id, id, surname, given_name, birth_date, sex)"
        " values (101, %s, %s, 'Анна', '1980-05-01', 2)",
        (key, surname),
    )
    return key


def has_arrived(region: Region, key: str) -> bool:
    return region.reference().execute("select 1 from mpi.patient where id = %s", (key,)).fetchone() == (1,)


ALTERED: dict[str, LiteralString] = {
    "heartbeat gone": "alter publication {} drop table replication.heartbeat",
    "table gone": "alter publication {} drop table mpi.patient",
    "rows filtered": "alter publication {} set table mpi.patient where (organization_id = 5), replication.heartbeat",
    "no updates": "alter publication {} set (publish = 'insert')",
}


@pytest.mark.parametrize("how", ALTERED)
def test_an_altered_publication_is_named_and_repaired(working: Region, how: str) -> None:
    working.clinic().execute(sql.SQL(ALTERED[how]).format(NAME))
    key = add_old_patient(working.clinic(), list(ALTERED).index(how))
    wait_for_cause(working, "publication_altered")
    repair_link(working)
    assert has_arrived(working, key)


def test_apply_alone_makes_good_an_altered_publication(working: Region) -> None:
    """Apply alone sets the publication right; rows not sent meanwhile have to follow."""
    working.clinic().execute(sql.SQL(ALTERED["table gone"]).format(NAME))
    key = add_old_patient(working.clinic(), 11)
    apply(working.topology)
    assert has_arrived(working, key)
    wait_for_same_patients(working)
    assert pending_steps(working.topology) == ()


def test_a_dropped_publication_is_named_and_repaired(working: Region) -> None:
    working.clinic().execute(sql.SQL("drop publication {}").format(NAME))
    key = add_old_patient(working.clinic(), 12)
    wait_for_cause(working, "publication_missing")
    repair_link(working)
    assert has_arrived(working, key)


def test_a_subscription_made_by_hand_is_named_and_repaired(working: Region) -> None:
    reference = working.reference()
    row = reference.execute("select subconninfo, subslotname from pg_subscription where subname = %s", (UP,)).fetchone()
    assert row is not None
    reference.execute(sql.SQL("alter subscription {} disable").format(NAME))
    eventually(lambda: not is_active(working.clinic()))
    reference.execute(sql.SQL("alter subscription {} set (slot_name = none)").format(NAME))
    reference.execute(sql.SQL("drop subscription {}").format(NAME))
    working.clinic().execute("select pg_drop_replication_slot(%s)", (row[1],))
    key = add_old_patient(working.clinic(), 13)
    made = "create subscription {0} connection {1} publication {0} with (slot_name = {2}, copy_data = false)"
    reference.execute(sql.SQL(made).format(NAME, sql.Literal(row[0]), sql.Literal(row[1])))
    wait_for_cause(working, "subscription_by_hand")
    repair_link(working)
    assert has_arrived(working, key)


def test_a_slot_recreated_by_hand_is_named_and_repaired(working: Region) -> None:
    """The new slot bears the old name and no heartbeat fell into the gap: only the way it was made gives it away."""
    reference, clinic = working.reference(), working.clinic()
    reference.execute(sql.SQL("alter subscription {} disable").format(NAME))
    eventually(lambda: not is_active(clinic))
    row = clinic.execute("select slot_name from pg_replication_slots where slot_name ~ %s", (UP,)).fetchone()
    assert row is not None
    clinic.execute("select pg_drop_replication_slot(%s)", row)
    key = add_old_patient(clinic, 17)
    clinic.execute("select pg_create_logical_replication_slot(%s, 'pgoutput')", row)
    reference.execute(sql.SQL("alter subscription {} enable").format(NAME))
    wait_for_cause(working, "slot_by_hand")
    repair_link(working)
    assert has_arrived(working, key)


def test_a_subscription_pointed_elsewhere_is_named_and_repaired(working: Region) -> None:
    where = sql.Literal("host=127.0.0.1 port=1 dbname=clinic user=trustmed_link password=x")
    working.reference().execute(sql.SQL("alter subscription {} connection {}").format(NAME, where))
    wait_for_cause(working, "pointed_elsewhere")
    repair_link(working)


def test_a_skipped_transaction_is_named_and_repaired(working: Region) -> None:
    """Skipping a transaction that could not be applied loses all its rows, and no counter shows it."""
    reference, clinic = working.reference(), working.clinic()
    key = add_old_patient(reference, 14, "Помеха")
    with clinic.transaction():
        add_old_patient(clinic, 14, "Настоящая")
        other = add_old_patient(clinic, 15)
    wait_for_cause(working, "constraint_violation")
    log = working.at("reference").execute("select content from trustmed_server.log_tail(100000)").fetchall()
    places = re.findall(rb"finished at ([0-9A-F]+/[0-9A-F]+)", b"".join(content for (content,) in log))
    reference.execute(sql.SQL("alter subscription {} skip (lsn = {})").format(NAME, sql.Literal(places[-1].decode())))
    assert "skipping" in (wait_for_cause(working, "hole").error_en or "")
    repair_link(working)
    assert has_arrived(working, key)
    assert has_arrived(working, other)


def test_a_loss_is_shown_until_it_is_mended(working: Region) -> None:
    """Heartbeats that tell of a hole are pruned with time; the hole stays."""
    reference, clinic = working.reference(), working.clinic()
    reference.execute(sql.SQL("alter subscription {} disable").format(NAME))
    eventually(lambda: not is_active(clinic))
    key = add_old_patient(clinic, 16)
    clinic.execute("select replication.beat(%s, 0, null)", (UP,))
    clinic.execute(
        "select pg_replication_slot_advance(slot_name, pg_current_wal_lsn()) from pg_replication_slots"
        " where slot_name ~ %s",
        (UP,),
    )
    reference.execute(sql.SQL("alter subscription {} enable").format(NAME))
    wait_for_cause(working, "hole")
    clinic.execute("select replication.beat(%s, 0, null) from generate_series(1, 250)", (UP,))
    eventually(lambda: state_of(working, UP).lag_ms is not None)
    time.sleep(1)
    assert state_of(working, UP).cause == "hole"
    repair_link(working)
    assert has_arrived(working, key)


def test_a_locked_out_link_role_is_named_and_repaired(working: Region) -> None:
    working.at("hospital").execute("alter role trustmed_link nologin")
    restart_sender(working)
    wait_for_cause(working, "link_refused")
    repair_link(working)


def test_a_locked_out_monitor_is_named_and_repaired(working: Region) -> None:
    reference = working.at("reference")
    reference.execute("alter role trustmed_monitor nologin valid until '2020-01-01'")
    wait_for_cause(working, "monitor_refused")
    assert "trustmed_monitor" in pending_steps(working.topology)[0].title("en")
    repair_link(working)


def test_a_fault_is_named_from_a_log_in_another_time_zone(working: Region) -> None:
    """PostgreSQL's own set-up takes the machine's zone, which is not UTC on most Russian servers."""
    reference = working.at("reference")
    reference.execute("alter system set log_timezone = 'Europe/Moscow'")
    reference.execute("select pg_reload_conf()")
    working.at("hospital").execute("alter role trustmed_link password 'other'")
    restart_sender(working)
    wait_for_cause(working, "wrong_password")
    repair_link(working)
    reference.execute("alter system set log_timezone = 'UTC'")
    reference.execute("select pg_reload_conf()")


# A change at the target, and the way back.
DRIFT: dict[str, tuple[LiteralString, LiteralString]] = {
    "partition": (
        "alter table mpi.patient detach partition mpi.patient_p03",
        "alter table mpi.patient attach partition mpi.patient_p03 for values with (modulus 16, remainder 3)",
    ),
    "demand": (
        "alter table mpi.patient add column more text not null default ''; "
        "alter table mpi.patient alter column more drop default",
        "alter table mpi.patient drop column more",
    ),
}


@pytest.mark.parametrize("what", DRIFT)
def test_schema_drift_of_an_idle_link_is_named(working: Region, what: str) -> None:
    """No row that could fail is written: the link is shown as broken before it breaks."""
    change, back = DRIFT[what]
    working.reference().execute(change)
    wait_for_cause(working, "schema_drift")
    working.reference().execute(back)
    eventually(lambda: state_of(working, UP).state == "streaming")
    wait_for_same_patients(working)


def test_a_narrowed_column_type_is_named(working: Region) -> None:
    """Text fits into varchar until the first row that is too long."""
    clinic, down = working.clinic(), "reference_to_hospital_clinic"
    clinic.execute("alter table nsi.version alter column source type varchar(999)")
    assert "nsi.version.source" in (wait_for_cause(working, "schema_drift", down).error_en or "")
    clinic.execute("alter table nsi.version alter column source type text")
    eventually(lambda: state_of(working, down).state == "streaming")


LATER: LiteralString = """
alter table nsi.dictionary add column later text;
insert into public.trustmed_migration (component, number, name, phase, checksum)
values ('nsi.dictionary', 99, 'later', 'pre', 'x')
"""


def test_a_region_ahead_of_its_site_breaks_no_link(working: Region) -> None:
    """A column the site still lacks breaks neither link nor repair; its values come once the site has it."""
    reference, clinic, down = working.reference(), working.clinic(), "reference_to_hospital_clinic"
    before = apply(working.topology)
    reference.execute(LATER)
    with pytest.raises(SchemaNewer):
        apply(working.topology)
    reference.execute("insert into nsi.dictionary (oid, title, later) values ('1.2.3', 'Первый', 'early')")
    eventually(lambda: state_of(working, down).state == "streaming")
    assert state_of(working, UP).state == "streaming"
    clinic.execute(sql.SQL("alter subscription {} disable").format(sql.Identifier(down)))
    (slot,) = clinic.execute("select subslotname from pg_subscription where subname = %s", (down,)).fetchone() or ("",)
    drop_slot(reference, slot)
    wait_for_cause(working, "slot_missing", down)
    assert repair(working.topology, down).after.state == "streaming"
    reference.execute("insert into nsi.dictionary (oid, title, later) values ('1.2.4', 'Второй', 'early')")
    ours = "select oid, title from nsi.dictionary where oid like '1.2._' order by 1"
    eventually(lambda: clinic.execute(ours).fetchall() == [("1.2.3", "Первый"), ("1.2.4", "Второй")])

    clinic.execute(LATER)
    for connection in (reference, clinic):
        connection.execute("delete from public.trustmed_migration where number = 99")
    assert before != apply(working.topology)
    assert pending_steps(working.topology) == ()
    later = "select later from nsi.dictionary where oid like '1.2._'"
    eventually(lambda: clinic.execute(later).fetchall() == [("early",)] * 2)
    eventually(lambda: state_of(working, down).state == "streaming")


def test_several_monitors_at_once_report_no_false_loss(working: Region) -> None:
    """The monitor and engineers probe under a stream of rows; none mistakes another's probe for a loss."""
    eventually(lambda: state_of(working, UP).state == "streaming")
    found: list[str | None] = []

    def look() -> None:
        found.extend(state_of(working, UP).cause for _ in range(8))

    lookers = [threading.Thread(target=look) for _ in range(3)]
    for looker in lookers:
        looker.start()
    while any(looker.is_alive() for looker in lookers):
        add_patient(working.clinic(), "Поток")
    assert set(found) <= {None, "catching_up"}, found
