"""Find two bookings of one person that neither side could know of, and tell the organisation of the later one."""

import datetime as dt
import itertools
from collections.abc import Iterable, Sequence
from typing import Final, Literal
from uuid import UUID

import msgspec
import psycopg

from trustmed.booking.locks import TAKE_LOCKS
from trustmed.db.arrays import array_literal
from trustmed.db.queries import load
from trustmed.feed.changes import Change
from trustmed.feed.effect import Effect, Surroundings
from trustmed.region.booking.effects.requests import slot_arrays, slot_key
from trustmed.region.booking.model import SlotKey, person_lock
from trustmed.schema import Place

QUERIES = load(__package__)
BATCH: Final = 200  # persons of one transaction: a lock each

Kind = Literal["same_time", "same_speciality"]


class Expected(msgspec.Struct, frozen=True):
    """A booking to come. `allowed`: whoever made it said why the rules are set aside for it."""

    person_id: UUID
    organization_id: int
    id: UUID
    starts_at: dt.datetime
    ends_at: dt.datetime
    speciality_code: str
    speciality: str
    name: str
    allowed: bool
    booked_at: dt.datetime


class Conflict(msgspec.Struct, frozen=True):
    kind: Kind
    earlier: Expected
    later: Expected


def conflicts(bookings: Iterable[Expected]) -> list[Conflict]:
    """Return pairs of one person's bookings that break a rule, once each: by time, else by speciality and day.

    Days are local, by the clock of this program's zone. What was made later is `later`, whichever visit is first.
    """
    ordered = sorted(bookings, key=lambda one: (one.booked_at, one.id))
    found = []
    for earlier, later in itertools.combinations(ordered, 2):
        kind = None if earlier.allowed or later.allowed else _kind(earlier, later)
        if kind is not None:
            found.append(Conflict(kind, earlier, later))
    return found


def tell(connection: psycopg.Connection, persons: Iterable[UUID]) -> None:
    """Find the conflicts of these persons as things stand, under their locks; telling again changes nothing.

    `connection`: trustmed_feed, autocommit.
    """
    ordered = sorted(set(persons))
    for start in range(0, len(ordered), BATCH):
        batch = ordered[start : start + BATCH]
        with connection.transaction(), connection.cursor() as cursor:
            cursor.execute(TAKE_LOCKS, {"names": [person_lock(person) for person in batch]})
            rows = cursor.execute(QUERIES["expected_of"], {"persons": array_literal(batch)}).fetchall()
            expected = [Expected(*row) for row in rows]
            for _, of_one in itertools.groupby(expected, key=lambda one: one.person_id):
                for conflict in conflicts(of_one):
                    cursor.execute(QUERIES["tell_of_conflict"], _row(conflict))


def _kind(one: Expected, other: Expected) -> Kind | None:
    if one.starts_at < other.ends_at and one.ends_at > other.starts_at:
        return "same_time"
    is_same_day = one.starts_at.astimezone().date() == other.starts_at.astimezone().date()
    return "same_speciality" if is_same_day and one.speciality_code == other.speciality_code else None


def _row(conflict: Conflict) -> dict[str, object]:
    earlier, later = conflict.earlier, conflict.later
    return {
        "organization_id": later.organization_id,
        "kind": conflict.kind,
        "booking_id": later.id,
        "other_organization_id": earlier.organization_id,
        "other_booking_id": earlier.id,
        "other_name": f"{earlier.speciality}, {earlier.name}",
        "other_starts_at": earlier.starts_at,
    }


def _apply(surroundings: Surroundings, changes: Sequence[Change]) -> None:
    """Only new rows matter: a booking that ends or a card that leaves a person makes no conflict."""
    persons: set[UUID] = set()
    cards: set[SlotKey] = set()
    for change in changes:
        row = change.new
        if row is None:
            continue
        if change.table == "mpi.patient_link":
            persons |= {one for one in (row["person_id"],) if isinstance(one, UUID)}
        elif row["ended_at"] is None:
            if row["patient_id"] is not None:
                cards.add(slot_key(row, "patient_id"))
            if change.table == "booking.region_booking":
                persons |= {one for one in (row["person_id"],) if isinstance(one, UUID)}
    if cards:
        found = surroundings.connection.execute(QUERIES["people_of_patients"], slot_arrays(sorted(cards)))
        persons |= {person for (person,) in found}
    tell(surroundings.connection, persons)


def _rebuild(surroundings: Surroundings) -> None:
    rows = surroundings.connection.execute(QUERIES["people_expected"]).fetchall()
    tell(surroundings.connection, (person for (person,) in rows))


BOOKING_CONFLICTS: Final = Effect(
    "booking_conflicts",
    Place.BOOKING,
    frozenset({"booking.site_booking", "booking.region_booking", "mpi.patient_link"}),
    _apply,
    _rebuild,
)
