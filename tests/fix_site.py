"""A site of real databases without a region: two organisations in one database, staff, patients, keys and trust."""

import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import psycopg
import pytest
from argon2 import PasswordHasher
from litestar import Litestar
from litestar.testing import AsyncTestClient
from psycopg import sql

from tests.connections import borrow
from tests.fix_apps import SharedApp
from tests.fix_servers import RunningPostgres
from tests.semd_samples import ROWS
from trustmed.db.migrate import grant_creation, migrate
from trustmed.demo.content.people import Someone, people
from trustmed.programs.site_web import create_app
from trustmed.schema import Place, roles_sql
from trustmed.signature.software.authority import (
    Authority,
    create_root,
    issue_doctor,
    issue_organization,
    publish_crl,
    valid_for,
)
from trustmed.signature.software.signing import SoftwareKey, certificate_pem
from trustmed.topology.file.spec import DatabasePlace, Organization, Region, Segment, Server, Shard, Site, Topology
from trustmed.topology.secrets import write_secret
from trustmed.web.attempts import Attempts

HOSPITAL, AMBULANCE = 101, 102
PASSWORD = "a long password"
ROLES = ("trustmed_clinic", "trustmed_keeper", "trustmed_auditor")

# login, role, organisation: the doctor writes; the colleague is another doctor there; the stranger works elsewhere.
CAST = (
    ("doctor", "doctor", HOSPITAL, "110"),
    ("colleague", "doctor", HOSPITAL, "34"),
    ("registrar", "registrar", HOSPITAL, "159"),
    ("head", "head", HOSPITAL, "334"),
    ("engineer", "engineer", HOSPITAL, "195"),
    ("stranger", "doctor", AMBULANCE, "110"),
)
FORM = {
    "complaints": "Боль за грудиной",
    "disease_history": "Болен 3 года",
    "life_history": "Рос и развивался нормально",
    "objective_status": "Тоны сердца ясные",
    "conclusion": "Данных за ОКС нет",
    "diagnoses": [{"icd": "I11.9", "text": "ГБ II стадии"}],
    "vital_signs": [{"kind": "3", "value": "140"}, {"kind": "1", "value": "36.6"}],
}


