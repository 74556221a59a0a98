"""A person with rows in both shards and in the registry, and the services that gather them."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from psycopg import sql

from tests.fix_region import HOSPITAL, POLYCLINIC, Citizen, RegionStand
from tests.fix_servers import RunningValkey
from trustmed.hot.copies import HotCopies
from trustmed.hot.drops import HotDrops
from trustmed.region.access.model import Reader
from trustmed.region.record.event import Event
from trustmed.region.record.timeline import realms
from trustmed.schema import Place

DOCTOR = Reader("a", "Проверкин П. П.", "region", "treatment", organization_id=HOSPITAL)
apart = pytest.mark.parametrize("region", ["apart"], indirect=True)
"""Where a part may fail alone."""
together = pytest.mark.parametrize("region", ["together"], indirect=True)
NOW = datetime.now(UTC).replace(microsecond=0)


class Patient(msgspec.Struct, frozen=True):
    """A person's card at one organisation; the methods add what a site would send about it."""

    region: RegionStand
    citizen: Citizen
    organization_id: int
    id: UUID

    def add_visit(self, *, days_ago: float = 1, doctor: str = "Проверкин П. П.", employee: UUID | None = None) -> UUID:
        """`employee`: the doctor who began it; None: somebody else than those who ask in tests."""
        visit_id = uuid4()
        with self.region.admin(Place.RECORD, self.organization_id) as connection:
            connection.execute(
                "insert into record.visit (organization_id, id, patient_id, employee_id, doctor_name, started_at)"
                " values (%s, %s, %s, %s, %s, %s)",
                (
                    *(self.organization_id, visit_id, self.id, employee or uuid4(), doctor),
                    NOW - timedelta(days=days_ago),
                ),
            )
        return visit_id

    def add_fact(self, kind: str, title: str, *, days_ago: float = 1, **fields: Any) -> UUID:
        document_id = uuid4()
        system = "1.2.643.5.1.13.13.11.1005" if "code" in fields else None
        row = {
            **{"organization_id": self.organization_id, "document_id": document_id, "ordinal": 0, "system": system},
            **{"patient_id": self.id, "kind": kind, "title": title, "at": NOW - timedelta(days=days_ago), **fields},
        }
        names = sql.SQL(", ").join(map(sql.Identifier, row))
        marks = sql.SQL(", ").join(map(sql.Placeholder, row))
        with self.region.admin(Place.RECORD, self.organization_id) as connection:
            connection.execute(sql.SQL("insert into record.fact ({}) values ({})").format(names, marks), row)
        return document_id

    def add_document(self, *, days_ago: float = 1, author: UUID | None = None) -> UUID:
        moment = NOW - timedelta(days=days_ago)
        return self.region.sign(self.id, self.organization_id, created_at=moment, body_arrived=False, author=author).id

    def add_consent(self, *, recorded_by: UUID) -> None:
        with self.region.admin(Place.RECORD, self.organization_id) as connection:
            connection.execute(
                "insert into record.consent (organization_id, patient_id, recorded_by, recorded_by_name)"
                " values (%s, %s, %s, 'x')",
                (self.organization_id, self.id, recorded_by),
            )

    def add_booking(self, *, booked_by: str, days_ago: float = 0) -> UUID:
        """Add a booking that an account of the organisation made."""
        booking_id, at = uuid4(), NOW - timedelta(days=days_ago)
        with self.region.admin(Place.BOOKING) as connection:
            connection.execute(
                "insert into booking.site_booking (organization_id, id, request_id, slot_id, resource_id,"
                " speciality_code, starts_at, ends_at, patient_id, channel, booked_by, booked_by_name)"
                " values (%s, %s, uuidv7(), uuidv7(), uuidv7(), '109', %s, %s, %s, 'registrar', %s, 'x')",
                (self.organization_id, booking_id, at, at + timedelta(minutes=20), self.id, booked_by),
            )
        return booking_id


def add_patient_of(region: RegionStand, citizen: Citizen, organization_id: int) -> Patient:
    return Patient(region, citizen, organization_id, region.add_patient(citizen, organization_id))


def add_alice(region: RegionStand) -> Citizen:
    """Add a person whom the index knows by the card of the hospital."""
    citizen = region.add_citizen()
    with region.admin(Place.MPI) as connection:
        for table, key in (("patient", "snils"), ("patient_link", "person_id")):
            value = citizen.snils if key == "snils" else citizen.id
            query = sql.SQL("update mpi.{} set organization_id = %s where {} = %s")
            connection.execute(query.format(sql.Identifier(table), sql.Identifier(key)), (HOSPITAL, value))
    return citizen


def titles(events: tuple[Event, ...]) -> list[str]:
    return [event.title for event in events]


@pytest.fixture
def alice(region: RegionStand) -> Citizen:
    return add_alice(region)


@pytest.fixture
def hospital(region: RegionStand, alice: Citizen) -> Patient:
    """Алиса in the hospital: the first shard."""
    return add_patient_of(region, alice, HOSPITAL)


@pytest.fixture
def polyclinic(region: RegionStand, alice: Citizen) -> Patient:
    """Алиса in the polyclinic: the second shard."""
    return add_patient_of(region, alice, POLYCLINIC)


@pytest.fixture
def cold() -> HotCopies:
    """Hot copies without any Redis."""
    return HotCopies(None)


@pytest.fixture
def drops(region: RegionStand, valkey_server: RunningValkey) -> Iterator[dict[str, HotDrops]]:
    """The drops of the change feed by realm, each vouched for as up to date."""
    topology = region.topology
    shards = [one for one in topology.databases() if Place.RECORD in one.places]
    made = {name: HotDrops(valkey_server.url, name) for name in realms(topology, shards)}
    for one in made.values():
        assert one.vouch() or one.vouch()
    yield made
    for one in made.values():
        one.close()


@pytest.fixture
async def hot(valkey_server: RunningValkey, drops: dict[str, HotDrops]) -> AsyncIterator[HotCopies]:
    made = HotCopies(valkey_server.url)
    yield made
    await made.close()
