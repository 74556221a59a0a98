"""Booking, moving, cancelling through the region: the same for the call centre, the portal and the federal level.

Each works in one transaction of the booking database that wrote its audit row itself; without one the database shows
and takes nothing of any patient.
"""

import datetime as dt
from typing import Any, Literal
from uuid import UUID

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from trustmed.audit.actions import Action
from trustmed.booking.errors import BookingMissing, BookingOver, NotOurs, RequestReused
from trustmed.booking.locks import PLAN_ONCE, TAKE_LOCKS
from trustmed.booking.model import Booking, BookingRequest
from trustmed.db.async_rows import find_struct, find_structs
from trustmed.db.queries import load
from trustmed.hot.copies import HotCopies
from trustmed.region.access.model import Access, Reader
from trustmed.region.access.service import open_reading
from trustmed.region.booking.errors import BookingPast
from trustmed.region.booking.free import forget, free
from trustmed.region.booking.making import Owner, find_booking_of_request, make_booking, take_locks
from trustmed.region.booking.model import Caller, slot_lock
from trustmed.region.booking.outline import specialities
from trustmed.region.pools import Pools
from trustmed.schema import Place

__all__ = ["book", "bookings", "cancel", "free", "move", "specialities"]

QUERIES = load(__package__)
PAST_DAYS = 90


class RegionBooking(Owner, frozen=True):
    """A booking the region made, as far as the asker may see it."""

    slot_id: UUID
    starts_at: dt.datetime
    ended_at: dt.datetime | None


class SiteBooking(msgspec.Struct, frozen=True):
    """A booking a site made."""

    ended_at: dt.datetime | None


async def book(
    pools: Pools, hot: HotCopies, reader: Reader, caller: Caller, organization_id: int, asked: BookingRequest
) -> Booking:
    """Book a slot of the region's. The same request sent again is the same booking.

    Raises CallerUnnamed, SlotMissing, RequestReused, SlotRefused (in all its kinds), PartMissing.
    """
    caller = caller.named()
    async with open_reading(
        pools, pools.of_place(Place.BOOKING), Access(reader, Action.REGION_BOOK, caller.person_id)
    ) as connection:
        attempt = await take_locks(connection, organization_id, caller, asked)
        booking, _ = await make_booking(connection, attempt)
    await forget(hot, organization_id, booking.starts_at)
    return booking


async def move(
    pools: Pools,
    hot: HotCopies,
    reader: Reader,
    caller: Caller,
    organization_id: int,
    booking_id: UUID,
    asked: BookingRequest,
) -> Booking:
    """Book another slot of the organisation instead: both happen or neither does.

    Raises BookingMissing, BookingOver, BookingPast, NotOurs (a site's booking) besides what `book` raises.
    """
    caller = caller.named()
    async with open_reading(
        pools, pools.of_place(Place.BOOKING), Access(reader, Action.REGION_MOVE, caller.person_id)
    ) as connection:
        values = caller.known_as() | {"organization_id": organization_id, "booking_id": booking_id}
        former = await _of_region(connection, caller, values)
        if former is None:
            raise NotOurs
        attempt = await take_locks(connection, organization_id, caller, asked, also=(former.slot_id,))
        if await _end(connection, values, "moved", reader, ""):
            # The slot may be the one that was just left.
            booking, is_new = await make_booking(connection, attempt.with_free_slot())
            if not is_new:
                raise RequestReused(asked.request_id)
            await connection.execute(QUERIES["moved_to"], values | {"moved_to": booking.id})
        elif before := await find_booking_of_request(connection, attempt):
            booking = before
        else:
            raise await _why_not_ended(connection, values)
    await forget(hot, organization_id, former.starts_at, booking.starts_at)
    return booking


async def cancel(
    pools: Pools,
    hot: HotCopies,
    reader: Reader,
    caller: Caller,
    organization_id: int,
    booking_id: UUID,
    why: str,
) -> Literal["cancelled", "asked"]:
    """End a booking the region made; of one that a site made, ask the site: it hears as soon as it has a link.

    Raises BookingMissing, BookingOver, BookingPast, PartMissing.
    """
    caller = caller.known()
    values = caller.known_as() | {"organization_id": organization_id, "booking_id": booking_id}
    database = pools.of_place(Place.BOOKING)
    async with open_reading(pools, database, Access(reader, Action.REGION_CANCEL, caller.person_id)) as connection:
        found = await _of_region(connection, caller, values)
        if found is None:
            words = {"channel": reader.channel, "by_name": reader.actor_name, "why": why}
            await connection.execute(QUERIES["ask_site"], values | words)
            return "asked"
        async with connection.pipeline():
            await connection.execute(TAKE_LOCKS, {"names": [slot_lock(found.slot_id)]})
            ended = await connection.execute(QUERIES["end"], _ending(values, "cancelled", reader, why))
        if await ended.fetchone() is None:
            raise await _why_not_ended(connection, values)
    await forget(hot, organization_id, found.starts_at)
    return "cancelled"


async def bookings(pools: Pools, reader: Reader, caller: Caller) -> tuple[Booking, ...]:
    """Return the patient's bookings, of both sides and in all organisations, ended ones too, from PAST_DAYS ago on.

    Raises CallerUnnamed, PartMissing.
    """
    caller = caller.known()
    since = dt.datetime.now(dt.UTC) - dt.timedelta(days=PAST_DAYS)
    async with open_reading(
        pools, pools.of_place(Place.BOOKING), Access(reader, Action.REGION_BOOKINGS, caller.person_id)
    ) as connection:
        values = caller.known_as() | {"since": since}
        return tuple(await find_structs(connection, Booking, QUERIES["bookings"], values))


async def _of_region(connection: AsyncConnection, caller: Caller, values: dict[str, Any]) -> RegionBooking | None:
    """Return the caller's booking if the region made it; None if a site did.

    Raises BookingMissing, BookingOver (of a site's: of the region's it is known only under the lock).
    """
    async with (
        connection.cursor(row_factory=class_row(RegionBooking)) as here,
        connection.cursor(row_factory=class_row(SiteBooking)) as there,
    ):
        async with connection.pipeline():
            await connection.execute(PLAN_ONCE)
            await here.execute(QUERIES["booking_at_region"], values)
            await there.execute(QUERIES["booking_at_site"], values)
        region, site = await here.fetchone(), await there.fetchone()
    if region is not None and region.is_of(caller):
        return region
    if site is None:
        raise BookingMissing(values["booking_id"])
    if site.ended_at is not None:
        raise BookingOver
    return None


async def _end(connection: AsyncConnection, values: dict[str, Any], how: str, reader: Reader, why: str) -> bool:
    row = await connection.execute(QUERIES["end"], _ending(values, how, reader, why))
    return await row.fetchone() is not None


def _ending(values: dict[str, Any], how: str, reader: Reader, why: str) -> dict[str, Any]:
    return values | {"how": how, "by_name": reader.actor_name, "why": why}


async def _why_not_ended(connection: AsyncConnection, values: dict[str, Any]) -> BookingOver | BookingPast:
    found = await find_struct(connection, RegionBooking, QUERIES["booking_at_region"], values)
    return BookingPast() if found is not None and found.ended_at is None else BookingOver()
