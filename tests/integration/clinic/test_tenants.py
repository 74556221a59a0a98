"""No tenant sees another's rows, whatever the application forgets: every tenant table, as the role that serves."""

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
"""
PLACES = (Place.SITE, Place.DOCUMENTS)
REST = (
    "insert into record.consent (organization_id, patient_id, recorded_by, recorded_by_name)"
    " values (%(organization)s, uuidv7(), uuidv7(), 'x')",
    "insert into mpi.break_glass (organization_id, patient_id, person_id, reader_name, reader_position, reason)"
    " values (%(organization)s, uuidv7(), uuidv7(), 'x', 'x', 'x')",
    "insert into clinic.glass_seen (organization_id, id, seen_by, seen_by_name)"
    " values (%(organization)s, uuidv7(), 'x', 'x')",
)


@pytest.fixture
async def filled(site: SiteStand, client: Client) -> SiteStand:
    """Both organisations have signed a document, so no tenant table of theirs is empty."""
    own = site.patient
    for login, patient in (("doctor", own), ("stranger", site.strange_patient)):
        site.patient = patient
        doctor = await client.as_(login)
        draft = await doctor.preview(site)
        await doctor.post(f"/api/v1/documents/{draft['id']}/sign", json={"method": "software"})
        await doctor.preview(site)
    site.patient = own
    _make_rows_of_the_rest(site)
    return site


def _make_rows_of_the_rest(site: SiteStand) -> None:
    with site.admin() as connection:
        for organization_id in (HOSPITAL, AMBULANCE):
            connection.execute(
                "insert into clinic.verdict values (%s, sha256('x'), '119', 'd', true, 1, '[]') on conflict do nothing",
                (organization_id,),
            )
            for statement in REST:
                connection.execute(statement, {"organization": organization_id})
    for place in PLACES:
        with site.admin(place) as connection:
            for organization_id in (HOSPITAL, AMBULANCE):
                connection.execute(
                    "insert into mpi.patient_link values (%s, %s, uuidv7(), 'automatic', 'test')"
                    " on conflict do nothing",
                    (organization_id, UUID(int=organization_id)),
                )


def tables(site: SiteStand) -> Iterator[tuple[Place, str, tuple[bool, bool, bool]]]:
    for place in PLACES:
        with site.admin(place) as connection:
            for name, *rights in connection.execute(TENANT_TABLES).fetchall():
                yield place, name, (rights[0], rights[1], rights[2])


def serving(site: SiteStand, place: Place, organization_id: int | None) -> psycopg.Connection:
    connection = psycopg.connect(site.conninfo(place, "trustmed_clinic"))
    if organization_id is not None:
        connection.execute("select set_config('trustmed.organization_id', %s, true)", (str(organization_id),))
    return connection


def identifier(table: str) -> sql.Identifier:
    return sql.Identifier(*table.split("."))


def test_the_tables_are_those_we_think_of(site: SiteStand) -> None:
    found = {name for _, name, _ in tables(site)}
    assert found >= {"mpi.patient", "access.account", "clinic.draft", "record.document_body", "registry.document"}


def test_without_a_tenant_nothing_is_seen(filled: SiteStand) -> None:
    for place, table, _ in tables(filled):
        with serving(filled, place, None) as connection:
            rows = connection.execute(sql.SQL("select * from {}").format(identifier(table))).fetchall()
            assert rows == [], table


@pytest.mark.parametrize(("mine", "other"), [(HOSPITAL, AMBULANCE), (AMBULANCE, HOSPITAL)])
def test_one_tenant_sees_its_own_rows_only(filled: SiteStand, mine: int, other: int) -> None:
    for place, table, _ in tables(filled):
        query = sql.SQL("select distinct organization_id from {}").format(identifier(table))
        with serving(filled, place, mine) as connection:
            seen = {row[0] for row in connection.execute(query).fetchall()}
        assert seen <= {mine}, table
        if place is Place.DOCUMENTS or not table.startswith(("registry.", "record.document_")):
            assert table == "audit.access" or seen == {mine}, f"{table} is empty: the test would prove nothing"


@pytest.mark.parametrize(("mine", "other"), [(HOSPITAL, AMBULANCE), (AMBULANCE, HOSPITAL)])
def test_one_tenant_writes_no_row_of_another(filled: SiteStand, mine: int, other: int) -> None:
    for place, table, (inserts, updates, deletes) in tables(filled):
        name = identifier(table)
        with filled.admin(place) as admin:
            there = admin.execute(
                sql.SQL("select count(*) from {} where organization_id = %s").format(name), (other,)
            ).fetchone()
        with serving(filled, place, mine) as connection:
            if updates:
                moved = sql.SQL("update {} set organization_id = organization_id where organization_id = %s")
                assert connection.execute(moved.format(name), (other,)).rowcount == 0, table
            if deletes:
                gone = sql.SQL("delete from {} where organization_id = %s")
                assert connection.execute(gone.format(name), (other,)).rowcount == 0, table
            if inserts and there and there[0]:
                _must_not_insert(filled, connection, place, name, other)


def _must_not_insert(
    site: SiteStand, connection: psycopg.Connection, place: Place, name: sql.Identifier, other: int
) -> None:
    """A copy of another's row, taken by the superuser, is refused by the policy and not by a key."""
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


def test_no_serving_role_goes_round_the_policies(site: SiteStand) -> None:
    with site.admin() as connection:
        query = "select rolname from pg_roles where (rolsuper or rolbypassrls) and rolname in ('trustmed_clinic')"
        assert connection.execute(query).fetchall() == []