class Client(AsyncTestClient):
    """A program at the site's interface; `sign_in` signs in."""

    async def sign_in(self, login: str) -> "Client":
        answer = await self.post("/api/v1/session", json={"login": login, "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        self.headers["authorization"] = f"Bearer {answer.json()['token']}"
        return self

    async def preview(self, stand: "SiteStand", **form: Any) -> dict[str, Any]:
        """Start a visit of the patient and preview a protocol in it."""
        visit = await self.post("/api/v1/visits", json={"patient_id": str(stand.patient)})
        assert visit.status_code == 201, visit.text
        draft = await self.post("/api/v1/documents", json={"visit_id": visit.json()["id"], "form": FORM | form})
        assert draft.status_code == 201, draft.text
        return draft.json() | {"visit_id": visit.json()["id"]}


class Access(NamedTuple):
    """A row of `audit.access`."""

    outcome: str
    actor_name: str
    patient_id: UUID | None
    document_id: UUID | None


class SiteStand:
    """The site's databases. `patient` is the hospital's, `strange_patient` the ambulance's."""

    def __init__(self, topology: Topology, running: RunningPostgres, root: Authority) -> None:
        self.topology = topology
        self.running = running
        self.root = root
        self.site = topology.site[0]
        self.people: dict[str, Someone] = {}
        self.patient = self.strange_patient = UUID(int=0)
        self.web = SharedApp(lambda: create_app(topology, self.site.name), _forget_callers)

    @property
    def secrets(self) -> Path:
        return self.topology.folder / self.topology.region.secrets

    def conninfo(self, place: Place, user: str = "postgres") -> str:
        password = None if user == "postgres" else user
        return self.running.conninfo(self.topology.database_of(place, self.site).name, user, password)

    def admin(self, place: Place = Place.SITE) -> AbstractContextManager[psycopg.Connection]:
        return borrow(self.conninfo(place))

    def count(self, table: str) -> int:
        """Return how many rows a table of the documents database has."""
        with self.admin(Place.DOCUMENTS) as connection:
            query = sql.SQL("select count(*) from {}").format(sql.Identifier(*table.split(".")))
            row = connection.execute(query).fetchone()
        return row[0] if row else 0

    def audit(self, action: str) -> list[Access]:
        """Return what was audited of an action, the newest last."""
        with self.admin() as connection:
            rows = connection.execute(
                "select outcome, actor_name, patient_id, document_id from audit.access where action = %s order by at",
                (action,),
            ).fetchall()
        return [Access(*row) for row in rows]

    def key(self, name: str) -> SoftwareKey:
        folder = self.secrets / "keys"
        return SoftwareKey.load(folder / f"{name}.pem", folder / f"{name}.crt")

    def doctors_key(self, login: str = "doctor") -> SoftwareKey:
        return self.key(self.people[login].snils)

    @property
    def organizations_key(self) -> SoftwareKey:
        return self.key(self.site.organization[0].ogrn)


@pytest.fixture(scope="session")
def site_stands(
    postgres_server: RunningPostgres, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], SiteStand]:
    """Return the site of a name, made when first asked for: tests may come in any order."""
    return cache(lambda name: make_site(postgres_server, tmp_path_factory.mktemp(f"site-{name}"), name))


@pytest.fixture(scope="session", params=["apart", "together"])
def site(request: pytest.FixtureRequest, site_stands: Callable[[str], SiteStand]) -> SiteStand:
    """A site whose documents live in a database of their own, and one where they share the database."""
    return site_stands(request.param)


@pytest.fixture
async def client(site: SiteStand, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Client]:
    """A client of the site with nobody signed in yet."""
    monkeypatch.delenv("TRUSTMED_SEMD_DIR", raising=False)
    async with site.web.client(Client) as opened:
        yield opened


@pytest.fixture
async def doctor(client: Client) -> Client:
    return await client.sign_in("doctor")


def _forget_callers(app: Litestar) -> None:
    app.state.attempts = Attempts()


def make_site(running: RunningPostgres, folder: Path, name: str) -> SiteStand:
    topology = _topology(running, folder, name)
    stand = SiteStand(topology, running, create_root("Тестовый УЦ", validity=valid_for(3650)))
    for role in ROLES:
        write_secret(topology, "stand", role, role)
    with psycopg.connect(running.conninfo(), autocommit=True) as admin:
        admin.execute(roles_sql().encode())
        for role in ROLES:
            admin.execute(sql.SQL("alter role {} password {}").format(sql.Identifier(role), sql.Literal(role)))
        for database in topology.databases():
            if database.site:
                admin.execute(sql.SQL("create database {}").format(sql.Identifier(database.name)))
    for database in topology.databases():
        if database.site:
            with psycopg.connect(running.conninfo(database.name), autocommit=True) as connection:
                grant_creation(connection)
                migrate(connection, database.places)
    _fill(stand)
    return stand


def _topology(running: RunningPostgres, folder: Path, name: str) -> Topology:
    def organization(number: int) -> Organization:
        oid = f"1.2.643.5.1.13.13.12.2.77.{number}"
        return Organization(number, oid, f"Больница {number}", f"10277000001{number % 100:02}", "ул. Полевая, 1", "1")

    apart = DatabasePlace("stand", f"{name}_documents") if name == "apart" else None
    site = Site(
        name, f"Больница «{name}»", "stand", name, "record1", "127.0.0.1:1",
        (organization(HOSPITAL), organization(AMBULANCE)), documents=apart, title_en=f"Hospital {name}",
    )  # fmt: skip
    return Topology(
        region=Region("Пробный регион", "1.2.643.5.1.13.13.12.2.77", "127.0.0.1:0"),
        server=(Server("stand", running.server.port), Server("hub", 1)),
        segment=tuple(Segment(segment, "hub", "region") for segment in ("nsi", "mpi", "booking", "registry")),
        shard=(Shard("record1", "hub", "record"),),
        site=(site,),
        folder=folder,
    )


def _fill(stand: SiteStand) -> None:
    somebody = people(7)
    password_hash = PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD)
    with stand.admin() as connection:
        _dictionaries(connection)
        for (login, role, organization_id, position), someone in zip(CAST, somebody, strict=False):
            stand.people[login] = someone
            row = connection.execute(
                "insert into access.employee (organization_id, surname, given_name, patronymic, snils, position_code)"
                " values (%s, %s, %s, %s, %s, %s) returning id",
                (organization_id, someone.surname, someone.given_name, someone.patronymic, someone.snils, position),
            ).fetchone()
            assert row
            connection.execute(
                "insert into access.account (organization_id, login, password_hash, role, employee_id)"
                " values (%s, %s, %s, %s, %s)",
                (organization_id, login, password_hash, role, row[0]),
            )
        stand.patient = _patient(connection, HOSPITAL, next(somebody))
        stand.strange_patient = _patient(connection, AMBULANCE, next(somebody))
        for someone in itertools.islice(somebody, 45):
            _patient(connection, HOSPITAL, someone)
    _keys(stand)


def _dictionaries(connection: psycopg.Connection) -> None:
    rows = ROWS.values()
    for oid, title, version in {(row.system, row.system_name, row.system_version) for row in rows}:
        connection.execute(
            "insert into nsi.dictionary (oid, title, current_version, published_at) values (%s, %s, %s, now())",
            (oid, title, version),
        )
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into nsi.entry (oid, version, key, code, name) values (%s, %s, %s, %s, %s)",
            [(row.system, row.system_version, row.code, row.code, row.display) for row in rows],
        )


def _patient(connection: psycopg.Connection, organization_id: int, someone: Someone) -> UUID:
    row = connection.execute(
        "insert into mpi.patient (organization_id, surname, given_name, patronymic, birth_date, sex, snils, enp, phone,"
        " address) values (%(organization_id)s, %(surname)s, %(given_name)s, %(patronymic)s, %(birth_date)s, %(sex)s,"
        " %(snils)s, %(enp)s, %(phone)s, %(address)s) returning id",
        {"organization_id": organization_id, **msgspec.structs.asdict(someone)},
    ).fetchone()
    assert row
    return row[0]


def _keys(stand: SiteStand) -> None:
    keys, trust = stand.secrets / "keys", stand.secrets / "trust"
    keys.mkdir(parents=True)
    trust.mkdir()
    trust.joinpath("root.crt").write_bytes(certificate_pem(stand.root.chain[0]))
    now = datetime.now(UTC)
    trust.joinpath("root.crl").write_bytes(
        publish_crl(stand.root, [], 1, now - timedelta(hours=1), now + timedelta(days=1))
    )
    for organization in stand.site.organization:
        key = issue_organization(stand.root, organization.title, organization.ogrn)
        key.save(keys / f"{organization.ogrn}.pem", keys / f"{organization.ogrn}.crt")
    for login in ("doctor", "colleague", "stranger"):
        someone = stand.people[login]
        given = f"{someone.given_name} {someone.patronymic}"
        key = issue_doctor(stand.root, someone.surname, given, someone.snils, "Больница")
        key.save(keys / f"{someone.snils}.pem", keys / f"{someone.snils}.crt")
