"""Free slots: from the day's hot copy where there is one, from the booking database otherwise."""

import asyncio
import datetime as dt
from collections.abc import Iterable, Sequence

import msgspec

from trustmed.booking.model import local_day
from trustmed.db.async_rows import find_structs
from trustmed.db.queries import load
from trustmed.hot.copies import HotCopies
from trustmed.hot.form import form_of
from trustmed.hot.protocol import realm
from trustmed.region.booking.copies import DROP_SLOTS, HOT_DAYS, outline_key, slots_key
from trustmed.region.booking.errors import DaysRefused
from trustmed.region.booking.model import FreeSlot
from trustmed.region.pools import Pools
from trustmed.schema import Place

QUERIES = load(__package__)
LONGEST_DAYS = 62
FIRST_DAY, LAST_DAY = dt.date(2000, 1, 1), dt.date(9000, 1, 1)

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[FreeSlot, ...]).decode
FORM = form_of(tuple[FreeSlot, ...])


async def free(
    pools: Pools,
    hot: HotCopies,
    organization_id: int,
    day_from: dt.date,
    day_to: dt.date,
    speciality_code: str | None = None,
) -> tuple[FreeSlot, ...]:
    """Return the slots the region can sell now on these local days, both included. Raises DaysRefused, PartMissing.

    Whatever it says, booking looks afresh.
    """
    is_range = dt.timedelta(0) <= day_to - day_from < dt.timedelta(days=LONGEST_DAYS)
    if not (is_range and day_from >= FIRST_DAY and day_to <= LAST_DAY):
        raise DaysRefused(LONGEST_DAYS)
    days = [day_from + dt.timedelta(days=number) for number in range((day_to - day_from).days + 1)]
    known = [day for day in days if _is_hot(day)] if hot.is_up else []
    parts = await asyncio.gather(*(_of_day(pools, hot, organization_id, day) for day in known))
    found = [slot for part in parts for slot in part]
    for since, before in _spans([day for day in days if day not in set(known)]):
        found += await _from_database(pools, organization_id, since, before)
    now = dt.datetime.now(dt.UTC)
    return tuple(
        slot
        for slot in sorted(found, key=lambda one: (one.starts_at, one.name, one.slot_id))
        if slot.sell_until > now and slot.starts_at > now and speciality_code in (None, slot.speciality_code)
    )


async def forget(hot: HotCopies, organization_id: int, *moments: dt.datetime) -> None:
    """Drop the copies of these moments' days at once. If it fails, the change feed drops them a little later."""
    days = {slots_key(organization_id, moment.astimezone().date()) for moment in moments}
    await hot.drop(days | {outline_key(organization_id)})


def _is_hot(day: dt.date) -> bool:
    """Return whether the feed drops copies of this day whenever anything in them changes."""
    return 0 <= (day - dt.datetime.now().astimezone().date()).days <= HOT_DAYS


def _spans(days: Sequence[dt.date]) -> Iterable[tuple[dt.datetime, dt.datetime]]:
    """Return the days as runs of consecutive days."""
    start = 0
    for end in range(1, len(days) + 1):
        if end == len(days) or days[end] - days[end - 1] > dt.timedelta(days=1):
            yield local_day(days[start])[0], local_day(days[end - 1])[1]
            start = end


async def _of_day(pools: Pools, hot: HotCopies, organization_id: int, day: dt.date) -> tuple[FreeSlot, ...]:
    async def read() -> bytes:
        return _encode(await _from_database(pools, organization_id, *local_day(day)))

    realms = (realm(DROP_SLOTS, pools.of_place(Place.BOOKING).label),)
    return _decode(await hot.fill(slots_key(organization_id, day), read, realms, FORM))


async def _from_database(
    pools: Pools, organization_id: int, since: dt.datetime, before: dt.datetime
) -> tuple[FreeSlot, ...]:
    async with pools.connection(pools.of_place(Place.BOOKING)) as connection:
        return tuple(
            await find_structs(
                connection,
                FreeSlot,
                QUERIES["free"],
                {"organization_id": organization_id, "since": since, "before": before},
            )
        )
