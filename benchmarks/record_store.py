"""A region of four shards filled in bulk: the real schema, rows by generate_series, in the order of time.

Ten patients stand for four persons: with one, two, three and four organisations, each of another shard. So a person has
eight to thirty-two documents, and as many facts, spread over the whole table as in life.
"""

import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import msgspec
import psycopg
from psycopg import sql

from trustmed.db.migrate import grant_creation, migrate
from trustmed.embedded import cluster, postgres, valkey
from trustmed.embedded.cluster import PostgresServer
from trustmed.embedded.ports import free_ports
from trustmed.embedded.unprivileged import data_root
from trustmed.schema import Place, roles_sql
from trustmed.topology.file.load import load
from trustmed.topology.file.spec import Database, Topology
from trustmed.topology.secrets import write_secret

PASSWORD = "bench"  # noqa: S105 servers that live for the benchmark
TOKEN = "bench"  # noqa: S105
SHARDS, CLINICS = 4, 10
SERVERS = ("centre", "registry", *(f"record{number}" for number in range(1, SHARDS + 1)))
"""Each server has one database of its name."""
DOCUMENTS_EACH = 8
ROLES = ("trustmed_region", "trustmed_feed", "trustmed_monitor")
SETTINGS = {
    **{
        "shared_buffers": "512MB",
        "max_wal_size": "8GB",
        "checkpoint_timeout": "30min",
        "maintenance_work_mem": "512MB",
    },
    **{"wal_level": "minimal", "max_wal_senders": "0", "autovacuum": "off"},
}
# Maps a patient's number (from 0) to person and organisation, as the module's docstring says.
PATIENTS = """
create unlogged table public.bench_patient as
select p, s.s as shard, (1 + s.s * 10 + mod(p / 10, 10))::integer as organization_id,
    ('0198aaaa-0000-7000-8000-' || lpad(to_hex(p), 12, '0'))::uuid as patient_id,
    ('0198bbbb-0000-7000-8000-' || lpad(to_hex(p / 10 * 4 + w.who), 12, '0'))::uuid as person_id
from generate_series(0, %(patients)s - 1) as p
cross join lateral (
    select (array[0, 1, 1, 2, 2, 2, 3, 3, 3, 3])[mod(p, 10) + 1] as who,
        (array[0, 0, 1, 0, 1, 2, 0, 1, 2, 3])[mod(p, 10) + 1] as nth
) as w
cross join lateral (select mod(w.who + w.nth, 4) as s) as s
"""
LINKS = """
insert into mpi.patient_link (organization_id, patient_id, person_id, decision, reason)
select organization_id, patient_id, person_id, 'automatic', 'snils' from public.bench_patient
"""
_SERIES = """
from generate_series(0, %(documents)s - 1) as d
join public.bench_patient b on b.p = mod(d, %(patients)s)
"""
_ID = "('0198cccc-0000-7000-8000-' || lpad(to_hex(d), 12, '0'))::uuid"
_AT = "timestamptz '2021-11-01' + d * (interval '5 years' / %(documents)s)"
DOCUMENTS = f"""
insert into registry.document (organization_id, id, set_id, patient_id, visit_id, kind, title, author_id, author_name,
    author_position, created_at, signed_at, size_bytes, sha256, signature_count)
select b.organization_id, {_ID}, {_ID}, b.patient_id, {_ID}, (array['119', '5', '12'])[mod(d, 3) + 1],
    (array['Протокол консультации', 'Протокол инструментального исследования', 'Эпикриз'])[mod(d, 3) + 1], {_ID},
    'Проверкин Пётр Петрович', 'врач-терапевт участковый', {_AT}, {_AT}, 12000, sha256(d::text::bytea), 2
{_SERIES}
"""
VISITS = f"""
insert into record.visit (organization_id, id, patient_id, employee_id, doctor_name, started_at, closed_at)
select b.organization_id, {_ID}, b.patient_id, {_ID}, 'Проверкин Пётр Петрович', {_AT}, {_AT}
{_SERIES} where b.shard = %(shard)s and mod(d / %(patients)s, 2) = 0
"""
FACTS = f"""
insert into record.fact (organization_id, document_id, ordinal, patient_id, kind, code, system, title, value, unit, at,
    section)
select b.organization_id, {_ID}, 0, b.patient_id, (array['diagnosis', 'vital', 'allergy', 'laboratory'])[mod(d, 4) + 1],
    'C' || mod(d, 50), '1.2.643.5.1.13.13.11.1005', 'Проверочное наблюдение ' || mod(d, 50), mod(d, 200)::text,
    'мм рт. ст.', {_AT}, 'STATE'
{_SERIES} where b.shard = %(shard)s
"""


