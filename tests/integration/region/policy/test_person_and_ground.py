"""The region's role sees a person's rows only in a transaction that recorded the reading itself."""

from collections.abc import Callable
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql
from tests.fix_region import RegionStand

from trustmed.schema import Place

PLACES = (Place.MPI, Place.REGISTRY, Place.BOOKING, Place.RECORD)
INSERT = (
    "insert into audit.access (id, actor, actor_name, channel, action, ground, person_id, outcome)"
    " values (%s, 'a', 'a', 'portal', 'registry:documents:list', 'own', %s, %s)"
)
TENANT_TABLES = """
select n.nspname || '.' || c.relname, c.relrowsecurity
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_attribute a on a.attrelid = c.oid and not a.attisdropped and a.attnum > 0
where c.relkind in ('r', 'p') and not c.relispartition and a.attname = 'organization_id'
  and n.nspname not in ('pg_catalog', 'information_schema')
  and c.oid <> coalesce(to_regclass('access.session'), 0)  -- found by its secret before the organisation is known
order by 1
"""
READABLE = """
select n.nspname || '.' || c.relname
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm') and not c.relispartition
  and n.nspname not in ('pg_catalog', 'information_schema')
  and has_schema_privilege('trustmed_region', n.oid, 'usage')
  and (has_table_privilege('trustmed_region', c.oid, 'select')
       or has_any_column_privilege('trustmed_region', c.oid, 'select'))
order by 1
"""
INDEX = {  # opened as a whole to those who work with the index
    *("mpi.person", "mpi.profile", "mpi.key", "mpi.decision", "mpi.review", "mpi.not_same", "mpi.act", "mpi.act_link"),
    *("mpi.pin", "mpi.rematch", "mpi.citizen_question"),
}
TRAIL = {"audit.access", "audit.reading"}  # opened to the person, and to a transaction that audited reading it
FILL_INDEX = """
insert into mpi.profile (number, organization_id, patient_id, content, keys)
    values (nextval('mpi.profile_number'), 101, %(patient)s, '', '{1}');
insert into mpi.key (key, number) values (1, currval('mpi.profile_number'));
insert into mpi.decision (kind, person_id, author, author_name, reason) values ('linked', %(person)s, 'x', 'x', 'x');
insert into mpi.review (organization_id, patient_id, other_organization_id, other_patient_id, weight, priority, reason,
    model, explanation) values (101, %(patient)s, 102, %(patient)s, 1, 1, 'x', 'x', '{}');
insert into mpi.act (kind, person_id, other_person_id, author, author_name, reason)
    values ('not_same', %(person)s, %(person)s, 'x', 'x', 'x');
insert into mpi.act_link (act_id, organization_id, patient_id, person_before, decision_before, reason_before,
    linked_before, person_after)
    select id, 101, %(patient)s, %(person)s, 'automatic', 'x', now(), %(person)s
    from mpi.act where person_id = %(person)s;
insert into mpi.not_same (organization_id, patient_id, other_organization_id, other_patient_id, act_id)
    select 101, %(patient)s, 102, %(patient)s, id from mpi.act where person_id = %(person)s;
insert into mpi.pin (person_id, field, value, author, author_name, reason)
    values (%(person)s, 'phone', '1', 'x', 'x', 'x');
insert into mpi.rematch (organization_id, patient_id) values (101, %(patient)s);
insert into mpi.citizen_question (identity_sha256, snils, surname, given_name, birth_date, sub, client_name)
    values (%(person)s::uuid::text, '11223344595', 'x', 'x', '1990-01-01', 'x', 'x');
"""
FILL_FACTS = """
with source as (
    insert into record.fact_source (organization_id, document_id, patient_id, extractor, facts, not_understood)
    values (101, uuidv7(), %s, 1, 1, 0)
)
insert into record.fact (organization_id, document_id, ordinal, patient_id, kind, title, at)
values (101, uuidv7(), 1, %s, 'other', 'x', now())
"""
FILL_BOOKING = """
insert into booking.site_booking (organization_id, request_id, slot_id, resource_id, speciality_code, starts_at,
    ends_at, patient_id, channel, booked_by, booked_by_name)
    values (101, uuidv7(), uuidv7(), uuidv7(), '1', now(), now(), %(patient)s, 'registrar', 'x', 'x');
insert into booking.region_booking (organization_id, request_id, slot_id, turn, resource_id, speciality_code, starts_at,
    ends_at, person_id, surname, given_name, birth_date, channel, booked_by, booked_by_name)
    values (101, uuidv7(), uuidv7(), 1, uuidv7(), '1', now(), now(), %(person)s, 'x', 'x', now(), 'portal', 'x', 'x');
insert into booking.region_request (organization_id, booking_id, ask, channel, by_name, why)
    values (101, uuidv7(), 'cancel', 'portal', 'x', 'x');
"""
OPEN_TO_BOOKING = {"booking.region_request"}
OPEN_TO_THE_REGION = {  # nothing of any patient is in them
    *("authority.certificate", "authority.code", "authority.revocation", "access.staff", "trust.revocation_list"),
    *("access.account", "access.client", "access.session", "feed.parked", "feed.position", "monitor.link_state"),
    *("nsi.dictionary", "nsi.entry", "nsi.version", "nsi.alias", "nsi.publication", "nsi.holding", "nsi.site_seen"),
    *("nsi.own_draft", "nsi.own_row"),
    *("booking.quota", "booking.resource", "booking.slot", "booking.handover", "booking.handback", "booking.recall"),
}


