"""Hot copies of free slots with the real feed and a real Redis that is disturbed: answers stay right."""

import asyncio
import datetime as dt
import signal
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

import msgspec
import pytest
from psycopg.conninfo import make_conninfo

from tests.fix_region import HOSPITAL, RegionStand
from tests.integration.region.booking.conftest import Desk
from tests.integration.region.booking.rows import Clinic, at, booking_request, caller
from tests.integration.region.feed.conftest import FeedStand, drop_slot, make_publication, make_slot, value
from tests.integration.region.hot.test_hot import Cache, cache
from trustmed.booking.errors import SlotTaken
from trustmed.embedded import process
from trustmed.feed.feed import Source
from trustmed.hot.copies import HotCopies
from trustmed.hot.drops import HotRealms
from trustmed.hot.protocol import copy_key, epoch_key, lease_key, realm
from trustmed.region.booking import service
from trustmed.region.booking.copies import DROP_SLOTS, slots_key
from trustmed.region.booking.free import FORM
from trustmed.region.booking.model import FreeSlot
from trustmed.region.pools import Pools
from trustmed.schema import Place

__all__ = ["cache"]

pytestmark = pytest.mark.parametrize("region", ["apart"], indirect=True)
BOOKING = frozenset({Place.BOOKING})
DAY = at(0).date()
KEY = slots_key(HOSPITAL, DAY)


class Stand(msgspec.Struct):
    """Readers with a Redis, and the feed that drops their copies."""

    cache: Cache
    feed: FeedStand
    desk: Desk
    realms: list[str]

    @contextmanager
    def feeding(self) -> Generator[None]:
        drops = HotRealms(self.cache.url)
        with self.feed.feeding(hot=drops):
            yield
        drops.close()

    async def find_free(self) -> dict[UUID, FreeSlot]:
        found = await service.free(self.desk.pools, self.desk.hot, HOSPITAL, DAY, DAY)
        return {slot.slot_id: slot for slot in found}

    async def count_free(self, code: str) -> int:
        """Return how many free slots of a speciality the outline shows."""
        offered = await service.specialities(self.desk.pools, self.desk.hot)
        return sum(one.count for one in offered if one.code == code)

    async def has_copy(self) -> bool:
        return await self.desk.hot.get(KEY, self.realms, FORM) is not None

    async def warm_up(self) -> None:
        """Wait until earlier changes have been dropped and a copy is given out."""
        with self.feed.connect() as connection:
            mark = value(connection, "select pg_current_wal_lsn()")
            reached = "select count(*) > 0 from feed.position where consumer = 'drop_hot_slots' and lsn >= %s"

            async def dropped() -> bool:
                return bool(value(connection, reached, mark))

            await wait_until(dropped)

        async def given() -> bool:
            await self.find_free()
            return await self.has_copy()

        await wait_until(given)


async def wait_until(condition: Callable, tries: int = 400) -> None:
    for _ in range(tries):
        if await condition():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come about in time")


@pytest.fixture
def booking_feed(region: RegionStand) -> Iterator[FeedStand]:
    database = region.topology.database_of(Place.BOOKING)
    running = region.servers[database.server]
    admin = running.conninfo(database.name)
    source = Source(
        database.label,
        make_conninfo(admin, user="trustmed_feed", password="trustmed_feed"),
        BOOKING,
    )
    stand = FeedStand(admin, source)
    with stand.connect() as connection:
        make_publication(connection, BOOKING)
        make_slot(connection)
    yield stand
    with stand.connect() as connection:
        drop_slot(connection)
        connection.execute("drop publication feed")
        connection.execute("delete from feed.position")


@pytest.fixture
async def stand(region: RegionStand, cache: Cache, booking_feed: FeedStand) -> AsyncIterator[Stand]:
    pools, hot = Pools(region.topology), HotCopies(cache.url)
    await pools.open()
    yield Stand(cache, booking_feed, Desk(pools, hot), [realm(DROP_SLOTS, booking_feed.source.name)])
    await hot.close()
    await pools.close()


def flush_redis(stand: Stand, change: Callable[[], None]) -> None:
    with stand.cache.client() as client:
        client.flushall()
        change()
        client.flushall()


def evict_keys(stand: Stand, change: Callable[[], None]) -> None:
    with stand.cache.client() as client:
        client.delete(copy_key(KEY))
        change()
        client.delete(lease_key(KEY))
        client.delete(epoch_key(stand.realms[0]))


def restart_redis(stand: Stand, change: Callable[[], None]) -> None:
    change()
    stand.cache.restart()


def freeze_redis(stand: Stand, change: Callable[[], None]) -> None:
    """Freeze Redis while the drop is sent."""
    process.send(stand.cache.handle.process, signal.SIGSTOP)
    try:
        change()
    finally:
        process.send(stand.cache.handle.process, signal.SIGCONT)


