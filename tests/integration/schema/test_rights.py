"""Who may do what with each table is written down, and a table that nobody wrote down fails."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.fix_schema import MakeDatabase
from trustmed.schema import Place

WRITTEN = Path(__file__).parents[3] / "docs" / "schema" / "rights.txt"

# Every role, table and right; of rights to some columns only, the columns.
RIGHTS = """
select r.rolname, n.nspname || '.' || c.relname, p.name,
       case when has_table_privilege(r.oid, c.oid, p.name) then '' else (
           select string_agg(a.attname, ',' order by a.attnum) from pg_attribute a
           where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and p.name <> 'delete'
             and has_column_privilege(r.oid, c.oid, a.attnum, p.name)
       ) end as columns
from pg_roles r
cross join pg_class c join pg_namespace n on n.oid = c.relnamespace
cross join (values ('select'), ('insert'), ('update'), ('delete')) p (name)
where r.rolname like 'trustmed\\_%' and r.rolname <> 'trustmed_owner'
  and c.relkind in ('r', 'p', 'v', 'm') and not c.relispartition
  and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
order by 1, 2, 3
"""
# What the monitor reads: no row of a person, no body. Everything else it compares by `replication.digest`.
MONITOR = {
    "trust.revocation_list",
    "authority.certificate",
    "authority.revocation",
    "feed.parked",
    "feed.position",
    "monitor.link_state",
    "nsi.dictionary",
    "nsi.holding",
    "nsi.site_seen",
    "public.trustmed_migration",
    "replication.heartbeat",
    "replication.incarnation",
    "replication.loss",
    "replication.quarantine",
}
MONITOR_IN_PART = {"feed.parked": "change", "replication.quarantine": "content", "nsi.dictionary": "title"}
WRITES_OF_WEB_ROLES = ("access.account", "access.employee", "access.client")
# Tables a site's role reads although any organisation's rows are there, and why that is right.
OPEN_AT_SITE = {
    "access.session": "a session is found by its secret before the organisation is known",
}
OPEN_AT_REGION = {
    "access.session": "a session is found by its secret",
    "booking.quota": "shares of slots, of no person",
    "booking.resource": "doctors and rooms, of no patient",
    "booking.slot": "slots, of no patient",
    "booking.handover": "slots, of no patient",
    "booking.handback": "slots, of no patient",
    "booking.recall": "slots, of no patient",
}
PERSONAL = """
select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and not c.relispartition and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname in
              ('organization_id', 'patient_id', 'person_id') and not a.attisdropped)
  and has_any_column_privilege(%(role)s, c.oid, 'select')
  and not (c.relrowsecurity and exists (
      select from pg_policy p where p.polrelid = c.oid and p.polroles && array[0::oid, %(role)s::regrole::oid]
  ))
"""


@pytest.fixture(params=list(Place), ids=str)
def database(request: pytest.FixtureRequest, make_database: MakeDatabase) -> Iterator[psycopg.Connection]:
    with psycopg.connect(make_database(request.param), autocommit=True, application_name=request.param) as connection:
        yield connection


def lines(connection: psycopg.Connection) -> list[str]:
    found = connection.execute(RIGHTS.encode()).fetchall()
    place = connection.info.get_parameters()["application_name"]
    return [
        f"{place} {table} {role} {right}" + (f" ({columns})" if columns else "")
        for role, table, right, columns in found
        if columns is not None
    ]


def test_the_rights_are_those_that_are_written_down(database: psycopg.Connection) -> None:
    found, place = lines(database), database.info.get_parameters()["application_name"]
    written = WRITTEN.read_text("utf-8").splitlines() if WRITTEN.exists() else []
    if os.environ.get("TRUSTMED_WRITE_SCHEMA") == "1":
        others = [line for line in written if not line.startswith(f"{place} ")]
        WRITTEN.write_text("\n".join(sorted([*others, *found])) + "\n", "utf-8")
        return
    assert sorted(found) == [line for line in written if line.startswith(f"{place} ")]


def test_the_monitor_reads_no_row_of_a_person(database: psycopg.Connection) -> None:
    read = {line.split()[1] for line in lines(database) if " trustmed_monitor select" in line}
    assert read <= MONITOR
    for table, column in MONITOR_IN_PART.items():
        if table in read:
            answer = database.execute(
                "select has_column_privilege('trustmed_monitor', %s, %s, 'select')", (table, column)
            )
            assert answer.fetchone() == (False,)


def test_web_roles_write_no_account_and_no_client(database: psycopg.Connection) -> None:
    written = {
        tuple(line.split()[1:3])
        for line in lines(database)
        if line.split()[1] in WRITES_OF_WEB_ROLES and line.split()[3] != "select"
    }
    assert written == set()


@pytest.mark.parametrize(("role", "allowed"), [("trustmed_clinic", OPEN_AT_SITE), ("trustmed_region", OPEN_AT_REGION)])
def test_rows_of_persons_and_tenants_are_under_a_policy(
    database: psycopg.Connection, role: str, allowed: dict[str, str]
) -> None:
    bare = {name for (name,) in database.execute(PERSONAL, {"role": role})}
    assert bare <= set(allowed)
