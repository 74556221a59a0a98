"""A region of real databases without its links: tests put into each database what replication would have brought."""

import os
import secrets
import signal
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import psycopg
import pytest
from argon2 import PasswordHasher
from litestar import Litestar
from litestar.testing import AsyncTestClient
from psycopg import sql

from tests.citizens import AUDIENCE, PORTAL, present_citizen, set_up
from tests.connections import borrow
from tests.factor import code_now, give_factors
from tests.fix_apps import SharedApp
from tests.fix_servers import RunningPostgres, start_postgres
from trustmed.db.migrate import grant_creation, migrate
from trustmed.embedded import postgres
from trustmed.patient.identifiers import snils_check_number
from trustmed.programs.region_web import create_app
from trustmed.region.access.entry import KnownClients
from trustmed.region.access.rate import Buckets
from trustmed.schema import Place, roles_sql
from trustmed.topology.file.spec import Organization, Region, Segment, Server, Shard, Site, Topology
from trustmed.topology.links import links
from trustmed.topology.secrets import write_secret
from trustmed.web.attempts import Attempts

HOSPITAL, POLYCLINIC, ELSEWHERE = 101, 301, 999
TOKEN = "the portal's token"
PASSWORD = "a long password"
ROLES = ("trustmed_region", "trustmed_feed", "trustmed_monitor", "trustmed_keeper", "trustmed_auditor")
BODY = b'<?xml version="1.0" encoding="UTF-8"?>\n<ClinicalDocument xmlns="urn:hl7-org:v3">\r\n</ClinicalDocument>'
NOON = datetime(2026, 11, 5, 12, tzinfo=UTC)


class Citizen(msgspec.Struct, frozen=True):
    """A person of the region's index. Tests name them Алиса, who asks, and Борис, another person."""

    id: UUID
    snils: str


class Signed(msgspec.Struct, frozen=True):
    organization_id: int
    id: UUID
    patient_id: UUID
    body: bytes


