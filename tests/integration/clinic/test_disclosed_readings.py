"""Acts of a site's staff are disclosed to the patient in the same transaction, whatever code adds the event."""

from uuid import UUID, uuid4

import psycopg
import pytest

from tests.fix_site import AMBULANCE, HOSPITAL, Client, SiteStand
from trustmed.schema import Place

EVENT = (
    "insert into audit.access (organization_id, actor, actor_name, channel, action, ground, ground_detail, patient_id,"
    " document_id, outcome) values (%(organization)s, %(actor)s, 'Врач', 'site', %(action)s, %(ground)s, %(detail)s,"
    " %(patient)s, %(document)s, %(outcome)s)"
)
PLAIN = {
    "organization": HOSPITAL,
    "actor": "somebody",
    "action": "patient:card:read",
    "ground": "treatment",
    "detail": "x",
    "document": None,
    "outcome": "granted",
}


def find_readings(site: SiteStand, patient_id: UUID) -> list[tuple]:
    with site.admin() as connection:
        return connection.execute(
            "select action, ground, ground_detail, document_id from audit.reading"
            " where patient_id = %s order by at, id",
            (patient_id,),
        ).fetchall()


def add_events(site: SiteStand, *changes: dict[str, object]) -> UUID:
    """Add events of one new patient, all within one minute of the clock; return the patient."""
    patient = uuid4()
    with site.admin() as connection, connection.transaction():
        connection.execute("select pg_sleep(3) where extract(second from clock_timestamp()) > 57")
        for change in changes:
            connection.execute(EVENT, PLAIN | {"patient": patient} | change)
    return patient


async def test_reading_and_signing_are_disclosed_with_name_and_position(site: SiteStand, doctor: Client):
    card = await doctor.get(f"/api/v1/patients/{site.patient}")
    assert card.status_code == 200
    draft = await doctor.preview(site)
    signed = await doctor.post(f"/api/v1/documents/{draft['id']}/sign", json={"method": "software"})
    assert signed.status_code == 200
    someone = site.people["doctor"]
    with site.admin() as connection:
        rows = connection.execute(
            "select r.action, r.actor_name, r.actor_position, r.document_id, r.at = a.at"
            " from audit.reading r join audit.access a on a.id = r.id"
            " where r.patient_id = %s and (r.document_id = %s or r.action = 'patient:card:read')",
            (site.patient, UUID(draft["id"])),
        ).fetchall()
        position = connection.execute(
            "select e.name from nsi.entry e where e.oid = '1.2.643.5.1.13.13.11.1002' and e.code = '110'"
        ).fetchone()
    assert position
    assert {row[0] for row in rows} >= {"patient:card:read", "document:content:sign"}
    name = f"{someone.surname} {someone.given_name} {someone.patronymic}"
    assert {row[1:3] + row[4:] for row in rows if row[0] != "patient:card:read"} == {(name, position[0], True)}


def test_an_act_repeated_within_a_minute_is_disclosed_once(site: SiteStand):
    document = uuid4()
    patient = add_events(
        site,
        {},
        {},
        {"document": document, "action": "document:card:read"},
        {"document": document, "action": "document:card:read"},
        {"actor": "another"},
        {"ground": "break_glass", "detail": "без сознания"},
    )
    assert find_readings(site, patient) == [
        ("patient:card:read", "treatment", None, None),
        ("document:card:read", "treatment", None, document),
        ("patient:card:read", "treatment", None, None),
        ("patient:card:read", "break_glass", "без сознания", None),
    ]


@pytest.mark.parametrize("change", [{"outcome": "refused"}, {"outcome": "not_found"}, {"patient": None}])
def test_refused_acts_and_acts_without_a_patient_are_not_disclosed(site: SiteStand, change: dict[str, object]):
    with site.admin() as connection:
        before = connection.execute("select count(*) from audit.reading").fetchone()
    add_events(site, change)
    with site.admin() as connection:
        assert connection.execute("select count(*) from audit.reading").fetchone() == before


def test_a_rolled_back_event_is_not_disclosed(site: SiteStand):
    patient = uuid4()
    with site.admin() as connection, connection.transaction() as undone:
        connection.execute(EVENT, PLAIN | {"patient": patient})
        raise psycopg.Rollback(undone)
    assert find_readings(site, patient) == []


@pytest.mark.parametrize(
    "statement",
    [
        "insert into audit.reading (organization_id, id, at, actor_name, action, ground, patient_id)"
        " values (101, uuidv7(), now(), 'x', 'x', 'x', uuidv7())",
        "update audit.reading set actor_name = 'x'",
        "delete from audit.reading",
    ],
)
def test_the_serving_role_cannot_forge_change_or_delete_a_reading(site: SiteStand, statement: str):
    with psycopg.connect(site.conninfo(Place.SITE, "trustmed_clinic")) as connection:
        connection.execute("select set_config('trustmed.organization_id', %s, true)", (str(AMBULANCE),))
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement.encode())
