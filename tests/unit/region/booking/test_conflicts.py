"""Which two bookings of one person break a rule, and which of them is the later one."""

import datetime as dt
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from trustmed.region.booking.effects.conflicts import Expected, conflicts

PERSON = UUID(int=1)
MIDNIGHT = dt.datetime(2026, 11, 5).astimezone()


def expected_visit(
    number: int, minute: int, speciality: str = "1", *, length: int = 15, allowed: bool = False
) -> Expected:
    """Return a visit booked in order of `number` that starts at a minute since midnight."""
    starts_at = MIDNIGHT + dt.timedelta(minutes=minute)
    ends_at = starts_at + dt.timedelta(minutes=length)
    booked_at = MIDNIGHT - dt.timedelta(days=9) + dt.timedelta(seconds=number)
    return Expected(
        *(PERSON, 101, UUID(int=number), starts_at, ends_at, speciality, "врач", "Врачёва В. В.", allowed, booked_at)
    )


def found_conflicts(*bookings: Expected) -> list[tuple[str, int, int]]:
    return [(one.kind, one.earlier.id.int, one.later.id.int) for one in conflicts(bookings)]


def test_the_later_booking_conflicts_whichever_visit_is_first():
    assert found_conflicts(expected_visit(2, 540), expected_visit(1, 545, "2")) == [("same_time", 1, 2)]


def test_visits_that_touch_do_not_overlap():
    assert found_conflicts(expected_visit(1, 540), expected_visit(2, 555, "2")) == []


def test_two_bookings_of_one_speciality_conflict_on_one_local_day_only():
    assert found_conflicts(expected_visit(1, 540), expected_visit(2, 1439)) == [("same_speciality", 1, 2)]
    assert found_conflicts(expected_visit(1, 1430), expected_visit(2, 1440)) == [("same_time", 1, 2)]
    assert found_conflicts(expected_visit(1, 540), expected_visit(2, 1440)) == []


def test_an_allowed_booking_is_no_conflict():
    assert found_conflicts(expected_visit(1, 540), expected_visit(2, 540, allowed=True)) == []
    assert found_conflicts(expected_visit(1, 540, allowed=True), expected_visit(2, 540)) == []


bookings = st.lists(
    st.builds(
        expected_visit, st.integers(1, 99), st.integers(0, 3000), st.sampled_from("12"), length=st.integers(5, 90),
        allowed=st.booleans(),
    ),
    max_size=8,
    unique_by=lambda one: one.id,
)  # fmt: skip


@given(bookings, st.randoms())
def test_the_order_of_rows_does_not_matter(made: list[Expected], chance):
    shuffled = list(made)
    chance.shuffle(shuffled)
    assert conflicts(shuffled) == conflicts(made)


@given(bookings)
def test_each_pair_that_breaks_a_rule_is_found_once_and_no_other(made: list[Expected]):
    found = conflicts(made)
    assert len({(one.earlier.id, one.later.id) for one in found}) == len(found)
    for one in found:
        assert one.earlier.booked_at <= one.later.booked_at
        overlap = min(one.earlier.ends_at, one.later.ends_at) - max(one.earlier.starts_at, one.later.starts_at)
        assert (overlap > dt.timedelta(0)) == (one.kind == "same_time")