@pytest.fixture(params=PLACES, ids=lambda place: place.value)
def place(request: pytest.FixtureRequest) -> Place:
    return request.param


@pytest.fixture
def alice(region: RegionStand) -> UUID:
    """A person with rows in every guarded table, and somebody else's rows beside them."""
    for _ in range(2):
        citizen = region.add_citizen()
        patient = region.add_patient(citizen)
        signed = region.sign(patient)
        with region.admin(Place.REGISTRY) as connection:
            connection.execute(
                "insert into registry.document_event (organization_id, document_id, event, actor_id, actor_name)"
                " values (101, %s, 'signed', %s, 'x')",
                (signed.id, uuid4()),
            )
        with region.admin(Place.RECORD) as connection:
            connection.execute(
                "insert into record.visit (organization_id, patient_id, employee_id, doctor_name)"
                " values (101, %s, %s, 'x')",
                (patient, uuid4()),
            )
            connection.execute(FILL_FACTS, (patient, patient))
            connection.execute(
                "insert into record.consent (organization_id, patient_id, recorded_by, recorded_by_name)"
                " values (101, %s, %s, 'x')",
                (patient, uuid4()),
            )
            connection.execute(
                "insert into audit.reading (organization_id, id, at, actor_name, action, ground, patient_id)"
                " values (101, uuidv7(), now(), 'x', 'patient:card:read', 'treatment', %s)",
                (patient,),
            )
        with region.admin(Place.MPI) as connection:
            connection.execute(
                "insert into mpi.patient (organization_id, id, surname, given_name, birth_date, sex)"
                " values (101, %s, 'Пробная', 'Алиса', '1990-01-01', 2)",
                (patient,),
            )
            for statement in FILL_INDEX.split(";\n")[:-1]:
                connection.execute(statement.encode(), {"patient": patient, "person": citizen.id})
        with region.admin(Place.BOOKING) as connection:
            for statement in FILL_BOOKING.split(";\n")[:-1]:
                connection.execute(statement.encode(), {"patient": patient, "person": citizen.id})
    return citizen.id


def guarded_tables(region: RegionStand, place: Place) -> list[str]:
    with region.admin(place) as connection:
        return [name for (name,) in connection.execute(READABLE) if name not in OPEN_TO_THE_REGION]


def count_rows(connection: psycopg.Connection, tables: list[str]) -> dict[str, int]:
    found = {}
    for table in tables:
        query = sql.SQL("select count(*) from {}").format(sql.Identifier(*table.split(".")))
        row = connection.execute(query).fetchone()
        assert row is not None
        found[table] = row[0]
    return found


def test_every_tenant_table_has_row_level_security(region: RegionStand, place: Place):
    with region.admin(place) as connection:
        tables = connection.execute(TENANT_TABLES).fetchall()
    assert tables
    assert [name for name, guarded in tables if not guarded] == []


