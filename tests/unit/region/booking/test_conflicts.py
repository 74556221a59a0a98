"""Which two bookings of one person break a rule, and which of them is the later one."""

import datetime as dt
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from trustmed.region.booking.effects.conflicts import Expected, conflicts

PERSON = UUID(int=1)
MIDNIGHT = dt.datetime(2026, 11, 5).astimezone()


def expected(number: int, minute: int, speciality: str = "1", *, length: int = 15, allowed: bool = False) -> Expected:
    """Booked in order of `number`, to a minute since midnight."""
    starts_at = MIDNIGHT + dt.timedelta(minutes=minute)
    ends_at = starts_at + dt.timedelta(minutes=length)
    booked_at = MIDNIGHT - dt.timedelta(days=9) + dt.timedelta(seconds=number)
    return Expected(
        *(PERSON, 101, UUID(int=number), starts_at, ends_at, speciality, "врач", "Врачёва В. В.", allowed, booked_at)
    )


def kinds(*bookings: Expected) -> list[tuple[str, int, int]]:
    return [(one.kind, one.earlier.id.int, one.later.id.int) for one in conflicts(bookings)]


def test_what_was_booked_later_conflicts_whichever_visit_is_first():
    assert kinds(expected(2, 540), expected(1, 545, "2")) == [("same_time", 1, 2)]


def test_visits_that_touch_do_not_overlap():
    assert kinds(expected(1, 540), expected(2, 555, "2")) == []


def test_one_speciality_on_one_local_day_only():
    assert kinds(expected(1, 540), expected(2, 1439)) == [("same_speciality", 1, 2)]
    assert kinds(expected(1, 1430), expected(2, 1440)) == [("same_time", 1, 2)]
    assert kinds(expected(1, 540), expected(2, 1440)) == []


def test_what_was_allowed_is_no_conflict():
    assert kinds(expected(1, 540), expected(2, 540, allowed=True)) == []
    assert kinds(expected(1, 540, allowed=True), expected(2, 540)) == []


bookings = st.lists(
    st.builds(
        expected, st.integers(1, 99), st.integers(0, 3000), st.sampled_from("12"), length=st.integers(5, 90),
        allowed=st.booleans(),
    ),
    max_size=8,
    unique_by=lambda one: one.id,
)  # fmt: skip


@given(bookings, st.randoms())
def test_the_order_in_which_rows_come_says_nothing(made: list[Expected], chance):
    shuffled = list(made)
    chance.shuffle(shuffled)
    assert conflicts(shuffled) == conflicts(made)


@given(bookings)
def test_each_pair_once_and_none_that_keeps_the_rules(made: list[Expected]):
    found = conflicts(made)
    assert len({(one.earlier.id, one.later.id) for one in found}) == len(found)
    for one in found:
        assert one.earlier.booked_at <= one.later.booked_at
        overlap = min(one.earlier.ends_at, one.later.ends_at) - max(one.earlier.starts_at, one.later.starts_at)
        assert (overlap > dt.timedelta(0)) == (one.kind == "same_time")