def restore_from_dump(stand: Stand, change: Callable[[], None]) -> None:
    """Undo the drop: bring back the dropped copy, as a Redis restored from its dump would."""
    with stand.cache.client() as client:
        copy, word = client.dump(copy_key(KEY)), client.get(epoch_key(stand.realms[0]))
        assert copy
        assert word
        change()
        stand.cache.restart()
        client.set(epoch_key(stand.realms[0]), word)
        client.restore(copy_key(KEY), 0, copy, replace=True)


@pytest.mark.fault
@pytest.mark.parametrize("disturb", [flush_redis, evict_keys, restart_redis, freeze_redis, restore_from_dump])
async def test_a_withdrawn_slot_disappears_for_good_whatever_happens_to_redis(
    clinic: Clinic, stand: Stand, disturb: Callable[[Stand, Callable[[], None]], None]
):
    codes = [f"hot-{uuid4()}" for _ in range(2)]
    gone, stays = (clinic.add_slot(clinic.add_doctor((code, "Горячая")), at(9)) for code in codes)
    with stand.feeding():
        await stand.warm_up()
        assert {gone, stays} <= set(await stand.find_free())
        assert [await stand.count_free(code) for code in codes] == [1, 1]
        await asyncio.to_thread(disturb, stand, lambda: clinic.withdraw(gone))

        async def is_gone() -> bool:
            return gone not in await stand.find_free() and await stand.count_free(codes[0]) == 0

        await wait_until(is_gone)
        await stand.warm_up()
        for _ in range(20):
            found = await stand.find_free()
            assert stays in found
            assert gone not in found
            assert [await stand.count_free(code) for code in codes] == [0, 1]


async def test_a_feed_that_was_stopped_misses_nothing(clinic: Clinic, stand: Stand):
    slot = clinic.add_slot(clinic.add_doctor(), at(9))
    with stand.feeding():
        await stand.warm_up()
        assert slot in await stand.find_free()
    clinic.recall(slot)
    with stand.feeding():

        async def is_gone() -> bool:
            return slot not in await stand.find_free()

        await wait_until(is_gone)


async def test_every_change_of_a_slot_drops_the_copy_of_its_day(region: RegionStand, clinic: Clinic, stand: Stand):
    doctor = clinic.add_doctor()
    slot = clinic.add_slot(doctor, at(9))
    alice = caller(region.add_citizen())

    async def shown(name: str | None = None) -> bool:
        found = (await stand.find_free()).get(slot)
        return found is not None and name in (None, found.name)

    async def hidden() -> bool:
        return not await shown()

    with stand.feeding():
        await stand.warm_up()
        assert await shown()
        booking = await stand.desk.book(alice, booking_request(slot))
        assert await hidden(), "the service drops the day itself"
        with pytest.raises(SlotTaken):
            await stand.desk.book(caller(region.add_citizen()), booking_request(slot))
        await stand.desk.cancel(alice, booking.id)
        assert await shown()
        clinic.recall(slot)
        await wait_until(hidden)
        await wait_until(lambda: is_handed_back(clinic, slot))
        clinic.hand_over(slot, turn=2)
        await wait_until(shown)
        name = f"Новая фамилия {uuid4()}"
        with clinic.admin() as connection:
            connection.execute("update booking.resource set name = %s where id = %s", (name, doctor))
        await wait_until(lambda: shown(name))
        clinic.hand_back(slot, turn=2)
        await wait_until(hidden)


async def is_handed_back(clinic: Clinic, slot: UUID) -> bool:
    return bool(clinic.rows("handback", slot))


async def test_a_slot_past_its_deadline_is_hidden_without_any_drop(clinic: Clinic, stand: Stand):
    """The copy still holds the slot; its readers check the clock."""
    code = f"hot-{uuid4()}"
    slot = clinic.add_slot(clinic.add_doctor((code, "Горячая")), at(9), handed=False)
    with stand.feeding():
        await stand.warm_up()
        assert await stand.count_free(code) == 0
        clinic.hand_over(slot, sell_for=dt.timedelta(seconds=2))

        async def shown() -> bool:
            return slot in await stand.find_free() and await stand.count_free(code) == 1

        async def hidden() -> bool:
            return slot not in await stand.find_free() and await stand.count_free(code) == 0

        await wait_until(shown)
        await wait_until(hidden)
        await wait_until(lambda: is_handed_back(clinic, slot))


async def test_without_redis_the_database_answers(clinic: Clinic, desk: Desk):
    slot = clinic.add_slot(clinic.add_doctor(), at(9))
    far = clinic.add_slot(clinic.add_doctor(), at(9, days=70))
    found = await service.free(desk.pools, desk.hot, HOSPITAL, DAY, DAY)
    assert slot in {one.slot_id for one in found}
    day = at(9, days=70).date()
    found = await service.free(desk.pools, desk.hot, HOSPITAL, day, day)
    assert far in {one.slot_id for one in found}
    assert await service.free(desk.pools, desk.hot, HOSPITAL, day, day, "no such speciality") == ()