def test_every_table_the_region_reads_is_guarded_or_known_to_hold_no_patient(region: RegionStand, place: Place):
    with region.admin(place) as connection:
        guards = dict(
            connection.execute(
                "select p.schemaname || '.' || p.tablename, string_agg(p.qual, ' ') from pg_policies p"
                " where 'trustmed_region' = any (p.roles) and p.cmd in ('SELECT', 'ALL') group by 1"
            ).fetchall()
        )
    for table in guarded_tables(region, place):
        assert table in guards, f"{table} is readable by trustmed_region and has no policy for it"
        refers = ("granted_person", "registry.document", "FROM registry")
        refers = ("granted_index",) if table in INDEX else ("granted_trail",) if table in TRAIL else refers
        if table in INDEX:
            refers = ("granted_index",)
        if table in OPEN_TO_BOOKING:
            refers = ("granted_booking",)
        assert any(word in guards[table] for word in refers), f"{table}: {guards[table]}"


def test_partitions_cannot_be_read_past_the_policy_of_their_parent(region: RegionStand, place: Place):
    with region.admin(place) as connection:
        open_ones = connection.execute(
            "select c.oid::regclass::text from pg_class c where c.relispartition and c.relkind = 'r'"
            " and (has_table_privilege('trustmed_region', c.oid, 'select')"
            "      or has_table_privilege('trustmed_clinic', c.oid, 'select'))"
        ).fetchall()
    assert open_ones == []


@pytest.mark.parametrize("role", ["trustmed_region", "trustmed_clinic", "trustmed_feed", "trustmed_monitor"])
def test_no_serving_role_bypasses_row_level_security(region: RegionStand, place: Place, role: str):
    with region.admin(place) as connection:
        row = connection.execute(
            "select rolsuper, rolbypassrls, pg_has_role(oid, 'trustmed_owner', 'member'),"
            " exists (select from pg_class where relowner = r.oid) from pg_roles r where rolname = %s",
            (role,),
        ).fetchone()
    assert row == (False, False, False, False)


def test_without_an_audit_row_nothing_is_seen(region: RegionStand, place: Place, alice: UUID):
    tables = guarded_tables(region, place)
    with region.connect(place, "trustmed_region") as connection:
        assert set(count_rows(connection, tables).values()) == {0}


def test_with_the_audit_row_of_this_transaction_the_persons_rows_are_seen_and_no_others(
    region: RegionStand, place: Place, alice: UUID
):
    tables = guarded_tables(region, place)
    with region.connect(place, "trustmed_region") as connection, connection.transaction():
        access = uuid4()
        connection.execute(INSERT, (access, alice, "granted"))
        connection.execute("select set_config('trustmed.access_id', %s, true)", (str(access),))
        found = count_rows(connection, tables)
    two = {"record.document_signature"}
    if "mpi.patient" in tables:  # the citizen's card of a clinic of another site
        two |= {"mpi.patient", "mpi.patient_link"}
    assert found == {table: 0 if table in INDEX | OPEN_TO_BOOKING else 2 if table in two else 1 for table in tables}


@pytest.mark.parametrize(
    ("action", "ground", "outcome", "is_open"),
    [
        ("mpi:index:search", "service", "granted", True),
        ("mpi:index:search", "own", "granted", False),
        ("mpi:index:search", "service", "refused", False),
        ("mpi:person:find", "service", "granted", False),
    ],
)
def test_an_audited_use_of_the_index_opens_the_index_and_no_documents(
    region: RegionStand, place: Place, alice: UUID, action: str, ground: str, outcome: str, is_open: bool
):
    tables = guarded_tables(region, place)
    with region.connect(place, "trustmed_region") as connection, connection.transaction():
        access = uuid4()
        connection.execute(
            "insert into audit.access (id, actor, actor_name, channel, action, ground, outcome)"
            " values (%s, 'a', 'a', 'region', %s, %s, %s)",
            (access, action, ground, outcome),
        )
        connection.execute("select set_config('trustmed.access_id', %s, true)", (str(access),))
        found = count_rows(connection, tables)
    opened = {*INDEX, "mpi.patient", "mpi.patient_link"} if "mpi.patient" in tables and is_open else set()
    assert {table for table, count in found.items() if count} == opened


def write_no_row(connection: psycopg.Connection, access: UUID, person: UUID, stranger: UUID) -> None:
    """The setting names an id that is nowhere."""


def write_row_of_another_person(connection: psycopg.Connection, access: UUID, person: UUID, stranger: UUID) -> None:
    connection.execute(INSERT, (access, stranger, "granted"))


def write_refused_row(connection: psycopg.Connection, access: UUID, person: UUID, stranger: UUID) -> None:
    connection.execute(INSERT, (access, person, "refused"))


