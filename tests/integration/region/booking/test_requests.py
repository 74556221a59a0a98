"""Requests of sites and deadlines of slots: the feed carries them out in any order and however often."""

import datetime as dt
from collections.abc import Iterator

import psycopg
import pytest

from tests.fix_region import RegionStand
from tests.integration.region.booking.conftest import Desk
from tests.integration.region.booking.rows import Clinic, at, booking_request, caller
from trustmed.region.booking.effects.requests import carry_out_requests, hand_back_unsold
from trustmed.region.booking.model import SlotKey
from trustmed.schema import Place


@pytest.fixture
def feed(region: RegionStand) -> Iterator[psycopg.Connection]:
    with region.connect(Place.BOOKING, "trustmed_feed") as connection:
        yield connection


def find_handbacks(clinic: Clinic, slot) -> list[tuple[object, object]]:
    return [(row["turn"], row["why"]) for row in clinic.rows("handback", slot)]


async def test_unsold_slots_are_handed_back_at_their_deadline_and_sold_slots_stay(
    region: RegionStand, clinic: Clinic, desk: Desk, feed: psycopg.Connection
):
    doctor = clinic.add_doctor()
    sold, unsold, later = (clinic.add_slot(doctor, at(9 + number)) for number in range(3))
    hand_back_unsold(feed)
    booking = await desk.book(who := caller(region.add_citizen()), booking_request(sold))
    for slot in (sold, unsold):
        clinic.expire(slot)
    with clinic.admin() as connection:  # as after the feed was down for an hour
        connection.execute("update booking.sweep set swept_until = now() - interval '1 hour'")
    for _ in range(2):
        hand_back_unsold(feed)
        assert [find_handbacks(clinic, slot) for slot in (sold, unsold, later)] == [[], [(1, "deadline")], []]
    await desk.cancel(who, booking.id)
    carry_out_requests(feed, [SlotKey(clinic.organization_id, sold)])
    assert find_handbacks(clinic, sold) == [(1, "deadline")]


async def test_many_expired_slots_are_handed_back_at_once(
    clinic: Clinic, feed: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("trustmed.region.booking.effects.requests.PAGE", 7)
    monkeypatch.setattr("trustmed.region.booking.effects.requests.BATCH", 3)
    hand_back_unsold(feed)
    doctor = clinic.add_doctor()
    slots = [clinic.add_slot(doctor, at(8) + dt.timedelta(minutes=15 * number)) for number in range(20)]
    for slot in slots:
        clinic.expire(slot)
    with clinic.admin() as connection:
        connection.execute("update booking.sweep set swept_until = now() - interval '1 hour'")
    hand_back_unsold(feed)
    assert [find_handbacks(clinic, slot) for slot in slots] == [[(1, "deadline")]] * 20


async def test_a_recalled_slot_is_handed_back_if_it_is_free(
    region: RegionStand, clinic: Clinic, desk: Desk, feed: psycopg.Connection
):
    doctor, who = clinic.add_doctor(), caller(region.add_citizen())
    free, booked, withdrawn = (clinic.add_slot(doctor, at(9 + number)) for number in range(3))
    await desk.book(who, booking_request(booked))
    booking = await desk.book(caller(region.add_citizen()), booking_request(withdrawn))
    for slot in (free, booked, withdrawn):
        clinic.recall(slot)
    clinic.withdraw(withdrawn)
    for _ in range(2):
        carry_out_requests(feed, [SlotKey(clinic.organization_id, slot) for slot in (free, booked, withdrawn)])
        assert [find_handbacks(clinic, slot) for slot in (free, booked, withdrawn)] == [[(1, "recall")], [], []]
    with clinic.admin() as connection:
        conflicts = connection.execute(
            "select kind, other_starts_at from booking.conflict where booking_id = %s", (booking.id,)
        ).fetchall()
    assert conflicts == [("withdrawn", booking.starts_at)]


async def test_a_request_of_the_site_ends_a_booking_of_the_region(
    region: RegionStand, clinic: Clinic, desk: Desk, feed: psycopg.Connection
):
    alice, slot = caller(region.add_citizen()), clinic.add_slot(clinic.add_doctor(), at(9))
    booking = await desk.book(alice, booking_request(slot))
    with clinic.admin() as connection:
        for why in ("врач заболел", "ещё раз"):
            connection.execute(
                "insert into booking.site_request (organization_id, booking_id, ask, by_name, why)"
                " values (%s, %s, 'cancel', 'Регистраторова Р. Р.', %s)",
                (clinic.organization_id, booking.id, why),
            )
    for _ in range(2):
        carry_out_requests(feed, [SlotKey(clinic.organization_id, slot)])
    (shown,) = await desk.bookings(alice)
    assert (shown.ended_how, shown.ended_by_name, shown.ended_why) == (
        *("cancelled", "Регистраторова Р. Р."),
        "врач заболел",
    )
    assert find_handbacks(clinic, slot) == []
    again = await desk.book(alice, booking_request(slot))
    carry_out_requests(feed, [SlotKey(clinic.organization_id, slot)])
    assert [one.ended_at for one in await desk.bookings(alice) if one.id == again.id] == [None]
