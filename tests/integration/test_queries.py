"""Every named query is prepared on its schema and explained on a generic plan.

The planner turns to a generic plan after some executions, and a query that was fast then reads a whole table
(`like 'x%'` is the classic). So no query may scan a large table without an index condition; the organisation alone
does not count as one, since a single organisation may fill a whole site.
"""

import re
from collections.abc import Iterator
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest

from tests.fix_schema import create_migrated
from tests.fix_servers import RunningPostgres
from trustmed.db.queries import load
from trustmed.schema import Place

SITE, DOCUMENTS, NSI = frozenset({Place.SITE}), frozenset({Place.DOCUMENTS}), frozenset({Place.NSI})
BOTH = SITE | DOCUMENTS
MPI, REGISTRY, RECORD = frozenset({Place.MPI}), frozenset({Place.REGISTRY}), frozenset({Place.RECORD})
BOOKING = frozenset({Place.BOOKING})
REGION = NSI | MPI | BOOKING | REGISTRY | RECORD


class At(NamedTuple):
    """A database of these places, and the role that sends the queries there."""

    places: frozenset[Place]
    role: str


CLINIC, STAFF, FEED, OWNER = "trustmed_clinic", "trustmed_region", "trustmed_feed", "postgres"
MONITOR, KEEPER, AUDITOR = "trustmed_monitor", "trustmed_keeper", "trustmed_auditor"
HOLDINGS = "store_holdings forget_withdrawn_holdings forget_holdings forget_sites_seen store_site_seen".split()