class RegionStand:
    """The databases of a topology; methods insert rows into them and break their servers."""

    def __init__(self, topology: Topology, servers: dict[str, RunningPostgres]) -> None:
        self.topology = topology
        self.servers = servers
        self.web = SharedApp(lambda: create_app(topology), _forget_callers)

    def admin(self, place: Place, organization_id: int = HOSPITAL) -> AbstractContextManager[psycopg.Connection]:
        """Lend the superuser's connection to the database of `place` (RECORD: the organisation's shard)."""
        return self.connect(place, "postgres", organization_id)

    def connect(
        self, place: Place, user: str, organization_id: int = HOSPITAL
    ) -> AbstractContextManager[psycopg.Connection]:
        site = self.topology.site_of_organization(organization_id) if place is Place.RECORD else None
        database = self.topology.database_of(place, site)
        running = self.servers[database.server]
        password = running.password if user == "postgres" else user
        return borrow(running.conninfo(database.name, user, password))

    def add_citizen(self) -> Citizen:
        """Add a person whom the index knows by the СНИЛС in the card of a clinic of another site."""
        citizen = Citizen(uuid4(), new_snils())
        with self.admin(Place.MPI) as connection:
            connection.execute("insert into mpi.person (id) values (%s)", (citizen.id,))
            key = (ELSEWHERE, uuid4())
            connection.execute(
                "insert into mpi.patient (organization_id, id, surname, given_name, birth_date, sex, snils)"
                " values (%s, %s, 'Проверкина', 'Алиса', '1980-05-05', 2, %s)",
                (*key, citizen.snils),
            )
            connection.execute(
                "insert into mpi.patient_link (organization_id, patient_id, person_id, decision, reason)"
                " values (%s, %s, %s, 'automatic', 'snils')",
                (*key, citizen.id),
            )
        return citizen

    def add_patient(self, citizen: Citizen, organization_id: int = HOSPITAL, *, on_shard: bool = True) -> UUID:
        """Add a patient of an organisation, linked to the citizen in every database that needs the link."""
        patient_id = uuid4()
        places = (Place.MPI, Place.REGISTRY, Place.BOOKING, *((Place.RECORD,) if on_shard else ()))
        for place in places:
            with self.admin(place, organization_id) as connection:
                connection.execute(
                    "insert into mpi.patient_link (organization_id, patient_id, person_id, decision, reason)"
                    " values (%s, %s, %s, 'automatic', 'snils') on conflict do nothing",
                    (organization_id, patient_id, citizen.id),
                )
        return patient_id

    def sign(
        self,
        patient_id: UUID,
        organization_id: int = HOSPITAL,
        *,
        created_at: datetime = NOON,
        kind: str = "119",
        body: bytes | None = None,
        body_arrived: bool = True,
        registered_sha256: bytes | None = None,
        author: UUID | None = None,
    ) -> Signed:
        """Insert a signed document: registry metadata and, if `body_arrived`, body and signatures on the shard."""
        signed = Signed(organization_id, uuid4(), patient_id, body or BODY + uuid4().hex.encode())
        with self.admin(Place.REGISTRY) as connection:
            connection.execute(
                "insert into registry.document (organization_id, id, set_id, patient_id, kind, title, author_id,"
                " author_name, author_position, created_at, signed_at, size_bytes, sha256, signature_count)"
                " values (%s, %s, %s, %s, %s, 'Протокол консультации', %s, 'Проверкин П. П.', 'терапевт', %s, %s, %s,"
                " %s, 2)",
                (
                    *(organization_id, signed.id, signed.id, patient_id, kind, author or uuid4(), created_at),
                    datetime.now(UTC),
                    *(len(signed.body), registered_sha256 or sha256(signed.body).digest()),
                ),
            )
        if body_arrived:
            self.bring_body(signed)
        return signed

    def bring_body(self, signed: Signed) -> None:
        """Insert the body and signatures that the shard's link would bring."""
        key = (signed.organization_id, signed.id, signed.patient_id)
        with self.admin(Place.RECORD, signed.organization_id) as connection:
            connection.execute(
                "insert into record.document_body (organization_id, document_id, patient_id, sha256, content)"
                " values (%s, %s, %s, %s, %s)",
                (*key, sha256(signed.body).digest(), signed.body),
            )
            for role in ("doctor", "organization"):
                connection.execute(
                    "insert into record.document_signature (organization_id, document_id, patient_id, role,"
                    " signer_name, algorithm, certificate_serial, certificate_sha256, verified_at, content)"
                    " values (%s, %s, %s, %s, 'Проверкин П. П.', 'ECDSA', '01', 'ab', now(), %s)",
                    (*key, role, f"cms of the {role}".encode()),
                )

    def audit(self, place: Place = Place.REGISTRY, organization_id: int = HOSPITAL) -> list[tuple]:
        """Return (action, outcome, person, document, actor name, ground, detail) of all audit rows, oldest first."""
        with self.admin(place, organization_id) as connection:
            return connection.execute(
                "select action, outcome, person_id, document_id, actor_name, ground, ground_detail"
                " from audit.access order by at, id"  # tests of forgery write ids of their own
            ).fetchall()

    def unlink(self, patient_id: UUID) -> None:
        """Delete the patient's link everywhere, as when a steward finds that the patient is somebody else."""
        for place in (Place.MPI, Place.REGISTRY, Place.BOOKING, Place.RECORD):
            with self.admin(place) as connection:
                connection.execute("delete from mpi.patient_link where patient_id = %s", (patient_id,))

    def add_client(self, token: str, scopes: list[str], *, per_second: int = 1000, disabled: bool = False) -> str:
        """Add a client system under a new name, which is returned; a token used before passes to it."""
        name = f"client {uuid4().hex[:8]}"
        with self.admin(Place.REGISTRY) as connection:
            connection.execute(
                "insert into access.client (name, token_sha256, scopes, requests_per_second, disabled_at, audience,"
                " key_thumbprint) values (%s, %s, %s, %s, case when %s then now() end, %s, %s)"
                " on conflict (token_sha256) do update set name = excluded.name",
                (name, sha256(token.encode()).hexdigest(), scopes, per_second, disabled, AUDIENCE, PORTAL.thumbprint),
            )
        return name

    def set_link_state(self, number: int, state: str, **fields: object) -> str:
        """Store the state of a link of the topology as the monitor would; return the link's name."""
        link = links(self.topology)[number]
        values = {
            **{"link": link.name, "source": link.source.label, "target": link.target.label, "site": link.site},
            **{"state": state, "lag_ms": 0.6, "lag_bytes": 0, "lag_rows": 0, **fields},
        }
        names = sql.SQL(", ").join(map(sql.Identifier, values))
        marks = sql.SQL(", ").join(map(sql.Placeholder, values))
        insert = sql.SQL("insert into monitor.link_state ({}) values ({})").format(names, marks)
        with self.admin(Place.REGISTRY) as connection:
            connection.execute("delete from monitor.link_state where link = %s", (link.name,))
            connection.execute(insert, values)
        return link.name

    def set_all_links_streaming(self) -> None:
        """Store that every link streams."""
        for number in range(len(links(self.topology))):
            self.set_link_state(number, "streaming", lag_ms=0.4 + number * 0.1)

    @contextmanager
    def stopped(self, server: str) -> Generator[None]:
        """Keep one of the region's servers down while the block runs."""
        running = self.servers[server]
        self.web.disturb()
        running.kill9()
        try:
            yield
        finally:
            running.start()

    @contextmanager
    def frozen(self, server: str) -> Generator[None]:
        """Freeze one of the region's servers while the block runs: it keeps its sockets and says nothing."""
        self.web.disturb()
        master = self.servers[server].handle.process.pid
        children = Path(f"/proc/{master}/task/{master}/children").read_text("ascii").split()
        processes = [master, *map(int, children)]
        for process in processes:
            os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in processes:
                os.kill(process, signal.SIGCONT)


