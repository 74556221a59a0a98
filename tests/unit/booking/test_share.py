"""Which slots a site shares with the region."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustmed.booking.share import Quota, SharableSlot, choose_slots, find_quota

NOW = dt.datetime(2030, 1, 7, 5, tzinfo=dt.UTC)
DOCTORS = (UUID(int=1), UUID(int=2))


def sharable_slot(number: int, *, doctor: UUID = DOCTORS[0], kind: str = "first", days: int = 3) -> SharableSlot:
    at = NOW + dt.timedelta(days=days, minutes=20 * number)
    return SharableSlot(UUID(int=number + 1000 * days + doctor.int * 10**6), doctor, at.date(), kind, "109", at)


DAY = [sharable_slot(number) for number in range(10)]
SLOTS = st.lists(
    st.builds(
        msgspec.structs.replace,
        st.builds(
            sharable_slot,
            st.integers(0, 20),
            doctor=st.sampled_from(DOCTORS),
            kind=st.just("first"),
            days=st.integers(0, 2),
        ),
        handed=st.booleans(),
        booked=st.booleans(),
    ),
    unique_by=lambda slot: slot.slot_id,
)
QUOTAS = st.builds(Quota, st.just("first"), st.just(""), st.integers(0, 100), st.integers(0, 48))


def shared_numbers(slots: Sequence[SharableSlot], percent: int, hours: int = 24) -> list[int]:
    picked = {one.slot_id for one in choose_slots(slots, [Quota("first", "", percent, hours)], NOW)}
    return [number for number, slot in enumerate(slots) if slot.slot_id in picked]


@pytest.mark.parametrize(
    ("percent", "expected"),
    [(0, []), (9, []), (10, [9]), (40, [2, 4, 6, 9]), (100, list(range(10)))],
)
def test_a_share_is_rounded_down_and_spread_over_the_day(percent: int, expected: list[int]) -> None:
    assert shared_numbers(DAY, percent) == expected


def test_slots_already_handed_over_count_and_are_not_handed_over_again() -> None:
    had = [msgspec.structs.replace(slot, handed=number < 3) for number, slot in enumerate(DAY)]
    assert shared_numbers(had, 40) == [9]
    assert shared_numbers(had, 30) == []


def test_only_slots_that_can_still_be_sold_are_shared() -> None:
    assert shared_numbers(DAY, 100, hours=72) == list(range(1, 10))
    assert shared_numbers(DAY, 100, hours=96) == []


def test_a_specialitys_own_rule_takes_precedence_over_the_general_one() -> None:
    general, own = Quota("first", "", 50, 24), Quota("first", "130", 10, 24)
    assert find_quota([general, own], "first", "130") == own
    assert find_quota([general, own], "first", "109") == general
    assert find_quota([general, own], "repeat", "130") is None


def test_slots_of_a_visit_kind_without_a_rule_stay_at_the_site() -> None:
    assert shared_numbers([sharable_slot(number, kind="repeat") for number in range(5)], 100) == []


@given(SLOTS, QUOTAS)
def test_a_share_never_exceeds_its_quota(slots: list[SharableSlot], quota: Quota) -> None:
    picked = {one.slot_id: one.sell_until for one in choose_slots(slots, [quota], NOW)}
    by_id = {slot.slot_id: slot for slot in slots}
    for slot_id, until in picked.items():
        slot = by_id[slot_id]
        assert not slot.handed
        assert not slot.booked
        assert NOW < until == slot.starts_at - dt.timedelta(hours=quota.return_hours)
    for doctor, day in {(slot.resource_id, slot.day) for slot in slots}:
        group = [slot for slot in slots if (slot.resource_id, slot.day) == (doctor, day)]
        of_region = sum(slot.handed or slot.slot_id in picked for slot in group)
        assert of_region <= max(len(group) * quota.percent // 100, sum(slot.handed for slot in group))


@given(SLOTS, QUOTAS)
def test_sharing_again_hands_over_nothing_more(slots: list[SharableSlot], quota: Quota) -> None:
    picked = {one.slot_id for one in choose_slots(slots, [quota], NOW)}
    after = [msgspec.structs.replace(slot, handed=slot.handed or slot.slot_id in picked) for slot in slots]
    assert choose_slots(after, [quota], NOW) == ()


@given(SLOTS, QUOTAS)
def test_the_first_slot_of_a_day_stays_at_the_site_unless_all_are_shared(
    slots: list[SharableSlot], quota: Quota
) -> None:
    able = [msgspec.structs.replace(slot, handed=False, booked=False, resource_id=DOCTORS[0]) for slot in slots]
    able = sorted({slot.starts_at: slot for slot in able}.values(), key=lambda slot: slot.starts_at)
    one_day = [msgspec.structs.replace(slot, day=NOW.date()) for slot in able]
    sold = [slot for slot in one_day if slot.starts_at - dt.timedelta(hours=quota.return_hours) > NOW]
    picked = {one.slot_id for one in choose_slots(one_day, [quota], NOW)}
    assert len(picked) == len(sold) or sold[0].slot_id not in picked
