from hypothesis import given
from hypothesis import strategies as st

from trustmed.region.access import rate
from trustmed.region.access.rate import Buckets


class Clock:
    """A clock that stands until it is moved."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_second_holds_the_permitted_number_of_requests_and_no_more():
    buckets = Buckets(Clock())
    assert [buckets.take("a", 3) == 0 for _ in range(5)] == [True, True, True, False, False]
    assert buckets.take("b", 3) == 0


def test_waiting_the_time_given_is_enough():
    clock = Clock()
    buckets = Buckets(clock)
    while not (wait := buckets.take("a", 4)):
        pass
    clock.now += wait + 1e-9
    assert buckets.take("a", 4) == 0


@given(st.lists(st.floats(0, 0.5), min_size=1, max_size=60), st.integers(1, 5))
def test_no_stretch_of_time_holds_more_than_its_share(pauses: list[float], per_second: int):
    clock = Clock()
    buckets = Buckets(clock)
    passed = 0
    for pause in pauses:
        clock.now += pause
        passed += buckets.take("a", per_second) == 0
    assert passed <= per_second + clock.now * per_second + 1e-6


def test_full_buckets_are_forgotten_and_empty_ones_are_not(monkeypatch):
    monkeypatch.setattr(rate, "MOST_BUCKETS", 3)
    clock = Clock()
    buckets = Buckets(clock)
    for name in ("a", "b"):
        buckets.take(name, 1, 1)
    clock.now = 5
    buckets.take("empty", 0.01, 1)
    buckets.take("new", 1, 1)
    assert buckets.take("empty", 0.01, 1) > 0
    assert len(buckets._buckets) == 2