def write_not_found_row(connection: psycopg.Connection, access: UUID, person: UUID, stranger: UUID) -> None:
    connection.execute(INSERT, (access, person, "not_found"))


def write_row_of_nobody(connection: psycopg.Connection, access: UUID, person: UUID, stranger: UUID) -> None:
    connection.execute(INSERT, (access, None, "granted"))


def write_row_and_roll_back(connection: psycopg.Connection, access: UUID, person: UUID, stranger: UUID) -> None:
    with connection.transaction() as savepoint:
        connection.execute(INSERT, (access, person, "granted"))
        raise psycopg.Rollback(savepoint)


@pytest.mark.parametrize(
    "write",
    [
        write_no_row,
        write_row_of_another_person,
        write_refused_row,
        write_not_found_row,
        write_row_of_nobody,
        write_row_and_roll_back,
    ],
)
def test_any_other_audit_row_opens_nothing_of_the_person(
    region: RegionStand, place: Place, alice: UUID, write: Callable[..., None]
):
    access, tables = uuid4(), guarded_tables(region, place)
    with region.connect(place, "trustmed_region") as connection, connection.transaction():
        write(connection, access, alice, uuid4())
        connection.execute("select set_config('trustmed.access_id', %s, true)", (str(access),))
        found = count_rows(connection, tables)
        of_alice = connection.execute("select count(*) from audit.access where person_id = %s", (alice,)).fetchone()
    assert of_alice == (0,)
    # The row about another person is part of that person's trail, so it alone is seen.
    assert found == {table: int(table == "audit.access" and write is write_row_of_another_person) for table in tables}


def test_the_audit_row_of_an_older_transaction_opens_nothing(region: RegionStand, place: Place, alice: UUID):
    access, tables = uuid4(), guarded_tables(region, place)
    with region.connect(place, "trustmed_region") as connection:
        connection.execute(INSERT, (access, alice, "granted"))
        with connection.transaction():
            connection.execute(INSERT, (uuid4(), uuid4(), "granted"))
            connection.execute("select set_config('trustmed.access_id', %s, true)", (str(access),))
            assert set(count_rows(connection, tables).values()) == {0}


def test_the_setting_of_one_transaction_does_not_reach_the_next(region: RegionStand, place: Place, alice: UUID):
    tables = guarded_tables(region, place)
    with region.connect(place, "trustmed_region") as connection:
        with connection.transaction():
            access = uuid4()
            connection.execute(INSERT, (access, alice, "granted"))
            connection.execute("select set_config('trustmed.access_id', %s, false)", (str(access),))
        assert set(count_rows(connection, tables).values()) == {0}


@pytest.mark.parametrize("column", ["transaction", "at"])
def test_an_audit_row_cannot_be_made_for_another_moment(region: RegionStand, place: Place, column: str):
    values = {"transaction": "(pg_current_xact_id()::text::bigint + 1)::text::xid8", "at": "now() - interval '1 day'"}
    query = sql.SQL(
        "insert into audit.access (actor, actor_name, channel, action, ground, {})"
        " values ('a', 'a', 'portal', 'registry:documents:list', 'own', {})"
    ).format(sql.Identifier(column), sql.SQL(values[column]))  # ty: ignore[invalid-argument-type]
    with region.connect(place, "trustmed_region") as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(query)


@pytest.mark.parametrize(
    "statement",
    ["select * from audit.access", "update audit.access set outcome = 'granted'", "delete from audit.access"],
)
def test_the_region_can_only_append_to_the_audit_log(region: RegionStand, place: Place, statement: str):
    with region.connect(place, "trustmed_region") as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.encode())


def test_the_region_cannot_write_audit_rows_in_a_clinics_name(region: RegionStand, place: Place):
    with region.connect(place, "trustmed_region") as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(
            "insert into audit.access (actor, actor_name, channel, action, ground)"
            " values ('a', 'a', 'site', 'registry:documents:list', 'own')"
        )


def test_a_setting_that_is_not_an_id_opens_nothing(region: RegionStand, place: Place, alice: UUID):
    with region.connect(place, "trustmed_region") as connection, connection.transaction():
        connection.execute("select set_config('trustmed.access_id', %s, true)", (f"{alice}' or true",))
        with pytest.raises(psycopg.errors.InvalidTextRepresentation):
            count_rows(connection, ["mpi.patient_link"])
