"""One booking within a transaction that holds its locks: make it if every rule holds now, else say why not."""

import datetime as dt
from typing import Any
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from trustmed.booking.errors import (
    REFUSALS,
    AlreadyThatDay,
    AlreadyThen,
    RequestReused,
    SlotMissing,
    SlotRefused,
    SlotTaken,
)
from trustmed.booking.locks import PLAN_ONCE, TAKE_LOCKS
from trustmed.booking.model import Booking, BookingRequest, local_day
from trustmed.db.queries import load
from trustmed.region.booking.model import Caller, slot_lock

QUERIES = load(__package__)
TRIES = 3  # what stood in the way may be gone before it is asked about


class Whose(msgspec.Struct, frozen=True):
    """What tells that a booking the transaction sees is the caller's own."""

    person_id: UUID | None
    snils: str | None
    phone: str | None
    same_name: bool | None

    def is_of(self, caller: Caller) -> bool:
        """A booking of a known person is visible to that person alone, so row-level security has decided already."""
        if self.person_id is not None:
            return True
        if self.snils and caller.snils:
            return self.snils == caller.snils
        return bool(self.same_name) and self.phone is not None and self.phone == caller.phone


class Wanted(msgspec.Struct, frozen=True):
    """A booking to make, the local day of its slot, and the state of the slot once the locks were held.

    `state`: of the slot. `used`: whether something was booked by the request's id.
    """

    organization_id: int
    caller: Caller
    asked: BookingRequest
    day: tuple[dt.datetime, dt.datetime]
    state: str
    used: bool

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


async def wanted(
    connection: AsyncConnection,
    organization_id: int,
    caller: Caller,
    asked: BookingRequest,
    *,
    also: tuple[UUID, ...] = (),
) -> Wanted:
    """Take the locks of the person, of the slot and of the slots `also`. Raises SlotMissing."""
    names = [*caller.locks(), *map(slot_lock, {asked.slot_id, *also})]
    async with connection.pipeline():
        await connection.execute(PLAN_ONCE)
        await connection.execute(TAKE_LOCKS, {"names": names})
        key = {"organization_id": organization_id, "slot_id": asked.slot_id, "request_id": asked.request_id}
        slot = await connection.execute(QUERIES["slot_time"], key)
        why = await connection.execute(QUERIES["why_not"], key)
    row = await slot.fetchone()
    if row is None:
        raise SlotMissing(asked.slot_id)
    state, used = await why.fetchone() or ("free", False)
    return Wanted(organization_id, caller, asked, local_day(row[0].astimezone().date()), state, used)


async def made_before(connection: AsyncConnection, wanted: Wanted) -> Booking | None:
    """Return the booking that this very request made before, if it did. Raises RequestReused."""
    row = await (await connection.execute(QUERIES["booking_of_request"], wanted.parameters())).fetchone()
    return _of_request(wanted, row) if row is not None else None


async def made(connection: AsyncConnection, wanted: Wanted) -> tuple[Booking, bool]:
    """Make the booking; return it, and whether it is new: the same request may have made it before.

    Raises RequestReused, SlotRefused (in all its kinds).
    """
    state, used = wanted.state, wanted.used
    for _ in range(TRIES):
        # Under the slot's lock nobody frees what is taken or over: then booking need not be tried.
        if not used and state not in REFUSALS:
            row = await (await connection.execute(QUERIES["book"], wanted.parameters())).fetchone()
            if row is not None:
                return Booking(*row), True
            why = await connection.execute(QUERIES["why_not"], wanted.parameters())
            state, used = await why.fetchone() or ("free", False)
        if used:
            before = await made_before(connection, wanted)
            if before is None:
                raise RequestReused(wanted.asked.request_id)
            return before, False
        refusal = await _refusal(connection, wanted, state)
        if refusal is not None:
            raise refusal
    raise SlotTaken


def _of_request(wanted: Wanted, row: tuple[Any, ...]) -> Booking:
    booking, whose = Booking(*row[:17]), Whose(*row[17:])
    if booking.slot_id != wanted.asked.slot_id or not whose.is_of(wanted.caller):
        raise RequestReused(wanted.asked.request_id)
    return booking


async def _refusal(connection: AsyncConnection, wanted: Wanted, state: str) -> SlotRefused | None:
    """Return why the slot in this state cannot be booked; None if nothing stands in the way any more."""
    if state in REFUSALS:
        return REFUSALS[state]()
    if wanted.asked.allowed is not None:
        return None
    other = await (await connection.execute(QUERIES["in_the_way"], wanted.parameters())).fetchone()
    if other is None:
        return None
    name, speciality, starts_at, same_time = other
    what = f"{starts_at.astimezone():%d.%m.%Y %H:%M}, {speciality}, {name}"
    return AlreadyThen(what) if same_time else AlreadyThatDay(what)
