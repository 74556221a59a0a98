"""Seed a laptop region: staff, patients, accounts. Seeding again changes nothing."""

import datetime as dt
import itertools
from hashlib import sha256

import msgspec
import psycopg
from argon2 import PasswordHasher
from psycopg.rows import class_row

from trustmed.db.queries import load
from trustmed.demo.content.authority import Doctor, issue_keys
from trustmed.demo.content.lookalikes import lookalikes
from trustmed.demo.content.people import Someone, people
from trustmed.demo.content.phone import give_factors
from trustmed.demo.content.schedule import open_schedule, set_shares
from trustmed.matching.card import Card
from trustmed.schema import Place
from trustmed.topology.connect import connect
from trustmed.topology.file.spec import Organization, Site, Topology
from trustmed.topology.secrets import ensure_secret

PASSWORD = "trustmed"  # noqa: S105 of all accounts of the demo, which listens on this machine only
PATIENTS = 40
SHARED_PATIENTS = 12
STAFF = (("doctor", "110"), ("registrar", "159"), ("head", "334"))
WITHOUT_ACCOUNTS = ("34", "122")  # positions of doctors who are on the schedule and sign nothing
REGION_STAFF = (
    *(("engineer", "Дежурный инженер"), ("analyst", "Аналитик"), ("steward", "Стюард индекса")),
    *(("operator", "Оператор кол-центра"), ("physician", "Врач скорой помощи")),
)

QUERIES = load(__package__)


class DoctorRow(msgspec.Struct, frozen=True):
    organization_id: int
    snils: str
    surname: str
    given_name: str


def seed(topology: Topology) -> None:
    """Seed every organisation and the region; what is there already stays."""
    # A cheap hash: the password is public, and the demo is to start quickly.
    hasher = PasswordHasher(time_cost=1, memory_cost=19 * 1024)
    password_hash = hasher.hash(PASSWORD)
    everybody = list(itertools.islice(people(1), SHARED_PATIENTS))
    doubtful = cards_to_enter(topology)
    set_shares(topology)
    for site in topology.site:
        with connect(topology, topology.database_of(Place.SITE, site), "administrator", "seed") as connection:
            for number, organization in enumerate(site.organization):
                hard = doubtful[organization.id]
                _seed_organization(connection, organization, number, password_hash, everybody, hard)
                open_schedule(connection, organization.id, dt.datetime.now().astimezone().date())
    _seed_region(topology, password_hash)
    give_factors(topology)
    issue_keys(topology, [doctor for site in topology.site for doctor in doctors(topology, site)])


def login(role: str, number: int) -> str:
    """Return the login of a role in a site's organisation: doctor in the first one, doctor2 in the second."""
    return role if number == 0 else f"{role}{number + 1}"


def doctors(topology: Topology, site: Site) -> list[Doctor]:
    """Return all doctors of a site who have an account."""
    with (
        connect(topology, topology.database_of(Place.SITE, site), "administrator", "seed") as connection,
        connection.cursor(row_factory=class_row(DoctorRow)) as cursor,
    ):
        rows = cursor.execute(QUERIES["doctors_with_accounts"]).fetchall()
    by_id = {organization.id: organization for organization in site.organization}
    return [Doctor(by_id[row.organization_id], row.snils, row.surname, row.given_name) for row in rows]


def cards_to_enter(topology: Topology) -> dict[int, list[Card]]:
    """Return the cards of people who are hard to tell apart, by the organisation that enters them."""
    organizations = [organization.id for site in topology.site for organization in site.organization]
    by_organization: dict[int, list[Card]] = {number: [] for number in organizations}
    for case in lookalikes():
        for place, card in case.cards:
            by_organization[organizations[place % len(organizations)]].append(card)
    return by_organization


def _seed_organization(
    connection: psycopg.Connection,
    organization: Organization,
    number: int,
    password_hash: str,
    everybody: list[Someone],
    doubtful: list[Card],
) -> None:
    key = {"organization_id": organization.id}
    if connection.execute(QUERIES["has_accounts"], key).fetchone() == (True,):
        return
    own = (someone for someone in people(organization.id))
    adults = (someone for someone in people(organization.id + 1000) if 1960 < someone.birth_date.year < 1995)
    with connection.transaction(), connection.cursor() as cursor:
        for (role, position), someone in zip(STAFF, adults, strict=False):
            cursor.execute(QUERIES["insert_employee"], {**key, **_fields(someone), "position_code": position})
            (employee_id,) = cursor.fetchone() or (None,)
            account = {"login": login(role, number), "role": role, "employee_id": employee_id}
            cursor.execute(QUERIES["insert_account"], {**key, **account, "password_hash": password_hash})
        for position, someone in zip(WITHOUT_ACCOUNTS, adults, strict=False):
            cursor.execute(QUERIES["insert_employee"], {**key, **_fields(someone), "position_code": position})
        patients = [*everybody, *itertools.islice(own, PATIENTS)]
        cursor.executemany(QUERIES["insert_patient"], [{**key, **_fields(someone)} for someone in patients])
        cursor.executemany(QUERIES["insert_entered"], [{**key, **msgspec.structs.asdict(card)} for card in doubtful])


def _seed_region(topology: Topology, password_hash: str) -> None:
    clients = [("portal", ensure_secret(topology, "portal", "token"), "portal", None)]
    clients += [("federal", ensure_secret(topology, "federal", "token"), "federal", None)]
    clients += [("callcentre", ensure_secret(topology, "callcentre", "token"), "booking", None)]
    clients += [
        (site.name, ensure_secret(topology, site.name, "record"), "record", [one.id for one in site.organization])
        for site in topology.site
    ]
    with connect(topology, topology.database_of(Place.REGISTRY), "administrator", "seed") as connection:
        for role, name in REGION_STAFF:
            account = {"login": role, "role": role, "name": name, "password_hash": password_hash}
            connection.execute(QUERIES["add_region_account"], account)
        for name, token, scope, organizations in clients:
            known = {"token_sha256": sha256(token.encode()).hexdigest(), "scopes": [scope]}
            connection.execute(QUERIES["add_client"], {"name": name, "organizations": organizations, **known})


def _fields(someone: Someone) -> dict[str, object]:
    return {name: getattr(someone, name) for name in someone.__struct_fields__}
