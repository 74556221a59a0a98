"""Doctors' hours of the laptop region, slots for two weeks, and the share the region gets of first visits."""

import datetime as dt
from collections.abc import Iterator
from uuid import UUID

import msgspec
import psycopg

from trustmed.booking.model import local_day
from trustmed.db.queries import load
from trustmed.schema import Place
from trustmed.topology.connect import connect
from trustmed.topology.file.spec import Topology

QUERIES = load("trustmed.demo")
DAYS = 14
MINUTES = 20
BEGINS, ENDS = dt.time(9), dt.time(15)
SHARE_PERCENT, RETURN_HOURS = 40, 24
SPECIALITIES = {"110": "Врач-терапевт участковый", "34": "Врач-кардиолог", "122": "Врач-хирург"}
KINDS = ("first", "first", "repeat")


class Someone(msgspec.Struct, frozen=True):
    """A doctor on the schedule."""

    employee_id: UUID
    name: str
    position_code: str


def set_shares(topology: Topology) -> None:
    """The region gets its share everywhere; a share that was set by hand stays."""
    with connect(topology, topology.database_of(Place.BOOKING), "administrator", "seed") as connection:
        for organization in (one for site in topology.site for one in site.organization):
            values = {"organization_id": organization.id, "percent": SHARE_PERCENT, "return_hours": RETURN_HOURS}
            connection.execute(QUERIES["set_share"], values)


def open_schedule(connection: psycopg.Connection, organization_id: int, today: dt.date) -> None:
    """Hours of every doctor, and slots for DAYS days from `today` on, weekdays only; what is there stays."""
    key = {"organization_id": organization_id}
    doctors = [Someone(*row) for row in connection.execute(QUERIES["doctors"], key).fetchall()]
    with connection.transaction():
        for number, doctor in enumerate(doctors):
            values = {
                **key,
                **msgspec.structs.asdict(doctor),
                "speciality": SPECIALITIES.get(doctor.position_code, doctor.position_code),
                "room": f"{101 + number}",
            }
            row = connection.execute(QUERIES["add_resource"], values).fetchone()
            if row is None:
                continue
            hours = {**key, "resource_id": row[0], "starts": BEGINS, "ends": ENDS, "minutes": MINUTES, "from": today}
            for weekday in range(1, 6):
                connection.execute(QUERIES["add_hours"], {**hours, "weekday": weekday})
            slots = [{**key, "resource_id": row[0], **slot} for slot in _slots(today)]
            with connection.cursor() as cursor:
                cursor.executemany(QUERIES["add_slot"], slots)


def _slots(today: dt.date) -> Iterator[dict[str, object]]:
    length = dt.timedelta(minutes=MINUTES)
    for number in range(DAYS):
        day = today + dt.timedelta(days=number)
        if day.isoweekday() > 5:
            continue
        midnight, _ = local_day(day)
        at = midnight + dt.timedelta(hours=BEGINS.hour)
        for order in range((ENDS.hour - BEGINS.hour) * 60 // MINUTES):
            starts = at + order * length
            yield {"starts_at": starts, "ends_at": starts + length, "visit_kind": KINDS[order % len(KINDS)]}