def new_snils() -> str:
    """Return a valid СНИЛС that nobody has."""
    nine = f"{secrets.randbelow(900_000_000) + 100_000_000}"
    return f"{nine}{snils_check_number(nine):02}"


@pytest.fixture(scope="session")
def region_servers(servers_root: Path) -> Iterator[dict[str, RunningPostgres]]:
    """Two servers: one for the region's centre, one for the second shard, which tests may stop."""
    running = {name: _start(servers_root, name) for name in ("centre", "apart")}
    yield running
    postgres.stop_all([one.handle for one in running.values()], "immediate")


@pytest.fixture(scope="session")
def region_stands(
    region_servers: dict[str, RunningPostgres], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], RegionStand]:
    """Return the stand for a way of placing segments, made when first asked for: tests may come in any order."""
    return cache(lambda way: make_stand(region_servers, tmp_path_factory.mktemp("region"), together=way == "together"))


@pytest.fixture(scope="session", params=["apart", "together"])
def region(request: pytest.FixtureRequest, region_stands: Callable[[str], RegionStand]) -> RegionStand:
    """A region with every segment in a database of its own, and one with all of them in one database."""
    return region_stands(request.param)


@pytest.fixture
async def portal(region: RegionStand) -> AsyncIterator[AsyncTestClient]:
    """The region's application, asked as the citizens' portal asks."""
    async with region.web.client(AsyncTestClient) as client:
        client.headers["authorization"] = f"Bearer {TOKEN}"
        client.event_hooks = {"request": [present_citizen]}
        yield client


@pytest.fixture
async def engineer(region: RegionStand) -> AsyncIterator[AsyncTestClient]:
    """The region's application with the engineer signed in."""
    async with signed_in(region, "engineer") as client:
        yield client


@pytest.fixture
async def steward(region: RegionStand) -> AsyncIterator[AsyncTestClient]:
    """The region's application with the steward of the index signed in."""
    async with signed_in(region, "steward") as client:
        yield client


@asynccontextmanager
async def signed_in(region: RegionStand, login: str) -> AsyncGenerator[AsyncTestClient]:
    """Open the region's application signed in as one of its staff."""
    async with region.web.client(AsyncTestClient) as client:
        page = await client.get("/sign-in")
        token = page.text.split('name="_csrf_token" value="')[1].split('"')[0]
        form = {"login": login, "password": PASSWORD, "_csrf_token": token}
        entered = await client.post("/sign-in", data=form, follow_redirects=False)
        assert entered.status_code == 303, entered.text
        if entered.headers["location"] == "/sign-in/code":
            await _enter_code(region, client, login)
        yield client


