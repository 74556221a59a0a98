"""Doctors, slots and turns as a site's link would bring them to the booking database."""

import datetime as dt
from contextlib import AbstractContextManager
from uuid import UUID, uuid4

import msgspec
import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from tests.fix_region import HOSPITAL, Citizen, RegionStand
from trustmed.booking.model import BookingRequest, Channel
from trustmed.region.access.model import Reader
from trustmed.region.booking.model import Caller
from trustmed.schema import Place

OPERATOR = Reader("operator-1", "Операторова О. О.", "region", "service")
THERAPIST, SURGEON = ("109", "врач-терапевт участковый"), ("97", "врач-хирург")


class Clinic:
    """One organisation's part of the booking database. Its slots lie in the future, a quarter of an hour each."""

    def __init__(self, region: RegionStand, organization_id: int = HOSPITAL) -> None:
        self.region = region
        self.organization_id = organization_id

    def admin(self) -> AbstractContextManager[psycopg.Connection]:
        return self.region.admin(Place.BOOKING)

    def add_doctor(self, speciality: tuple[str, str] = THERAPIST, name: str = "Врачёва В. В.") -> UUID:
        made = uuid4()
        with self.admin() as connection:
            connection.execute(
                "insert into booking.resource (organization_id, id, kind, employee_id, name, speciality_code,"
                " speciality, room) values (%s, %s, 'doctor', %s, %s, %s, %s, '101')",
                (self.organization_id, made, uuid4(), name, *speciality),
            )
        return made

    def add_slot(self, doctor: UUID, starts_at: dt.datetime, *, handed: bool = True) -> UUID:
        """Add a slot, handed over to the region if `handed`."""
        made = uuid4()
        with self.admin() as connection:
            connection.execute(
                "insert into booking.slot (organization_id, id, resource_id, starts_at, ends_at, visit_kind)"
                " values (%s, %s, %s, %s, %s, 'first')",
                (self.organization_id, made, doctor, starts_at, starts_at + dt.timedelta(minutes=15)),
            )
        if handed:
            self.hand_over(made)
        return made

    def hand_over(self, slot_id: UUID, turn: int = 1, sell_for: dt.timedelta = dt.timedelta(hours=1)) -> None:
        with self.admin() as connection:
            connection.execute(
                "insert into booking.handover (organization_id, slot_id, turn, sell_until) values (%s, %s, %s, %s)",
                (self.organization_id, slot_id, turn, dt.datetime.now(dt.UTC) + sell_for),
            )

    def hand_back(self, slot_id: UUID, turn: int = 1) -> None:
        with self.admin() as connection:
            connection.execute(
                "insert into booking.handback (organization_id, slot_id, turn, why) values (%s, %s, %s, 'deadline')",
                (self.organization_id, slot_id, turn),
            )

    def recall(self, slot_id: UUID, turn: int = 1) -> None:
        with self.admin() as connection:
            connection.execute(
                "insert into booking.recall (organization_id, slot_id, turn) values (%s, %s, %s)",
                (self.organization_id, slot_id, turn),
            )

    def withdraw(self, slot_id: UUID) -> None:
        with self.admin() as connection:
            connection.execute(
                "update booking.slot set withdrawn_at = now(), withdrawn_why = 'x' where id = %s", (slot_id,)
            )

    def expire(self, slot_id: UUID) -> None:
        """Let the deadline of the slot's turn pass."""
        with self.admin() as connection:
            connection.execute(
                "update booking.handover set sell_until = clock_timestamp() - interval '1 second' where slot_id = %s",
                (slot_id,),
            )

    def add_site_booking(self, slot_id: UUID, patient_id: UUID, allowed: str | None = None) -> UUID:
        """Add a booking made by the site's registrar into a slot of the site."""
        with self.admin() as connection:
            row = connection.execute(
                "insert into booking.site_booking (organization_id, request_id, slot_id, resource_id, speciality_code,"
                " starts_at, ends_at, patient_id, channel, booked_by, booked_by_name, allowed)"
                " select s.organization_id, uuidv7(), s.id, r.id, r.speciality_code, s.starts_at, s.ends_at, %s,"
                " 'registrar', 'r', 'Регистраторова Р. Р.', %s"
                " from booking.slot s join booking.resource r on r.id = s.resource_id where s.id = %s returning id",
                (patient_id, allowed, slot_id),
            ).fetchone()
        assert row is not None
        return row[0]

    def add_patient(self, person_id: UUID) -> UUID:
        """Add a link of a card of the organisation to the person, as the booking database knows it."""
        made = uuid4()
        with self.admin() as connection:
            connection.execute(
                "insert into mpi.patient_link (organization_id, patient_id, person_id, decision, reason)"
                " values (%s, %s, %s, 'automatic', 'snils')",
                (self.organization_id, made, person_id),
            )
        return made

    def rows(self, table: str, slot_id: UUID) -> list[dict[str, object]]:
        """Return the rows of a booking table about the slot."""
        with self.admin() as connection, connection.cursor(row_factory=dict_row) as cursor:
            query = sql.SQL("select * from booking.{} where slot_id = %s").format(sql.Identifier(table))
            cursor.execute(query, (slot_id,))
            return cursor.fetchall()


def at(hours: float, days: int = 3) -> dt.datetime:
    """Return the moment `hours` after the local midnight `days` ahead."""
    day = dt.datetime.now().astimezone().date() + dt.timedelta(days=days)
    return dt.datetime.combine(day, dt.time.min).astimezone() + dt.timedelta(hours=hours)


def booking_request(slot_id: UUID, allowed: str | None = None, channel: Channel = "call_centre") -> BookingRequest:
    return BookingRequest(slot_id, uuid4(), channel, OPERATOR.actor, OPERATOR.actor_name, allowed)


def caller(citizen: Citizen | None = None, **given: object) -> Caller:
    """Return the citizen as a caller, or one whom the index does not know (`given` then has a СНИЛС or a phone)."""
    known = (
        Caller(citizen.id, "Проверкина", "Алиса", None, dt.date(1980, 5, 5), citizen.snils)
        if citizen
        else Caller(None, "Незнакомцев", "Пробный", None, dt.date(1970, 1, 1))
    )
    return msgspec.structs.replace(known, **given)
