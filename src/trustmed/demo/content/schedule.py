"""Fill the schedule of a laptop region: doctors' hours, slots for two weeks, the region's share of first visits."""

import datetime as dt
from collections.abc import Iterator
from uuid import UUID

import msgspec
import psycopg
from psycopg.rows import class_row

from trustmed.booking.model import local_day
from trustmed.db.queries import load
from trustmed.schema import Place
from trustmed.topology.connect import connect
from trustmed.topology.file.spec import Topology

QUERIES = load(__package__)
DAYS = 14
MINUTES = 20  # of a slot
FRIDAY = 5  # ISO 8601
BEGINS, ENDS = dt.time(9), dt.time(15)
SHARE_PERCENT, RETURN_HOURS = 40, 24
SPECIALITIES = {"110": "Врач-терапевт участковый", "34": "Врач-кардиолог", "122": "Врач-хирург"}
KINDS = ("first", "first", "repeat")


class ScheduledDoctor(msgspec.Struct, frozen=True):
    """A doctor who gets a schedule."""

    employee_id: UUID
    name: str
    position_code: str


def set_shares(topology: Topology) -> None:
    """Give the region its share of every organisation's slots; a share that was set by hand stays."""
    with connect(topology, topology.database_of(Place.BOOKING), "administrator", "seed") as connection:
        for organization in (one for site in topology.site for one in site.organization):
            values = {"organization_id": organization.id, "percent": SHARE_PERCENT, "return_hours": RETURN_HOURS}
            connection.execute(QUERIES["set_share"], values)


def open_schedule(connection: psycopg.Connection, organization_id: int, today: dt.date) -> None:
    """Add hours and slots for each doctor without a schedule: weekdays of DAYS days from `today` on."""
    key = {"organization_id": organization_id}
    with connection.cursor(row_factory=class_row(ScheduledDoctor)) as cursor:
        doctors = cursor.execute(QUERIES["doctors"], key).fetchall()
    with connection.transaction():
        for number, doctor in enumerate(doctors):
            values = {
                **key,
                **msgspec.structs.asdict(doctor),
                "speciality": SPECIALITIES.get(doctor.position_code, doctor.position_code),
                "room": f"{101 + number}",
            }
            row = connection.execute(QUERIES["add_resource"], values).fetchone()
            if row is None:  # the doctor has a schedule already
                continue
            (resource_id,) = row
            hours = {
                **key,
                "resource_id": resource_id,
                "starts": BEGINS,
                "ends": ENDS,
                "minutes": MINUTES,
                "from": today,
            }
            for weekday in range(1, FRIDAY + 1):
                connection.execute(QUERIES["add_hours"], {**hours, "weekday": weekday})
            slots = [{**key, "resource_id": resource_id, **slot} for slot in _slots(today)]
            with connection.cursor() as cursor:
                cursor.executemany(QUERIES["add_slot"], slots)


def _slots(today: dt.date) -> Iterator[dict[str, object]]:
    length = dt.timedelta(minutes=MINUTES)
    for number in range(DAYS):
        day = today + dt.timedelta(days=number)
        if day.isoweekday() > FRIDAY:
            continue
        midnight, _ = local_day(day)
        at = midnight + dt.timedelta(hours=BEGINS.hour)
        for order in range((ENDS.hour - BEGINS.hour) * 60 // MINUTES):
            starts = at + order * length
            yield {"starts_at": starts, "ends_at": starts + length, "visit_kind": KINDS[order % len(KINDS)]}