async def _enter_code(region: RegionStand, client: AsyncTestClient, login: str) -> None:
    """Enter the code of the login's phone, even if the code of this half minute was taken before."""
    with region.admin(Place.REGISTRY) as connection:
        connection.execute("update access.account set factor_step = null where login = %s", (login,))
    page = await client.get("/sign-in/code")
    token = page.text.split('name="_csrf_token" value="')[1].split('"')[0]
    form = {"code": code_now(), "_csrf_token": token}
    entered = await client.post("/sign-in/code", data=form, follow_redirects=False)
    assert entered.status_code == 303, entered.text


def _forget_callers(app: Litestar) -> None:
    app.state.update(attempts=Attempts(), buckets=Buckets(), known_clients=KnownClients())


def make_stand(servers: dict[str, RunningPostgres], folder: Path, *, together: bool) -> RegionStand:
    """Make and migrate the databases, set the roles' passwords, add the accounts and a portal client with TOKEN."""
    topology = _topology(servers, folder, "together" if together else "")
    for name, running in servers.items():
        for role in ROLES:
            write_secret(topology, name, role, role)
        with psycopg.connect(running.conninfo(), autocommit=True) as admin:
            for database in topology.databases():
                if database.server == name and database.site is None:
                    admin.execute(sql.SQL("create database {}").format(sql.Identifier(database.name)))
    for database in topology.databases():
        if database.site is None:
            with psycopg.connect(servers[database.server].conninfo(database.name), autocommit=True) as connection:
                grant_creation(connection)
                migrate(connection, database.places)
    stand = RegionStand(topology, servers)
    with stand.admin(Place.REGISTRY) as connection:
        connection.execute(
            "insert into access.client (name, token_sha256, scopes, requests_per_second, audience, key_thumbprint)"
            " values ('portal', %s, '{portal}', 1000, %s, %s)",
            (sha256(TOKEN.encode()).hexdigest(), AUDIENCE, PORTAL.thumbprint),
        )
        connection.execute(
            "insert into access.account (login, password_hash, name, role) values"
            " ('engineer', %(hash)s, 'Инженер', 'engineer'), ('analyst', %(hash)s, 'Аналитик', 'analyst'),"
            " ('steward', %(hash)s, 'Стюард', 'steward'), ('physician', %(hash)s, 'Врач СМП', 'physician'),"
            " ('operator', %(hash)s, 'Операторова О. О.', 'operator')",
            {"hash": PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD)},
        )
        give_factors(connection, topology)
    return stand


def _topology(servers: dict[str, RunningPostgres], folder: Path, one: str) -> Topology:
    def site(name: str, number: int, shard: str) -> Site:
        organization = Organization(number, f"1.2.643.5.1.13.13.12.2.99.{number}", name, "1", "-", "-")
        return Site(name, name, name, "clinic", shard, "127.0.0.1:1", (organization,), title_en=f"The {name}")

    databases = [Segment(name, "centre", one or name) for name in ("nsi", "mpi", "booking", "registry")]
    return Topology(
        region=Region(
            *("Пробный регион", "1.2.643.5.1.13.13.12.2.99", "127.0.0.1:0"),
            name_en="Trial region",
            citizens=set_up(folder),
        ),
        server=(
            *(Server(name, running.server.port) for name, running in servers.items()),
            *(Server(name, 1) for name in ("hospital", "polyclinic")),
        ),
        segment=tuple(databases),
        shard=(
            Shard("record1", "centre", one or "record1"),
            Shard("record2", "centre" if one else "apart", one or "record2"),
        ),
        site=(site("hospital", HOSPITAL, "record1"), site("polyclinic", POLYCLINIC, "record2")),
        folder=folder,
    )


def _start(root: Path, name: str) -> RunningPostgres:
    running = start_postgres(root, f"region-{name}", {"fsync": "off"})
    with psycopg.connect(running.conninfo(), autocommit=True) as admin:
        admin.execute(roles_sql().encode())
        for role in ROLES:
            admin.execute(sql.SQL("alter role {} password {}").format(sql.Identifier(role), role))
    return running
