"""Sites' readings and consents go up, notices of emergency access come down, and a resync spares the region's rows."""

from tests.integration.topology.conftest import Region
from tests.integration.topology.rows import add_patient
from tests.waiting import eventually

from trustmed.topology.links import links
from trustmed.topology.native.resync import resync
from trustmed.topology.native.session import Session

READING = (
    "insert into audit.access (organization_id, actor, actor_name, channel, action, ground, patient_id)"
    " values (101, 'x', 'Врач', 'site', 'patient:card:read', 'treatment', %s)"
)
CONSENT = (
    "insert into record.consent (organization_id, patient_id, recorded_by, recorded_by_name)"
    " values (101, %s, uuidv7(), 'Регистратор') returning id"
)
NOTICE = (
    "insert into mpi.break_glass (organization_id, patient_id, person_id, reader_name, reader_position, reason)"
    " values (%s, uuidv7(), uuidv7(), 'Врач', 'реаниматолог', 'Без сознания') returning id"
)
OWN = (
    "insert into audit.access (actor, actor_name, channel, action, ground, person_id)"
    " values ('portal', 'Портал', 'portal', 'registry:documents:list', 'own', uuidv7())"
)


def test_disclosures_travel_and_a_resync_deletes_no_rows_of_the_region(working: Region) -> None:
    clinic, hub, reference = working.clinic(), working.hub(), working.reference()
    patient = add_patient(clinic)
    clinic.execute(READING, (patient,))
    (consent,) = clinic.execute(CONSENT, (patient,)).fetchone() or (None,)
    (ours,) = reference.execute(NOTICE, (101,)).fetchone() or (None,)
    (theirs,) = reference.execute(NOTICE, (999,)).fetchone() or (None,)
    hub.execute(OWN)
    read = "select actor_name from audit.reading where patient_id = %s"
    eventually(lambda: hub.execute(read, (patient,)).fetchall() == [("Врач",)])
    eventually(lambda: len(hub.execute("select from record.consent where id = %s", (consent,)).fetchall()) == 1)
    eventually(lambda: len(clinic.execute("select from mpi.break_glass where id = %s", (ours,)).fetchall()) == 1)
    assert clinic.execute("select from mpi.break_glass where id = %s", (theirs,)).fetchall() == []

    clinic.execute("update record.consent set revoked_at = now(), revoked_by_name = 'x' where id = %s", (consent,))
    revoked = "select from record.consent where id = %s and revoked_at is not null"
    eventually(lambda: len(hub.execute(revoked, (consent,)).fetchall()) == 1)

    link = next(one for one in links(working.topology) if any(flow.table == "audit.reading" for flow in one.flows))
    before = hub.execute("select id from audit.access order by id").fetchall()
    hub.execute("delete from audit.reading where patient_id = %s", (patient,))
    with Session(working.topology) as session:
        resync(session, link, remove_ghosts=True)
    assert hub.execute(read, (patient,)).fetchall() == [("Врач",)]
    assert hub.execute("select id from audit.access order by id").fetchall() == before
    assert before
    clinic.execute(READING, (add_patient(clinic),))
    count = "select count(*) from audit.reading"
    eventually(lambda: hub.execute(count).fetchone() == clinic.execute(count).fetchone())