# Where a package's queries run: in each of the databases named. A package that is missing here fails the test below.
PACKAGES: dict[str, tuple[At, ...]] = {
    "trustmed.web": (At(SITE, CLINIC), At(REGISTRY, STAFF)),
    "trustmed.audit": (At(SITE, AUDITOR), At(MPI, AUDITOR)),
    "trustmed.booking": (At(SITE, CLINIC), At(BOOKING, STAFF), At(BOOKING, FEED)),
    "trustmed.clinic": (At(BOTH, CLINIC),),
    "trustmed.clinic.accounts": (At(SITE, CLINIC),),
    "trustmed.clinic.consents": (At(SITE, CLINIC),),
    "trustmed.clinic.emergency": (At(SITE, CLINIC),),
    "trustmed.clinic.link": (At(BOTH, CLINIC),),
    "trustmed.clinic.official": (At(SITE, CLINIC),),
    "trustmed.clinic.patients": (At(SITE, CLINIC),),
    "trustmed.clinic.visits": (At(SITE, CLINIC),),
    "trustmed.clinic.documents": (At(BOTH, CLINIC),),
    "trustmed.clinic.booking": (At(SITE, CLINIC),),
    "trustmed.clinic.revocation": (At(SITE, CLINIC),),
    "trustmed.clinic.schedule": (At(SITE, CLINIC),),
    "trustmed.clinic.shares": (At(SITE, CLINIC),),
    "trustmed.clinic.record": (At(SITE, CLINIC),),
    "trustmed.nsi": (At(SITE, CLINIC), At(NSI, STAFF)),
    "trustmed.staff": (At(SITE, CLINIC), At(SITE, KEEPER), At(REGISTRY, STAFF), At(REGISTRY, KEEPER)),
    "trustmed.region.access": (At(REGISTRY, STAFF), At(RECORD, STAFF), At(REGION, STAFF)),
    "trustmed.region.accounts": (At(REGISTRY, STAFF),),
    "trustmed.region.authority": (At(REGISTRY, STAFF), At(REGION, STAFF)),
    "trustmed.region.facts": (At(RECORD, FEED), At(REGION, FEED)),
    "trustmed.region.booking": (At(BOOKING, STAFF), At(REGION, STAFF)),
    "trustmed.region.booking.effects": (At(BOOKING, FEED), At(REGION, FEED)),
    "trustmed.feed": (At(REGISTRY, FEED), At(REGION, FEED)),
    "trustmed.region.index": (At(MPI, FEED), At(REGION, FEED)),
    "trustmed.region.citizens": (At(MPI, STAFF), At(REGION, STAFF)),
    "trustmed.region.persons": (At(MPI, STAFF), At(REGION, STAFF)),
    "trustmed.region.steward": (At(MPI, STAFF), At(REGION, STAFF)),
    "trustmed.region.links": (At(REGISTRY, STAFF),),
    "trustmed.region.disclosures": (At(RECORD, STAFF), At(REGION, STAFF)),
    "trustmed.region.nsi.versions": (At(NSI, STAFF), At(REGION, STAFF)),
    "trustmed.region.nsi.importing": (At(NSI, STAFF), At(REGION, STAFF)),
    "trustmed.region.nsi.editing": (At(NSI, STAFF),),
    "trustmed.region.record": (At(RECORD, STAFF), At(REGION, STAFF)),
    "trustmed.region.registry": (At(REGISTRY, STAFF), At(REGION, STAFF)),
    "trustmed.region.trust": (At(NSI, STAFF), At(REGION, STAFF)),
    "trustmed.topology": (At(REGISTRY, OWNER),),
    "trustmed.topology.native": (At(REGISTRY, OWNER),),
    "trustmed.topology.things": (At(REGISTRY, OWNER),),
    "trustmed.topology.watch": (At(REGISTRY, OWNER),),
    "trustmed.topology.watch.ends": (At(REGISTRY, OWNER),),
    "trustmed.demo.content": (At(SITE, OWNER),),
}
APART: dict[tuple[str, str], tuple[At, ...]] = {
    **{("trustmed.region.authority", name): (At(REGISTRY, KEEPER),) for name in ("add_code", "add_revocation")},
    ("trustmed.topology.watch", "versions_in_force"): (At(SITE, MONITOR),),
    **{("trustmed.topology.watch", name): (At(NSI, MONITOR),) for name in HOLDINGS},
    **{("trustmed.audit", name): (At(SITE, CLINIC),) for name in ("note", "newest", "newest_of_patient", "hand_over")},
    ("trustmed.audit", "hand_over_at_region"): (At(MPI, STAFF),),
    **{
        ("trustmed.region.record", name): (At(REGISTRY, STAFF), At(REGION, STAFF))
        for name in ("events_of_documents", "proof_at_registry", "last_hospital_summary")
    },
    ("trustmed.region.record", "spend"): (At(MPI, STAFF), At(REGION, STAFF)),
    ("trustmed.region.record", "person_of_patient"): (At(REGISTRY, STAFF), At(RECORD, STAFF), At(MPI, STAFF)),
    ("trustmed.region.disclosures", "own_looks"): (At(REGISTRY, STAFF), At(RECORD, STAFF), At(REGION, STAFF)),
    **{
        ("trustmed.region.access", name): (At(MPI, STAFF), At(REGION, STAFF))
        for name in ("note_emergency", "tell_of_emergency")
    },
    **{
        ("trustmed.region.disclosures", name): (At(REGISTRY, STAFF), At(REGION, STAFF))
        for name in ("make_view", "open_view", "view_of_session")
    },
    **{
        ("trustmed.region.record", name): (At(BOOKING, STAFF), At(REGION, STAFF))
        for name in ("proof_at_booking", "events_of_bookings")
    },
    **{("trustmed.region.booking", name): (At(BOOKING, FEED),) for name in ("set_quota", "quotas", "slot_counts")},
    ("trustmed.region.persons", "persons_of_patients"): (At(REGISTRY, FEED), At(REGION, FEED)),
    ("trustmed.region.persons", "links_of_person"): tuple(At(one, STAFF) for one in (REGISTRY, RECORD, MPI, REGION)),
    ("trustmed.demo.content", "add_region_account"): (At(REGISTRY, OWNER),),
    **{
        ("trustmed.demo.content", name): (At(REGISTRY, OWNER),)
        for name in ("add_client", "accounts_without_factor", "give_factor")
    },
    ("trustmed.demo.content", "set_share"): (At(BOOKING, OWNER),),
}
"""Queries that run elsewhere than the rest of their package."""

