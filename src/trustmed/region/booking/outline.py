"""What can be booked where in the days ahead, without the slots themselves: one small hot copy an organisation."""

import asyncio
import datetime as dt
from collections.abc import Iterable
from functools import partial
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from trustmed.booking.model import local_day
from trustmed.db.queries import load
from trustmed.hot.copies import HotCopies
from trustmed.hot.form import form_of
from trustmed.hot.protocol import realm
from trustmed.region.booking.copies import DROP_SLOTS, outline_key
from trustmed.region.booking.model import Speciality
from trustmed.region.pools import Pools
from trustmed.schema import Place

QUERIES: Final = load(__package__)
AHEAD_DAYS: Final = 14
AT_ONCE: Final = 4
"""Organisations read from the database at one time: the rest of the pool is for those who book."""


class Outline(msgspec.Struct, frozen=True, array_like=True):
    """An organisation's specialities by name, valid until `until`: a slot stops being sold then, or the day ends."""

    until: dt.datetime
    specialities: tuple[Speciality, ...]


class OutlineRow(NamedTuple):
    """A free slot, its speciality, when it begins, until when it is sold. A tuple: there are thousands."""

    slot_id: UUID
    code: str
    speciality: str
    starts_at: dt.datetime
    sell_until: dt.datetime


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Outline).decode
_FORM = form_of(Outline)


async def specialities(pools: Pools, hot: HotCopies) -> tuple[Speciality, ...]:
    """Return what can be booked within AHEAD_DAYS days, by organisation and speciality's name. Raises PartMissing."""
    numbers = [one.id for site in pools.topology.site for one in site.organization]
    realms = (realm(DROP_SLOTS, pools.of_place(Place.BOOKING).label),)
    copies = await hot.get_many([outline_key(number) for number in numbers], realms, _FORM)
    found = {number: _decode(copy) for number, copy in zip(numbers, copies, strict=True) if copy is not None}
    now = dt.datetime.now(dt.UTC)
    stale = [number for number in numbers if number not in found or found[number].until <= now]
    await hot.drop(outline_key(number) for number in stale if number in found)
    gate = asyncio.Semaphore(AT_ONCE)

    async def renew(number: int) -> None:
        async with gate:
            found[number] = _decode(await hot.fill(outline_key(number), partial(_read, pools, number), realms, _FORM))

    await asyncio.gather(*(renew(number) for number in stale))
    return tuple(one for number in numbers for one in found[number].specialities)


async def _read(pools: Pools, organization_id: int) -> bytes:
    today = dt.datetime.now().astimezone().date()
    days = [today + dt.timedelta(days=number) for number in range(AHEAD_DAYS)]
    span = {"organization_id": organization_id, "since": local_day(days[0])[0], "before": local_day(days[-1])[1]}
    async with pools.connection(pools.of_place(Place.BOOKING)) as connection:
        rows = await (await connection.execute(QUERIES["outline"], span)).fetchall()
    return _encode(outlined(organization_id, days, map(OutlineRow._make, rows)))


def outlined(organization_id: int, days: list[dt.date], rows: Iterable[OutlineRow]) -> Outline:
    """Make the outline of an organisation. `rows`: free slots in order of time; `days`: consecutive local days."""
    until = local_day(days[0])[1]
    groups: dict[str, list[OutlineRow]] = {}
    for row in rows:
        groups.setdefault(row.code, []).append(row)
        until = min(until, row.starts_at, row.sell_until)
    made = []
    for code, group in groups.items():
        counts = dict.fromkeys(days, 0)
        for row in group:
            counts[row.starts_at.astimezone().date()] += 1
        first, by_day = group[0], tuple(counts.values())
        made.append(
            Speciality(organization_id, code, first.speciality, first.starts_at, first.slot_id, days[0], by_day)
        )
    return Outline(until, tuple(sorted(made, key=lambda one: (one.name, one.code))))
