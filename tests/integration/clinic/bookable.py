"""Bookable slots of a site, their handovers, and the rows that the region's link would bring."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID, uuid4

import psycopg

from tests.fix_site import HOSPITAL, SiteStand

TOMORROW = dt.datetime.now().astimezone().replace(hour=9, minute=0, second=0, microsecond=0) + dt.timedelta(days=1)
THERAPIST, SURGEON = "109", "130"


class Bookable:
    """A doctor of the hospital with one day's slots, 20 minutes each from nine, which no other test uses."""

    def __init__(self, site: SiteStand, *, day: int = 0, speciality: str = THERAPIST, slots: int = 6) -> None:
        self.site = site
        self.resource = uuid4()
        self.starts = [TOMORROW + dt.timedelta(days=day, minutes=20 * number) for number in range(slots)]
        with site.admin() as connection:
            connection.execute(
                "insert into booking.resource (organization_id, id, kind, name, speciality_code, speciality)"
                " values (%s, %s, 'room', %s, %s, 'врач')",
                (HOSPITAL, self.resource, f"Врач {self.resource.hex[:6]}", speciality),
            )
            self.slots = [self._add_slot(connection, at) for at in self.starts]

    def _add_slot(self, connection: psycopg.Connection, at: dt.datetime) -> UUID:
        row = connection.execute(
            "insert into booking.slot (organization_id, resource_id, starts_at, ends_at, visit_kind)"
            " values (%s, %s, %s, %s, 'first') returning id",
            (HOSPITAL, self.resource, at, at + dt.timedelta(minutes=20)),
        ).fetchone()
        assert row
        return row[0]

    def hand_over(self, slot: UUID, turn: int = 1) -> None:
        self._run(
            "insert into booking.handover (organization_id, slot_id, turn, sell_until)"
            " values (%s, %s, %s, now() + interval '1 hour')",
            (HOSPITAL, slot, turn),
        )

    def hand_back(self, slot: UUID, turn: int = 1) -> None:
        """Insert what the region sends of a slot it hands back."""
        self._run(
            "insert into booking.handback (organization_id, slot_id, turn, why) values (%s, %s, %s, 'recall')",
            (HOSPITAL, slot, turn),
        )

    def book_by_region(self, slot: UUID, *, person: UUID | None = None, snils: str | None = None) -> UUID:
        """Insert what the region sends of a booking it made."""
        at = self.starts[self.slots.index(slot)]
        with self.site.admin() as connection:
            row = connection.execute(
                "insert into booking.region_booking (organization_id, request_id, slot_id, turn, resource_id,"
                " speciality_code, starts_at, ends_at, person_id, surname, given_name, birth_date, snils, phone,"
                " channel, booked_by, booked_by_name) select %s, uuidv7(), %s, 1, %s, speciality_code, %s, %s, %s,"
                " 'Дальнов', 'Егор', '1980-01-01', %s, '+7 900 000-00-00', 'portal', 'portal', 'Портал'"
                " from booking.resource where organization_id = %s and id = %s returning id",
                (
                    *(HOSPITAL, slot, self.resource, at, at + dt.timedelta(minutes=20), person, snils),
                    *(HOSPITAL, self.resource),
                ),
            ).fetchone()
        assert row
        return row[0]

    def count_bookings(self) -> dict[UUID, int]:
        """Return how many bookings of each slot are in force."""
        with self.site.admin() as connection:
            rows = connection.execute(
                "select slot_id, count(*) from booking.site_booking where slot_id = any(%s) and ended_at is null"
                " group by slot_id",
                (self.slots,),
            ).fetchall()
        return dict(rows)

    def find_handed_over(self) -> Sequence[UUID]:
        """Return the slots that were handed over, the earliest first."""
        with self.site.admin() as connection:
            rows = connection.execute(
                "select slot_id from booking.handover where slot_id = any(%s) order by at", (self.slots,)
            ).fetchall()
        return [row[0] for row in rows]

    def _run(self, statement: str, values: tuple[object, ...]) -> None:
        with self.site.admin() as connection:
            connection.execute(statement.encode(), values)


def add_patients(site: SiteStand, count: int) -> list[UUID]:
    """Add patients to the hospital; return their ids."""
    with site.admin() as connection:
        rows = connection.execute(
            "insert into mpi.patient (organization_id, surname, given_name, birth_date, sex)"
            " select %s, 'Записин', 'Пётр', date '1950-01-01' + n, 1 from generate_series(1, %s) n returning id",
            (HOSPITAL, count),
        ).fetchall()
    return [row[0] for row in rows]
