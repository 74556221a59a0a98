"""One site for `make bench-load`: its servers, generated patients, fifty people of staff, its web process."""

import contextlib
import itertools
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import msgspec
import psycopg
from argon2 import PasswordHasher
from psycopg import sql

from benchmarks.harness import FOLDER
from benchmarks.population.people import BLOCK, Someone, block
from trustmed.db.migrate import grant_creation, migrate
from trustmed.demo.content.people import snils
from trustmed.embedded import cluster, postgres, valkey
from trustmed.embedded.cluster import PostgresServer
from trustmed.embedded.ports import free_ports
from trustmed.embedded.unprivileged import data_root
from trustmed.schema import Place, roles_sql
from trustmed.topology.file.load import load
from trustmed.topology.file.spec import Topology
from trustmed.topology.secrets import write_secret

ORGANIZATION = 1
PASSWORD = "benchmark of load"  # noqa: S105 servers that live for the benchmark
STAFF = {"registrar": 25, "doctor": 25}
POSITIONS = {"registrar": "159", "doctor": "110"}
SETTINGS = {"shared_buffers": "512MB", "max_connections": "100"}
COPY = (
    "copy mpi.patient (organization_id, surname, given_name, patronymic, birth_date, sex, snils, enp, phone, address)"
    " from stdin"
)


class LoadedSite(msgspec.Struct, frozen=True):
    """The running site. `surnames`: of patients it has; `patients`: ids of some."""

    topology: Topology
    process: int
    address: str
    surnames: tuple[str, ...]
    patients: tuple[str, ...]


def logins(role: str) -> list[str]:
    return [f"{role}{number}" for number in range(STAFF[role])]


@contextmanager
def loaded_site(folder: Path, patients: int) -> Generator[LoadedSite]:
    """Run the site's servers and its web process while the block runs."""
    cache_port, region_port, web_port, port = free_ports(4)
    root = data_root(folder)
    server = PostgresServer("site", root / "site", port, settings=SETTINGS)
    file = folder / "region.toml"
    file.write_text(_toml(port, cache_port, region_port, web_port), "utf-8")
    topology = load(file)
    for role in ("trustmed_clinic", "trustmed_monitor", "administrator"):
        write_secret(topology, "site", role, PASSWORD)
    write_secret(topology, "clinic", "redis", PASSWORD)
    cluster.initialise(server, PASSWORD)
    handle = postgres.start(server)
    kept = valkey.start(valkey.ValkeyServer("load", root / "hot", cache_port), PASSWORD)
    try:
        if isinstance(kept, valkey.Absent):
            raise RuntimeError(str(kept.reason))
        surnames, ids = _fill(topology, server, patients)
        with _serve(file, f"127.0.0.1:{web_port}") as process:
            yield LoadedSite(topology, process, f"127.0.0.1:{web_port}", surnames, ids)
    finally:
        if not isinstance(kept, valkey.Absent):
            valkey.stop(kept)
        postgres.stop_all([handle], "immediate")