class Store(msgspec.Struct, frozen=True):
    """A running region with data. `file`: its topology; `cache`: its Redis with the password."""

    topology: Topology
    file: Path
    servers: dict[str, PostgresServer]
    cache: str
    persons: int
    load_seconds: float

    def admin(self, database: str) -> str:
        return cluster.conninfo(self.servers[database], user="postgres", password=PASSWORD, dbname=database)

    def shard_of(self, organization_id: int) -> str:
        site = self.topology.site_of_organization(organization_id)
        return self.topology.database_of(Place.RECORD, site).label

    def patient_of(self, person: UUID) -> tuple[int, UUID]:
        """Return the person's first patient: (organisation, patient)."""
        number = person.int & 0xFFFFFFFFFFFF
        group, who = divmod(number, 4)
        patient = group * 10 + (0, 1, 3, 6)[who]
        return 1 + who * 10 + group % 10, UUID(f"0198aaaa-0000-7000-8000-{patient:012x}")


def person_id(number: int) -> UUID:
    return UUID(f"0198bbbb-0000-7000-8000-{number:012x}")


@contextmanager
def store(folder: Path, documents: int) -> Generator[Store]:
    """Run servers of their own, filled, while the block runs."""
    groups = max(1, documents // (DOCUMENTS_EACH * 10))
    cache_port, web_port, *ports = free_ports(2 + len(SERVERS))
    root = data_root(folder)
    servers = {
        name: PostgresServer(name, root / name, port, settings=SETTINGS)
        for name, port in zip(SERVERS, ports, strict=True)
    }
    file = folder / "region.toml"
    file.write_text(_toml(servers, cache_port, web_port), "utf-8")
    topology = load(file)
    for name in servers:
        for role in (*ROLES, "administrator"):
            write_secret(topology, name, role, PASSWORD)
    write_secret(topology, "region", "redis", PASSWORD)
    for server in servers.values():
        cluster.initialise(server, PASSWORD)
    handles = [postgres.start(server) for server in servers.values()]
    kept = valkey.start(valkey.ValkeyServer("bench", root / "hot", cache_port), PASSWORD)
    try:
        if isinstance(kept, valkey.Absent):
            raise RuntimeError(str(kept.reason))
        cache = f"redis://:{PASSWORD}@127.0.0.1:{cache_port}/0"
        began = time.monotonic()
        made = Store(topology, file, servers, cache, groups * 4, 0.0)
        _fill(made, documents, groups * 10)
        yield msgspec.structs.replace(made, load_seconds=time.monotonic() - began)
    finally:
        if not isinstance(kept, valkey.Absent):
            valkey.stop(kept)
        postgres.stop_all(handles, "immediate")


def _fill(made: Store, documents: int, patients: int) -> None:
    own = [one for one in made.topology.databases() if one.site is None]
    for one in own:
        first = cluster.conninfo(made.servers[one.server], user="postgres", password=PASSWORD)
        with psycopg.connect(first, autocommit=True) as admin:
            admin.execute(roles_sql().encode())
            for role in ROLES:
                admin.execute(sql.SQL("alter role {} password {}").format(sql.Identifier(role), PASSWORD))
            admin.execute(sql.SQL("create database {}").format(sql.Identifier(one.name)))
    values = {"documents": documents, "patients": patients}
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(_fill_one, made, one, values) for one in own]:
            done.result()


