"""No tenant sees another's rows whatever the application forgets: every tenant table, under the serving role."""

from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from psycopg.types.json import Jsonb

from tests.fix_site import AMBULANCE, HOSPITAL, Client, SiteStand
from trustmed.schema import Place

TENANT_TABLES = """
select c.oid::regclass::text, has_table_privilege('trustmed_clinic', c.oid, 'insert'),
       has_table_privilege('trustmed_clinic', c.oid, 'update'), has_table_privilege('trustmed_clinic', c.oid, 'delete')
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and not c.relispartition
  and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'organization_id')
  and has_table_privilege('trustmed_clinic', c.oid, 'select')
  and c.oid <> coalesce(to_regclass('access.session'), 0)  -- found by its secret before the organisation is known
"""
PLACES = (Place.SITE, Place.DOCUMENTS)
REST = (
    "insert into record.consent (organization_id, patient_id, recorded_by, recorded_by_name)"
    " values (%(organization)s, uuidv7(), uuidv7(), 'x')",
    "insert into mpi.break_glass (organization_id, patient_id, person_id, reader_name, reader_position, reason)"
    " values (%(organization)s, uuidv7(), uuidv7(), 'x', 'x', 'x')",
    "insert into clinic.glass_seen (organization_id, id, seen_by, seen_by_name)"
    " values (%(organization)s, uuidv7(), 'x', 'x')",
    "insert into clinic.new_visit (organization_id, patient_id, account, reader_name)"
    " values (%(organization)s, uuidv7(), 'x', 'x')",
)
BOOKING = (
    "with r as (insert into booking.resource (organization_id, kind, name, speciality_code, speciality)"
    " values (%(organization)s, 'room', 'x', '109', 'x') returning organization_id, id)"
    " insert into booking.schedule"
    " (organization_id, resource_id, weekday, starts, ends, minutes, visit_kind, valid_from)"
    " select organization_id, id, 1, '09:00', '10:00', 20, 'any', '2030-01-07' from r",
    "insert into booking.slot (organization_id, resource_id, starts_at, ends_at, visit_kind)"
    " values (%(organization)s, uuidv7(), '2030-01-07', '2030-01-08', 'any')",
    "insert into booking.handover (organization_id, slot_id, turn, sell_until)"
    " values (%(organization)s, uuidv7(), 1, '2030-01-06')",
    "insert into booking.handback (organization_id, slot_id, turn, why)"
    " values (%(organization)s, uuidv7(), 1, 'deadline')",
    "insert into booking.recall (organization_id, slot_id, turn) values (%(organization)s, uuidv7(), 1)",
    "insert into booking.quota (organization_id, visit_kind, speciality_code, percent, return_hours, set_by)"
    " values (%(organization)s, 'first', 'tenants', 0, 0, 'x') on conflict do nothing",
    "insert into booking.site_booking (organization_id, request_id, slot_id, resource_id, speciality_code, starts_at,"
    " ends_at, patient_id, channel, booked_by, booked_by_name) values (%(organization)s, uuidv7(), uuidv7(), uuidv7(),"
    " '109', '2030-01-07', '2030-01-08', uuidv7(), 'registrar', 'x', 'x')",
    "insert into booking.region_booking (organization_id, request_id, slot_id, turn, resource_id, speciality_code,"
    " starts_at, ends_at, surname, given_name, birth_date, phone, channel, booked_by, booked_by_name)"
    " values (%(organization)s, uuidv7(), uuidv7(), 1, uuidv7(), '109', '2020-01-07', '2020-01-08', 'x', 'x',"
    " '1980-01-01', '1', 'portal', 'x', 'x')",
    "insert into booking.site_request (organization_id, booking_id, ask, by_name, why)"
    " values (%(organization)s, uuidv7(), 'cancel', 'x', 'x')",
    "insert into booking.region_request (organization_id, booking_id, ask, channel, by_name, why)"
    " values (%(organization)s, uuidv7(), 'cancel', 'portal', 'x', 'x')",
    "insert into booking.attendance (organization_id, booking_id, outcome, by_name)"
    " values (%(organization)s, uuidv7(), 'came', 'x')",
    "insert into booking.conflict (organization_id, kind, booking_id, other_organization_id, other_booking_id,"
    " other_name, other_starts_at) values (%(organization)s, 'same_time', uuidv7(), 1, uuidv7(), 'x', '2020-01-07')",
    "insert into booking.settlement (organization_id, conflict_id, how, by_name)"
    " values (%(organization)s, uuidv7(), 'x', 'x')",
)


@pytest.fixture
async def filled(site: SiteStand, client: Client) -> SiteStand:
    """Both organisations have signed a document, so no tenant table of theirs is empty."""
    own = site.patient
    for login, patient in (("doctor", own), ("stranger", site.strange_patient)):
        site.patient = patient
        doctor = await client.sign_in(login)
        draft = await doctor.preview(site)
        await doctor.post(f"/api/v1/documents/{draft['id']}/sign", json={"method": "software"})
        await doctor.preview(site)
    site.patient = own
    _add_rows_to_the_rest(site)
    return site


