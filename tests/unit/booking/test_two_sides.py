"""A slot has one owner whatever happens: late and repeated messages, lost links, killed processes, clocks apart."""

import datetime as dt
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.examples import examples
from tests.unit.booking.sides import BEGINNING, Booked, Handback, Handover, Over, Recall, RegionSide, Side, SiteSide
from trustmed.booking.share import SlotToHandOver

SLOTS = st.integers(0, 2)
REQUESTS = st.integers(0, 5)
SEARCH = settings(
    max_examples=examples(60), stateful_step_count=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


class Wire:
    """One direction of the link: it carries committed rows in order, and may start again further back."""

    def __init__(self, source: Side, target: Side) -> None:
        self.source = source
        self.target = target
        self.carried = 0

    def carry(self, most: int) -> None:
        for row in self.source.log[self.carried : self.carried + most]:
            self.target.theirs.put(row)
            self.carried += 1

    def start_again(self, back: int) -> None:
        """Start again further back, as when the position is lost or tables are copied anew: rows come a second time."""
        self.carried = max(0, self.carried - back)


class TwoSides(RuleBasedStateMachine):
    """`promised`: acknowledged bookings, by the side that made them; those in `ended` may be over."""

    site_kind: type[SiteSide] = SiteSide
    region_kind: type[RegionSide] = RegionSide

    def __init__(self) -> None:
        super().__init__()
        starts = {slot: BEGINNING + dt.timedelta(hours=5, minutes=20 * slot) for slot in range(3)}
        self.site = self.site_kind(starts)
        self.region = self.region_kind(starts)
        self.up, self.down = Wire(self.site, self.region), Wire(self.region, self.site)
        self.promised: dict[tuple[str, int], int] = {}
        self.ended: set[int] = set()

    @initialize(minutes=st.integers(-90, 90))
    def set_clocks_apart(self, minutes: int) -> None:
        self.region.now += dt.timedelta(minutes=minutes)

    # A request makes one booking at most. The region's requests are numbered from 100, so ids of the sides never meet.
    @rule(slot=SLOTS, request=REQUESTS, answered=st.booleans())
    def site_books(self, slot: int, request: int, answered: bool) -> None:
        if self.site.book(request, slot) and answered:
            self.promised["site", request] = slot

    @rule(slot=SLOTS, request=REQUESTS, answered=st.booleans())
    def region_books(self, slot: int, request: int, answered: bool) -> None:
        if self.region.book(100 + request, slot) and answered:
            self.promised["region", 100 + request] = slot

    @rule(request=REQUESTS)
    def site_ends(self, request: int) -> None:
        self.ended |= {request} if self.site.end(request) else set()

    @rule(request=REQUESTS)
    def region_ends(self, request: int) -> None:
        self.ended |= {100 + request} if self.region.end(100 + request) else set()

    @rule(request=REQUESTS, by_site=st.booleans())
    def one_side_asks_the_other_to_end_a_booking(self, request: int, by_site: bool) -> None:
        if by_site:
            self.site.ask_to_end(100 + request)
        else:
            self.region.ask_to_end(request)

    @rule()
    def site_shares_out(self) -> None:
        self.site.share_out()

    @rule(slot=SLOTS, minutes=st.integers(1, 240))
    def site_hands_over(self, slot: int, minutes: int) -> None:
        """Hand over any slot by hand, again and again: turns follow each other."""
        self.site.hand_over(SlotToHandOver(UUID(int=slot), self.site.now + dt.timedelta(minutes=minutes)))

    @rule(slot=SLOTS)
    def site_recalls(self, slot: int) -> None:
        self.site.recall(slot)

    @rule(slot=SLOTS)
    def site_withdraws(self, slot: int) -> None:
        self.site.withdraw(slot)

    @rule(minutes=st.integers(1, 60))
    def time_passes(self, minutes: int) -> None:
        self.site.now += dt.timedelta(minutes=minutes)
        self.region.now += dt.timedelta(minutes=minutes)

    @rule(most=st.integers(1, 12))
    def the_sites_rows_reach_the_region(self, most: int) -> None:
        self.up.carry(most)

    @rule(most=st.integers(1, 12))
    def the_regions_rows_reach_the_site(self, most: int) -> None:
        self.down.carry(most)

    @rule(up=st.integers(0, 10), down=st.integers(0, 10))
    def the_link_starts_again_further_back(self, up: int, down: int) -> None:
        self.up.start_again(up)
        self.down.start_again(down)

    # Pending work is a step of its own, so that a process may die before it and leave it for later.
    @rule()
    def the_regions_feed_works(self) -> None:
        self._run_feed()

    @rule()
    def the_sites_task_works(self) -> None:
        self._run_task()

    @invariant()
    def a_slot_never_has_two_owners(self) -> None:
        for slot in self.site.starts:
            assert not (self.site.owns(slot) and self.region.open_turn(slot)), slot

    @invariant()
    def a_slot_is_never_sold_twice(self) -> None:
        for slot in self.site.starts:
            assert len(self.site.own.active_bookings(slot)) + len(self.region.own.active_bookings(slot)) <= 1, slot

    @invariant()
    def only_the_owner_of_a_slot_has_bookings_of_it(self) -> None:
        for slot in self.site.starts:
            assert self.site.owns(slot) or not self.site.own.active_bookings(slot)
            assert self.region.open_turn(slot) or not self.region.own.active_bookings(slot)

    @invariant()
    def an_acknowledged_booking_stands_until_somebody_ends_it(self) -> None:
        for (side, request), slot in self.promised.items():
            own = (self.site if side == "site" else self.region).own
            assert own.bookings.get(request) == Booked(request, slot)
            assert (Over(request) in own.rows) == (request in self.ended)

    @invariant()
    def a_turn_ends_once_and_after_it_began(self) -> None:
        for slot in self.site.starts:
            turns = [row.turn for row in self.region.log if isinstance(row, Handback) and row.slot == slot]
            assert turns == list(range(1, len(turns) + 1))
            assert self.site.own.last_turn_begun(slot) - len(turns) in (0, 1)

    def teardown(self) -> None:
        """Once the link has carried everything, each slot has one owner and every request is answered."""
        for _ in range(4):
            self.up.carry(len(self.site.log))
            self._run_feed()
            self.down.carry(len(self.region.log))
            self._run_task()
        assert self.region.theirs.rows == self.site.own.rows
        assert self.site.theirs.rows == self.region.own.rows
        for slot in self.site.starts:
            assert self.site.owns(slot) != bool(self.region.open_turn(slot)), slot
            self._assert_slot_kept_by_region_is_for_sale(slot)
        for side in (self.site, self.region):
            assert all(Over(request) in side.own.rows for request in side.theirs.asked)
        self.a_slot_is_never_sold_twice()
        self.an_acknowledged_booking_stands_until_somebody_ends_it()

    def _assert_slot_kept_by_region_is_for_sale(self, slot: int) -> None:
        turn = self.region.open_turn(slot)
        if turn is not None and not self.region.own.active_bookings(slot):
            assert turn.sell_until > self.region.now
            assert Recall(slot, turn.turn) not in self.site.own.rows

    def _run_feed(self) -> None:
        self.ended |= _carry_out_requests(self.region)
        self.region.hand_back()

    def _run_task(self) -> None:
        self.ended |= _carry_out_requests(self.site)


def _carry_out_requests(side: Side) -> set[int]:
    before = len(side.log)
    side.end_requested()
    return {row.request for row in side.log[before:] if isinstance(row, Over)}


def test_two_sides_keep_the_protocol() -> None:
    run_state_machine_as_test(TwoSides, settings=SEARCH)


class ForgetsTurns(SiteSide):
    """Takes any handback for that of the last turn."""

    def owns(self, slot: int) -> bool:
        return self.own.last_turn_begun(slot) == 0 or self.theirs.last_turn_ended(slot) > 0


class HandsOverTheBooked(SiteSide):
    """Hands over a slot that it owns even if it is booked."""

    def hand_over(self, one: SlotToHandOver) -> None:
        if self.owns(one.slot_id.int):
            self.commit([Handover(one.slot_id.int, self.own.last_turn_begun(one.slot_id.int) + 1, one.sell_until)])


class BooksRecalledSlots(SiteSide):
    """Books a slot it has recalled without waiting for the answer."""

    def owns(self, slot: int) -> bool:
        return super().owns(slot) or Recall(slot, self.own.last_turn_begun(slot)) in self.own.rows


class HandsBackTheBooked(RegionSide):
    """Answers a recall even if the slot is booked."""

    def hand_back(self) -> None:
        self.commit(Handback(row.slot, row.turn) for row in self.theirs.recalls)


class KeepsTheUnsold(RegionSide):
    """Forgets slots past their deadline: it hands back only what is recalled."""

    def hand_back(self) -> None:
        for row in self.theirs.recalls:
            if self.open_turn(row.slot) == self.theirs.handovers[row.slot] and not self.own.active_bookings(row.slot):
                self.commit([Handback(row.slot, row.turn)])


@pytest.mark.parametrize(
    "broken",
    [
        {"site_kind": ForgetsTurns},
        {"site_kind": HandsOverTheBooked},
        {"site_kind": BooksRecalledSlots},
        {"region_kind": HandsBackTheBooked},
        {"region_kind": KeepsTheUnsold},
    ],
    ids=lambda broken: next(iter(broken.values())).__name__,
)
def test_a_side_that_breaks_the_protocol_is_found_out(broken: dict[str, Any]) -> None:
    machine = type("Broken", (TwoSides,), broken)
    search = settings(SEARCH, max_examples=500, derandomize=True, database=None, phases=[Phase.generate])
    with pytest.raises(AssertionError):
        run_state_machine_as_test(machine, settings=search)