def _fill_one(made: Store, database: Database, values: dict[str, int]) -> None:
    with psycopg.connect(made.admin(database.name), autocommit=True) as connection:
        grant_creation(connection)
        migrate(connection, database.places)
        connection.execute("set work_mem = '256MB'")
        connection.execute("set synchronous_commit = off")
        connection.execute(_literal(connection, PATIENTS, values))
        connection.execute("analyze public.bench_patient")
        connection.execute(LINKS)
        if Place.REGISTRY in database.places:
            _load(connection, "registry.document", DOCUMENTS, values)
            connection.execute(
                "insert into access.client (name, token_sha256, scopes, requests_per_second, organizations)"
                " values ('bench', %s, '{record}', 100000, array(select generate_series(1, 40)))",
                (sha256(TOKEN.encode()).hexdigest(),),
            )
        if Place.RECORD in database.places:
            shard = {**values, "shard": int(database.name.removeprefix("record")) - 1}
            _load(connection, "record.visit", VISITS, shard)
            _load(connection, "record.fact", FACTS, shard)
        connection.execute("drop table public.bench_patient")
        connection.execute("vacuum analyze")
        connection.execute("checkpoint")
    print(f"… {database.name} is filled", flush=True)


def _load(connection: psycopg.Connection, table: str, insert: str, values: dict[str, int]) -> None:
    """Load a table and make its secondary indexes after the rows, as a restore does."""
    schema, name = table.split(".")
    indexes = connection.execute(
        "select c.relname, pg_get_indexdef(c.oid) from pg_index i join pg_class c on c.oid = i.indexrelid"
        " where i.indrelid = %s::regclass and not i.indisprimary",
        (table,),
    ).fetchall()
    for index, _ in indexes:
        connection.execute(sql.SQL("drop index {}").format(sql.Identifier(schema, index)))
    connection.execute(_literal(connection, insert, values))
    for _, definition in indexes:
        connection.execute(definition.replace(f" ON ONLY {table} ", f" ON {table} ").encode())
    print(f"… {name}", flush=True)


def _literal(connection: psycopg.Connection, query: str, values: dict[str, int]) -> bytes:
    return psycopg.ClientCursor(connection).mogrify(query.encode(), values).encode()


def _toml(servers: dict[str, PostgresServer], cache_port: int, web_port: int) -> str:
    lines = [
        '[region]\nname = "Проба"\noid = "1.2.643.5.1.13.13.12.2.99"',
        f'listen = "127.0.0.1:{web_port}"\ncache = "redis://127.0.0.1:{cache_port}/0"',
        *(f'[[server]]\nname = "{name}"\nport = {server.port}' for name, server in servers.items()),
    ]
    for number in range(1, SHARDS + 1):
        lines.append(f'[[server]]\nname = "site{number}"\nport = {number}')
    for name in ("nsi", "mpi", "booking", "registry"):
        server = name if name in servers else "centre"
        lines.append(f'[[segment]]\nname = "{name}"\nserver = "{server}"\ndatabase = "{server}"')
    for number in range(1, SHARDS + 1):
        lines.append(f'[[shard]]\nname = "record{number}"\nserver = "record{number}"\ndatabase = "record{number}"')
    for number in range(1, SHARDS + 1):
        lines.append(
            f'[[site]]\nname = "site{number}"\ntitle = "Площадка {number}"\nserver = "site{number}"\n'
            f'database = "site{number}"\nshard = "record{number}"\nlisten = "127.0.0.1:{100 + number}"'
        )
        for clinic in range(CLINICS):
            key = (number - 1) * CLINICS + clinic + 1
            lines.append(
                f'[[site.organization]]\nid = {key}\noid = "1.2.643.5.1.13.13.12.2.99.{key}"\n'
                f'title = "Клиника {key}"\nogrn = "1027700000000"\naddress = "-"\nphone = "-"'
            )
    return "\n".join(lines) + "\n"
