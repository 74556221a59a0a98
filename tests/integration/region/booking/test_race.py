"""Many requests at once for few slots: each is sold at most once, nobody gets two, none handed back is sold."""

import asyncio
import random
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from tests.fix_region import RegionStand
from tests.integration.region.booking.conftest import Desk
from tests.integration.region.booking.rows import Clinic, at, booking_request, caller
from trustmed.booking.errors import AlreadyThatDay, AlreadyThen, SlotOfSite, SlotTaken
from trustmed.booking.model import Booking
from trustmed.hot.copies import HotCopies
from trustmed.region.booking.effects.requests import carry_out_requests
from trustmed.region.booking.model import SlotKey
from trustmed.region.pools import Pools
from trustmed.schema import Place

pytestmark = pytest.mark.parametrize("region", ["apart"], indirect=True)
PEOPLE, SLOTS = 40, 5


def count_bookings(clinic: Clinic, slots: list) -> list[tuple]:
    with clinic.admin() as connection:
        return connection.execute(
            "select slot_id, count(*) filter (where ended_at is null), count(*) from booking.region_booking"
            " where slot_id = any(%s) group by slot_id",
            (slots,),
        ).fetchall()


@pytest.fixture(autouse=True)
def _lengthen_waits(region: RegionStand, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Lengthen the waits: dozens of requests queue for one lock longer than a page should wait."""
    monkeypatch.setattr("trustmed.region.pools.PATIENCE_SECONDS", 120.0)
    monkeypatch.setattr("trustmed.region.pools.WAIT_FOR_THE_BUSY_SECONDS", 120.0)
    name = sql.Identifier(region.topology.database_of(Place.BOOKING).name)
    with region.admin(Place.BOOKING) as connection:
        connection.execute(sql.SQL("alter role trustmed_region in database {} set lock_timeout = '120s'").format(name))
        yield
        connection.execute(sql.SQL("alter role trustmed_region in database {} reset lock_timeout").format(name))


async def run_at_once(region: RegionStand, attempts: list) -> list:
    """Run the attempts at once over dozens of connections."""
    pools, hot = Pools(region.topology, size=PEOPLE), HotCopies(None)
    await pools.open()
    for place in (Place.MPI, Place.BOOKING):
        await pools.pool(pools.of_place(place)).wait(60)
        async with pools.connection(pools.of_place(place)):
            pass  # the pool now knows its database is alive, so attempts wait for a connection
    desk = Desk(pools, hot)
    try:
        return await asyncio.gather(*(attempt(desk) for attempt in attempts), return_exceptions=True)
    finally:
        await pools.close()


async def test_each_slot_is_sold_once_when_dozens_compete(region: RegionStand, clinic: Clinic):
    doctor = clinic.add_doctor()
    slots = [clinic.add_slot(doctor, at(9 + number)) for number in range(SLOTS)]
    people = [caller(region.add_citizen()) for _ in range(PEOPLE)]

    def attempt(number: int):
        async def run(desk: Desk):
            return await desk.book(people[number], booking_request(slots[number % SLOTS]))

        return run

    got = await run_at_once(region, [attempt(number) for number in range(PEOPLE)])
    assert sum(isinstance(one, Booking) for one in got) == SLOTS
    assert {type(one) for one in got} == {Booking, SlotTaken}
    assert sorted(count_bookings(clinic, slots)) == sorted((slot, 1, 1) for slot in slots)


async def test_one_person_booking_many_slots_at_once_gets_one_booking_for_each_identity(
    region: RegionStand, clinic: Clinic
):
    doctor, alice = clinic.add_doctor(), region.add_citizen()
    slots = [clinic.add_slot(doctor, at(8) + number * (at(0.25) - at(0))) for number in range(30)]
    known, unknown = caller(alice), caller(snils=alice.snils)

    def attempt(number: int):
        async def run(desk: Desk):
            return await desk.book(known if number % 2 else unknown, booking_request(slots[number]))

        return run

    got = await run_at_once(region, [attempt(number) for number in range(30)])
    made = [one for one in got if isinstance(one, Booking)]
    # A caller unknown to the index does not see the known person's booking, so there may be two; that person sees both.
    assert 1 <= len(made) <= 2
    assert {type(one) for one in got} <= {Booking, AlreadyThatDay, AlreadyThen}


async def test_one_request_repeated_from_everywhere_makes_one_booking(region: RegionStand, clinic: Clinic):
    alice, want = caller(region.add_citizen()), booking_request(clinic.add_slot(clinic.add_doctor(), at(9)))

    async def run(desk: Desk):
        return await desk.book(alice, want)

    got = await run_at_once(region, [run] * 30)
    assert {one.id for one in got} == {got[0].id}
    assert count_bookings(clinic, [want.slot_id]) == [(want.slot_id, 1, 1)]


async def test_a_recalled_slot_is_either_sold_or_handed_back(region: RegionStand, clinic: Clinic):
    doctor = clinic.add_doctor()
    slots = [clinic.add_slot(doctor, at(8) + number * (at(0.25) - at(0))) for number in range(20)]
    people = [caller(region.add_citizen()) for _ in range(PEOPLE)]
    chance = random.Random(4)

    def attempt(number: int):
        async def run(desk: Desk):
            await asyncio.sleep(chance.random() * 0.2)
            return await desk.book(people[number], booking_request(slots[number // 2]))

        return run

    def recall_all() -> None:
        with region.connect(Place.BOOKING, "trustmed_feed") as feed:
            for slot in slots:
                clinic.recall(slot)
                carry_out_requests(feed, [SlotKey(clinic.organization_id, slot)])

    got, _ = await asyncio.gather(
        run_at_once(region, [attempt(number) for number in range(PEOPLE)]), asyncio.to_thread(recall_all)
    )
    assert {type(one) for one in got} <= {Booking, SlotTaken, SlotOfSite}
    sold = {slot for slot, active, _ in count_bookings(clinic, slots) if active}
    back = {slot for slot in slots if clinic.rows("handback", slot)}
    assert sold | back == set(slots)
    assert not sold & back, "a slot both booked and handed back"


async def test_a_slot_cancelled_at_its_deadline_is_either_booked_or_handed_back(
    region: RegionStand, clinic: Clinic, desk: Desk
):
    """Whichever request wins, the slot ends either booked or handed back, never both and never neither."""
    doctor = clinic.add_doctor()
    for round_number in range(10):
        slot = clinic.add_slot(doctor, at(8 + round_number))
        alice, others = caller(region.add_citizen()), [caller(region.add_citizen()) for _ in range(5)]
        booking = await desk.book(alice, booking_request(slot))

        def deadline(slot=slot) -> None:
            clinic.expire(slot)
            with region.connect(Place.BOOKING, "trustmed_feed") as feed:
                carry_out_requests(feed, [SlotKey(clinic.organization_id, slot)])

        await asyncio.gather(
            desk.cancel(alice, booking.id),
            asyncio.to_thread(deadline),
            *(desk.book(other, booking_request(slot)) for other in others),
            return_exceptions=True,
        )
        with region.connect(Place.BOOKING, "trustmed_feed") as feed:
            carry_out_requests(feed, [SlotKey(clinic.organization_id, slot)])  # as the feed does
        active = [one for one in clinic.rows("region_booking", slot) if one["ended_at"] is None]
        assert len(active) + len(clinic.rows("handback", slot)) == 1


async def test_crossing_moves_do_not_deadlock(region: RegionStand, clinic: Clinic, desk: Desk):
    doctor = clinic.add_doctor()
    one, two, three = (clinic.add_slot(doctor, at(8 + number)) for number in range(3))
    alice, boris = caller(region.add_citizen()), caller(region.add_citizen())
    of_alice, of_boris = await desk.book(alice, booking_request(one)), await desk.book(boris, booking_request(two))
    got = await asyncio.gather(
        desk.move(alice, of_alice.id, booking_request(two)),
        desk.move(boris, of_boris.id, booking_request(one)),
        desk.move(boris, of_boris.id, booking_request(three)),
        return_exceptions=True,
    )
    assert not any(isinstance(each, psycopg.Error) for each in got), got
    assert all(active <= 1 for _, active, _ in count_bookings(clinic, [one, two, three]))
    assert sum(active for _, active, _ in count_bookings(clinic, [one, two, three])) == 2
