"""The replication slots that carry a database of the site to the region, and what they tell about its links."""

from collections.abc import Iterable

import msgspec
from psycopg.rows import class_row
from psycopg_pool import AsyncConnectionPool

from trustmed.clinic.link.outgoing import Outgoing
from trustmed.db.queries import load

sql = load(__package__)


class Slot(msgspec.Struct, frozen=True):
    """A replication slot. The region has everything up to `confirmed`, a position in bytes from the log's start."""

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
    """Return the slots of these links, at most one for each link."""
    async with pool.connection() as connection, connection.cursor(row_factory=class_row(Slot)) as cursor:
        await cursor.execute(sql["slots"], {"pattern": carried.slot_pattern})
        return newest_epochs(await cursor.fetchall())


def newest_epochs(slots: Iterable[Slot]) -> tuple[Slot, ...]:
    """Return the slot of the highest epoch for each link: lower epochs are left over from before a rebuild."""
    return tuple({slot.link: slot for slot in sorted(slots, key=lambda slot: slot.epoch)}.values())


def broken(wanted: Iterable[str], slots: Iterable[Slot]) -> tuple[str, ...]:
    """Return the names of these links' slots that nobody reads, then the names of links without a slot."""
    by_link = {slot.link: slot for slot in slots}
    idle = [by_link[link].slot_name for link in wanted if link in by_link and not by_link[link].active]
    return (*idle, *(link for link in wanted if link not in by_link))


def confirmed_by_all(wanted: Iterable[str], slots: Iterable[Slot]) -> int:
    """Return the position that all these links have passed; 0 if any of them has no slot."""
    by_link = {slot.link: slot.confirmed for slot in slots}
    return min((by_link.get(link) or 0 for link in wanted), default=0)