LARGE = {
    *("slot", "handover", "handback", "recall", "site_booking", "region_booking", "site_request", "region_request"),
    "patient",
    "visit",
    "fact",
    "visit_document",
    "document",
    "document_event",
    "document_body",
    "document_signature",
    "access",
    "entry",
    "patient_link",
    "person",
    *("profile", "key", "decision", "not_same", "act", "act_link"),
    "parked",
    "session",
    "verdict",
    "draft",
    *("fact", "fact_source"),
    *("reading", "consent"),
    *("slot", "handover", "handback", "site_booking", "region_booking"),
}
WHOLE = {
    *("parked_keys", "retry_parked", "census", "last_profile", "latest_failures", "count_unseen"),
    *("slots_to_settle", "people_expected"),
}
"""Queries that mean the whole table."""
EACH = "from generate_series(1, 60) o, generate_series(1, 200) n"
SOMETIME = "now() + n * interval '20 minutes'"
BOOKED = (
    "insert into booking.resource (organization_id, kind, name, speciality_code, speciality)"
    " select o, 'room', 'x', '1', 'x' from generate_series(1, 60) o, generate_series(1, 20) n",
    "insert into booking.slot (organization_id, resource_id, starts_at, ends_at, visit_kind)"
    f" select o, uuidv7(), {SOMETIME}, {SOMETIME} + interval '1 minute', 'any' {EACH}",
    f"insert into booking.handover (organization_id, slot_id, turn, sell_until) select o, uuidv7(), 1, now() {EACH}",
    f"insert into booking.handback (organization_id, slot_id, turn, why) select o, uuidv7(), 1, 'recall' {EACH}",
    "insert into booking.site_booking (organization_id, request_id, slot_id, resource_id, speciality_code, starts_at,"
    " ends_at, patient_id, channel, booked_by, booked_by_name) select o, uuidv7(), uuidv7(), uuidv7(), '1',"
    f" {SOMETIME}, {SOMETIME}, uuidv7(), 'registrar', 'x', 'x' {EACH}",
    "insert into booking.region_booking (organization_id, request_id, slot_id, turn, resource_id, speciality_code,"
    " starts_at, ends_at, person_id, patient_id, surname, given_name, birth_date, snils, channel, booked_by,"
    " booked_by_name) select o, uuidv7(), uuidv7(), 1, uuidv7(), '1',"
    f" {SOMETIME}, {SOMETIME}, uuidv7(), uuidv7(), 'x', 'x', now(), lpad(n::text, 11, '0'), 'portal', 'x', 'x' {EACH}",
    "analyze booking.resource, booking.slot, booking.handover, booking.handback, booking.site_booking,"
    " booking.region_booking",
)
COMPOSED = {"create_database", "copy_entries"}
"""Statements that no plan is made for: with a name to be filled in, and COPY."""

PARAMETER = re.compile(r"%\((\w+)\)[sbt]")
COMPARED = re.compile(r"(\w+)\)? (?:=|>=?|<=?|~~) ")
CASES = [
    pytest.param(package, name, at, id=f"{package}.{name}-{at.role}-{'+'.join(sorted(at.places))}")
    for package, everywhere in PACKAGES.items()
    for name, _ in load(package)
    for at in APART.get((package, name), everywhere)
    if name not in COMPOSED
]
USED = {at.places for case in CASES for at in case.values if isinstance(at, At)}
SOURCE = Path(str(import_module("trustmed").__file__)).parent


@pytest.fixture(scope="module")
def schemas(postgres_server: RunningPostgres) -> Iterator["Schemas"]:
    """A database for every set of places."""
    opened: Schemas = {}
    for number, places in enumerate(sorted(USED, key=sorted)):
        conninfo = create_migrated(postgres_server, f"queries{number}", places)
        connection = psycopg.connect(conninfo, autocommit=True)
        connection.execute((files("trustmed.topology.things") / "server.sql").read_bytes())
        _fill(connection, places)
        connection.execute("set enable_seqscan = off")  # empty tables look worth an index
        opened[places] = connection
    yield opened
    for connection in opened.values():
        connection.close()


def _fill(connection: psycopg.Connection, places: frozenset[Place]) -> None:
    """Insert rows into every partition of the tables that have several indexes to choose from."""
    if places & {Place.SITE, Place.MPI}:
        connection.execute(
            "insert into mpi.patient (organization_id, surname, given_name, birth_date, sex, snils, enp)"
            " select o, md5(n::text), 'x', date '1950-01-01' + n, 1, lpad(n::text, 11, '0'), lpad(n::text, 16, '0')"
            " from generate_series(1, 60) o, generate_series(1, 300) n"
        )
        connection.execute("analyze mpi.patient")
    if places & {Place.SITE, Place.BOOKING}:
        for statement in BOOKED:
            connection.execute(statement.encode())
    if places & {Place.DOCUMENTS, Place.REGISTRY}:
        connection.execute(
            "insert into registry.document (organization_id, set_id, patient_id, visit_id, kind, title, author_id,"
            " author_name, author_position, created_at, signed_at, size_bytes, sha256, signature_count)"
            " select o, uuidv7(), uuidv7(), uuidv7(), '119', 'x', uuidv7(), 'x', 'x', now(), now(), 1, sha256('x'), 1"
            " from generate_series(1, 60) o, generate_series(1, 100) n"
        )
        connection.execute("analyze registry.document")
    if Place.BOOKING in places:
        _fill_booking(connection)


