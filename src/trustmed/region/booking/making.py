"""One booking within a transaction that holds its locks: make it if every rule holds now, else say why not."""

import datetime as dt
from typing import Any
from uuid import UUID

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row, kwargs_row

from trustmed.booking.errors import (
    REFUSALS,
    Clash,
    RequestReused,
    SlotMissing,
    SlotRefused,
    SlotTaken,
)
from trustmed.booking.locks import PLAN_ONCE, TAKE_LOCKS
from trustmed.booking.model import Booking, BookingRequest, local_day
from trustmed.db.async_rows import find_struct
from trustmed.db.queries import load
from trustmed.region.booking.model import Caller, slot_lock

QUERIES = load(__package__)
TRIES = 3  # what stood in the way may be gone before it is asked about


class Owner(msgspec.Struct, frozen=True):
    """What tells that a booking the transaction sees is the caller's own."""

    person_id: UUID | None
    snils: str | None
    phone: str | None
    same_name: bool | None

    def is_of(self, caller: Caller) -> bool:
        """A booking of a known person is seen by that person alone, so row-level security has decided already."""
        if self.person_id is not None:
            return True
        if self.snils and caller.snils:
            return self.snils == caller.snils
        return bool(self.same_name) and self.phone is not None and self.phone == caller.phone


class SlotTime(msgspec.Struct, frozen=True):
    """When a slot begins and ends."""

    starts_at: dt.datetime
    ends_at: dt.datetime


class Standing(msgspec.Struct, frozen=True):
    """`state`: of the slot. `used`: whether something was booked by the request's id."""

    state: str
    used: bool


FREE = Standing("free", used=False)


class Attempt(msgspec.Struct, frozen=True):
    """A booking to make, the local day of its slot, and the state of the slot once the locks were held."""

    organization_id: int
    caller: Caller
    asked: BookingRequest
    day: tuple[dt.datetime, dt.datetime]
    standing: Standing

    def with_free_slot(self) -> "Attempt":
        """The same after the slot's former booking has been ended."""
        return msgspec.structs.replace(self, standing=msgspec.structs.replace(self.standing, state="free"))

    def parameters(self) -> dict[str, Any]:
        asked = self.asked
        return self.caller.known_as() | {
            "organization_id": self.organization_id,
            "patronymic": self.caller.patronymic,
            "slot_id": asked.slot_id,
            "request_id": asked.request_id,
            "channel": asked.channel,
            "by": asked.by,
            "by_name": asked.by_name,
            "allowed": asked.allowed,
            "day_begins": self.day[0],
            "day_ends": self.day[1],
        }


async def take_locks(
    connection: AsyncConnection,
    organization_id: int,
    caller: Caller,
    asked: BookingRequest,
    *,
    also: tuple[UUID, ...] = (),
) -> Attempt:
    """Take the locks of the person, of the slot and of the slots `also`, and look how things stand.

    Raises SlotMissing.
    """
    names = [*caller.locks(), *map(slot_lock, {asked.slot_id, *also})]
    key = {"organization_id": organization_id, "slot_id": asked.slot_id, "request_id": asked.request_id}
    async with (
        connection.cursor(row_factory=class_row(SlotTime)) as time,
        connection.cursor(row_factory=class_row(Standing)) as standing,
    ):
        async with connection.pipeline():
            await connection.execute(PLAN_ONCE)
            await connection.execute(TAKE_LOCKS, {"names": names})
            await time.execute(QUERIES["slot_time"], key)
            await standing.execute(QUERIES["why_not"], key)
        slot = await time.fetchone()
        if slot is None:
            raise SlotMissing(asked.slot_id)
        day = local_day(slot.starts_at.astimezone().date())
        return Attempt(organization_id, caller, asked, day, await standing.fetchone() or FREE)


async def find_booking_of_request(connection: AsyncConnection, attempt: Attempt) -> Booking | None:
    """Return what this very request booked before. Raises RequestReused."""
    async with connection.cursor(row_factory=kwargs_row(_with_owner)) as rows:
        await rows.execute(QUERIES["booking_of_request"], attempt.parameters())
        found = await rows.fetchone()
    if found is None:
        return None
    booking, owner = found
    if booking.slot_id != attempt.asked.slot_id or not owner.is_of(attempt.caller):
        raise RequestReused(attempt.asked.request_id)
    return booking


async def make_booking(connection: AsyncConnection, attempt: Attempt) -> tuple[Booking, bool]:
    """Make the booking; return it and whether it is new: the same request may have made it before.

    Raises RequestReused, SlotRefused (in all its kinds).
    """
    standing = attempt.standing
    for _ in range(TRIES):
        # Under the slot's lock nobody frees what is taken or over: then booking need not be tried.
        if not standing.used and standing.state not in REFUSALS:
            made = await find_struct(connection, Booking, QUERIES["book"], attempt.parameters())
            if made is not None:
                return made, True
            why = await find_struct(connection, Standing, QUERIES["why_not"], attempt.parameters())
            standing = why or FREE
        if standing.used:
            before = await find_booking_of_request(connection, attempt)
            if before is None:
                raise RequestReused(attempt.asked.request_id)
            return before, False
        refusal = await _refusal(connection, attempt, standing.state)
        if refusal is not None:
            raise refusal
    raise SlotTaken


def _with_owner(
    *, person_id: UUID | None, snils: str | None, phone: str | None, same_name: bool | None, **booking: Any
) -> tuple[Booking, Owner]:
    return Booking(**booking), Owner(person_id, snils, phone, same_name)


async def _refusal(connection: AsyncConnection, attempt: Attempt, state: str) -> SlotRefused | None:
    """Return why there is no booking, with the slot in this state; None if nothing stands in its way any more."""
    if state in REFUSALS:
        return REFUSALS[state]()
    if attempt.asked.allowed is not None:
        return None
    clash = await find_struct(connection, Clash, QUERIES["in_the_way"], attempt.parameters())
    return clash.refusal() if clash is not None else None
