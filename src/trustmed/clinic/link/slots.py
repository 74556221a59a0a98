"""The slots that carry a database of the site to the region, and what they say of its links."""

from collections.abc import Iterable

import msgspec
from psycopg.rows import class_row
from psycopg_pool import AsyncConnectionPool

from trustmed.clinic.link.outgoing import Outgoing
from trustmed.db.queries import load

sql = load(__package__)


class Slot(msgspec.Struct, frozen=True):
    """`confirmed`: the position up to which the region has everything, in bytes from the log's start."""

    slot_name: str
    active: bool
    confirmed: int | None

    @property
    def link(self) -> str:
        return self.slot_name.rpartition("_")[0]

    @property
    def epoch(self) -> int:
        return int(self.slot_name.rpartition("_")[2])


async def read_slots(pool: AsyncConnectionPool, carried: Outgoing) -> tuple[Slot, ...]:
    """Return the slots of these links, one a link at most."""
    async with pool.connection() as connection, connection.cursor(row_factory=class_row(Slot)) as cursor:
        await cursor.execute(sql["slots"], {"pattern": carried.slot_pattern})
        return newest_epochs(await cursor.fetchall())


def newest_epochs(slots: Iterable[Slot]) -> tuple[Slot, ...]:
    """Of several slots of one link return the one of the highest epoch: the others are left from before a rebuild."""
    return tuple({slot.link: slot for slot in sorted(slots, key=lambda slot: slot.epoch)}.values())


def broken(wanted: Iterable[str], slots: Iterable[Slot]) -> tuple[str, ...]:
    """Return the slots of these links that nobody reads, then the links that have no slot."""
    by_link = {slot.link: slot for slot in slots}
    idle = [by_link[link].slot_name for link in wanted if link in by_link and not by_link[link].active]
    return (*idle, *(link for link in wanted if link not in by_link))


def confirmed_by_all(wanted: Iterable[str], slots: Iterable[Slot]) -> int:
    """Return the position that all these links have passed; 0 where one of them has no slot."""
    by_link = {slot.link: slot.confirmed for slot in slots}
    return min((by_link.get(link) or 0 for link in wanted), default=0)