def _add_rows_to_the_rest(site: SiteStand) -> None:
    with site.admin() as connection:
        for organization_id in (HOSPITAL, AMBULANCE):
            connection.execute(
                "insert into clinic.verdict values (%s, sha256('x'), '119', 'd', true, 1, '[]') on conflict do nothing",
                (organization_id,),
            )
            for statement in (*REST, *BOOKING):
                connection.execute(statement, {"organization": organization_id})
    for place in PLACES:
        with site.admin(place) as connection:
            for organization_id in (HOSPITAL, AMBULANCE):
                connection.execute(
                    "insert into mpi.patient_link values (%s, %s, uuidv7(), 'automatic', 'test')"
                    " on conflict do nothing",
                    (organization_id, UUID(int=organization_id)),
                )


def tenant_tables(site: SiteStand) -> Iterator[tuple[Place, str, tuple[bool, bool, bool]]]:
    for place in PLACES:
        with site.admin(place) as connection:
            for name, *rights in connection.execute(TENANT_TABLES).fetchall():
                yield place, name, (rights[0], rights[1], rights[2])


def connect_as_clinic(site: SiteStand, place: Place, organization_id: int | None) -> psycopg.Connection:
    connection = psycopg.connect(site.conninfo(place, "trustmed_clinic"))
    if organization_id is not None:
        connection.execute("select set_config('trustmed.organization_id', %s, true)", (str(organization_id),))
    return connection


def identifier(table: str) -> sql.Identifier:
    return sql.Identifier(*table.split("."))


def test_the_main_tenant_tables_are_among_those_checked(site: SiteStand) -> None:
    found = {name for _, name, _ in tenant_tables(site)}
    assert found >= {"mpi.patient", "access.account", "clinic.draft", "record.document_body", "registry.document"}


def test_without_a_tenant_nothing_is_seen(filled: SiteStand) -> None:
    for place, table, _ in tenant_tables(filled):
        with connect_as_clinic(filled, place, None) as connection:
            rows = connection.execute(sql.SQL("select * from {}").format(identifier(table))).fetchall()
            assert rows == [], table


@pytest.mark.parametrize(("mine", "other"), [(HOSPITAL, AMBULANCE), (AMBULANCE, HOSPITAL)])
def test_one_tenant_sees_its_own_rows_only(filled: SiteStand, mine: int, other: int) -> None:
    for place, table, _ in tenant_tables(filled):
        query = sql.SQL("select distinct organization_id from {}").format(identifier(table))
        with connect_as_clinic(filled, place, mine) as connection:
            seen = {row[0] for row in connection.execute(query).fetchall()}
        assert seen <= {mine}, table
        if place is Place.DOCUMENTS or not table.startswith(("registry.", "record.document_")):
            assert table == "audit.access" or seen == {mine}, f"{table} is empty: the test would prove nothing"


@pytest.mark.parametrize(("mine", "other"), [(HOSPITAL, AMBULANCE), (AMBULANCE, HOSPITAL)])
def test_one_tenant_writes_no_row_of_another(filled: SiteStand, mine: int, other: int) -> None:
    for place, table, (inserts, updates, deletes) in tenant_tables(filled):
        name = identifier(table)
        with filled.admin(place) as admin:
            there = admin.execute(
                sql.SQL("select count(*) from {} where organization_id = %s").format(name), (other,)
            ).fetchone()
        with connect_as_clinic(filled, place, mine) as connection:
            if updates:
                moved = sql.SQL("update {} set organization_id = organization_id where organization_id = %s")
                assert connection.execute(moved.format(name), (other,)).rowcount == 0, table
            if deletes:
                gone = sql.SQL("delete from {} where organization_id = %s")
                assert connection.execute(gone.format(name), (other,)).rowcount == 0, table
            if inserts and there and there[0]:
                _check_insert_is_refused(filled, connection, place, name, other)


def _check_insert_is_refused(
    site: SiteStand, connection: psycopg.Connection, place: Place, name: sql.Identifier, other: int
) -> None:
    """Check that the policy, and not a key, refuses a copy of another tenant's row."""
    columns = sql.SQL(
        "select array_agg(quote_ident(attname)) from pg_attribute where attrelid = %s::regclass and attnum > 0"
        " and attgenerated = '' and not attisdropped"
    )
    with site.admin(place) as admin:
        named = admin.execute(columns, (name.as_string(),)).fetchone()
        row = admin.execute(
            sql.SQL("select to_jsonb(t) from {} t where organization_id = %s limit 1").format(name), (other,)
        ).fetchone()
    assert named
    assert row
    listed = sql.SQL(",").join(sql.SQL(column) for column in named[0])
    insert = sql.SQL("insert into {} ({}) select {} from jsonb_populate_record(null::{}, %s::jsonb)")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        connection.execute(insert.format(name, listed, listed, name), (Jsonb(row[0]),))


def test_no_serving_role_bypasses_the_policies(site: SiteStand) -> None:
    with site.admin() as connection:
        query = "select rolname from pg_roles where (rolsuper or rolbypassrls) and rolname in ('trustmed_clinic')"
        assert connection.execute(query).fetchall() == []