FILL_BOOKING = """
insert into booking.handover (organization_id, slot_id, turn, sell_until)
    select organization_id, id, 1, starts_at from booking.slot;
insert into booking.handback (organization_id, slot_id, turn, why)
    select organization_id, id, 1, 'deadline' from booking.slot;
insert into booking.recall (organization_id, slot_id, turn) select organization_id, id, 1 from booking.slot;
insert into booking.site_booking (organization_id, request_id, slot_id, resource_id, speciality_code, starts_at,
    ends_at, patient_id, channel, booked_by, booked_by_name)
    select organization_id, uuidv7(), id, resource_id, '1', starts_at, ends_at, uuidv7(), 'registrar', 'x', 'x'
    from booking.slot;
insert into booking.region_booking (organization_id, request_id, slot_id, turn, resource_id, speciality_code, starts_at,
    ends_at, phone, surname, given_name, birth_date, channel, booked_by, booked_by_name)
    select organization_id, uuidv7(), id, 1, resource_id, '1', starts_at, ends_at, '1', 'x', 'x', '1980-01-01',
    'portal', 'x', 'x' from booking.slot;
"""


def _fill_booking(connection: psycopg.Connection) -> None:
    connection.execute(
        "insert into booking.slot (organization_id, resource_id, starts_at, ends_at, visit_kind)"
        " select o, uuidv7(), now() + n * interval '1 hour', now() + (n + 0.25) * interval '1 hour', 'any'"
        " from generate_series(1, 60) o, generate_series(1, 100) n"
    )
    for statement in FILL_BOOKING.split(";\n")[:-1]:
        connection.execute(statement.encode())
    connection.execute("analyze booking.slot, booking.handover, booking.handback, booking.recall")
    connection.execute("analyze booking.site_booking, booking.region_booking")


Schemas = dict[frozenset[Place], psycopg.Connection]


def _with_role(schemas: Schemas, at: At) -> psycopg.Connection:
    """Set the role that sends these queries, with its policies; return the connection."""
    schemas[at.places].execute(f"set role {at.role}".encode())
    return schemas[at.places]


@pytest.mark.parametrize(("package", "name", "at"), CASES)
def test_a_query_scans_no_large_table_unless_it_means_the_whole_table(
    schemas: Schemas, package: str, name: str, at: At
) -> None:
    if name not in WHOLE:
        assert _whole_scans(_with_role(schemas, at), load(package)[name]) == []
    else:
        assert _whole_scans(_with_role(schemas, at), load(package)[name]) != []


def test_the_check_notices_queries_that_scan_whole_tables(schemas: Schemas) -> None:
    clinic, region = _with_role(schemas, At(SITE, CLINIC)), _with_role(schemas, At(REGISTRY, STAFF))
    assert _whole_scans(clinic, "select id from mpi.patient where lower(surname) like %(prefix)s limit 20") != []
    assert _whole_scans(clinic, "select id from mpi.patient where enp is null") != []
    assert _whole_scans(region, "select id from registry.document where title like %(title)s") != []


def test_every_package_with_queries_is_listed() -> None:
    with_queries = {".".join(path.parent.relative_to(SOURCE.parent).parts) for path in SOURCE.rglob("queries.sql")}
    assert with_queries - set(PACKAGES) == set()


def _positional(query: str) -> str:
    """Return the query with $1, $2 … for its parameters, by first mention, as psycopg sends it."""
    numbers: dict[str, int] = {}
    spelled = PARAMETER.sub(lambda found: f"${numbers.setdefault(found[1], len(numbers) + 1)}", query)
    return spelled.replace("%%", "%").rstrip().rstrip(";")


def _whole_scans(connection: psycopg.Connection, query: str) -> list[str]:
    explained = connection.execute(f"explain (generic_plan, format json) {_positional(query)}".encode()).fetchone()
    assert explained
    return list(_unconditional(explained[0][0]["Plan"]))


def _unconditional(node: dict[str, Any]) -> Iterator[str]:
    """Find scans of large tables that would read them whole."""
    relation = str(node.get("Relation Name", ""))
    base = relation[:-4] if relation[-4:-2] == "_p" and relation[-2:].isdigit() else relation
    base = "access" if base.startswith("access_") else base  # a month of the trail
    if base in LARGE and node["Node Type"] != "ModifyTable":
        condition = str(node.get("Index Cond", node.get("Recheck Cond", "")))
        if not set(COMPARED.findall(condition)) - {"organization_id"}:
            yield f"{node['Node Type']} on {relation} {condition}"
    for inner in node.get("Plans", ()):
        yield from _unconditional(inner)