def _fill(topology: Topology, server: PostgresServer, patients: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    database = topology.database_of(Place.SITE, topology.site[0])
    first = cluster.conninfo(server, user="postgres", password=PASSWORD)
    with psycopg.connect(first, autocommit=True) as admin:
        admin.execute(roles_sql().encode())
        for role in ("trustmed_clinic", "trustmed_monitor"):
            admin.execute(sql.SQL("alter role {} password {}").format(sql.Identifier(role), PASSWORD))
        admin.execute(sql.SQL("create database {}").format(sql.Identifier(database.name)))
    own = cluster.conninfo(server, user="postgres", password=PASSWORD, dbname=database.name)
    with psycopg.connect(own, autocommit=True) as connection:
        grant_creation(connection)
        migrate(connection, database.places)
        _add_staff(connection)
        surnames = _copy_patients(connection, patients)
        connection.execute("vacuum analyze")
        rows = connection.execute("select id::text from mpi.patient limit 500").fetchall()
    return surnames, tuple(identifier for (identifier,) in rows)


def _add_staff(connection: psycopg.Connection) -> None:
    # A cheap hash: signing in fifty people is not what is measured.
    password_hash = PasswordHasher(time_cost=1, memory_cost=19 * 1024).hash(PASSWORD)
    for role in STAFF:
        for number, login in enumerate(logins(role)):
            connection.execute(
                "with person as (insert into access.employee"
                " (organization_id, surname, given_name, position_code, snils)"
                " values (%(organization)s, 'Проверкин', 'Пётр', %(position)s, %(snils)s) returning id)"
                " insert into access.account (organization_id, login, password_hash, role, employee_id)"
                " select %(organization)s, %(login)s, %(hash)s, %(role)s, id from person",
                {
                    **{"organization": ORGANIZATION, "position": POSITIONS[role], "login": login},
                    **{"hash": password_hash, "role": role, "snils": snils(100_000_000 + number)},
                },
            )


def _copy_patients(connection: psycopg.Connection, patients: int) -> tuple[str, ...]:
    """Load generated patients; return surnames that occur among them."""
    surnames: set[str] = set()
    with connection.cursor() as cursor, cursor.copy(COPY) as copy:
        for someone in _people(patients):
            card = someone.card
            copy.write_row(
                (
                    *(ORGANIZATION, card.surname or "-", card.given_name or "-", card.patronymic, card.birth_date),
                    *(card.sex, card.snils, card.enp, card.phone, card.address),
                )
            )
            if len(surnames) < 300:
                surnames.add(card.surname or "")
    return tuple(sorted(surnames - {""}))


def _people(patients: int) -> Generator[Someone]:
    blocks = (block(1, number) for number in range(-(-patients // BLOCK)))
    yield from itertools.islice(itertools.chain.from_iterable(blocks), patients)


@contextmanager
def _serve(file: Path, address: str) -> Generator[int]:
    """Run the site's web server; give its process id."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "load-serve.log").open("wb") as log:
        command = [sys.executable, "-m", "trustmed.cli", "site", "serve", "clinic", "--file", str(file)]
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            _await_server(address)
            yield process.pid
        finally:
            process.kill()
            process.wait(20)


def _await_server(address: str) -> None:
    for _ in range(300):
        with contextlib.suppress(httpx2.TransportError):
            httpx2.get(f"http://{address}/sign-in", timeout=5, trust_env=False)
            return
        time.sleep(0.1)
    raise TimeoutError(f"{address} does not answer")


def _toml(port: int, cache_port: int, region_port: int, web_port: int) -> str:
    """Return a topology whose only live server is the site's: the region is away, which a site must bear."""
    lines = [
        '[region]\nname = "Проба"\noid = "1.2.643.5.1.13.13.12.2.99"',
        f'listen = "127.0.0.1:{region_port}"',
        '[[server]]\nname = "centre"\nport = 1',
        f'[[server]]\nname = "site"\nport = {port}',
        *(
            f'[[segment]]\nname = "{name}"\nserver = "centre"\ndatabase = "centre"'
            for name in ("nsi", "mpi", "booking", "registry")
        ),
        '[[shard]]\nname = "record1"\nserver = "centre"\ndatabase = "centre"',
        '[[site]]\nname = "clinic"\ntitle = "Поликлиника"\nserver = "site"\ndatabase = "clinic"\nshard = "record1"',
        f'listen = "127.0.0.1:{web_port}"\ncache = "redis://127.0.0.1:{cache_port}/0"',
        f'[[site.organization]]\nid = {ORGANIZATION}\noid = "1.2.643.5.1.13.13.12.2.99.1"',
        'title = "Поликлиника"\nogrn = "1027700000000"\naddress = "-"\nphone = "-"',
    ]
    return "\n".join(lines) + "\n"
