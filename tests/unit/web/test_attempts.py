import pytest

from trustmed.errors import Unavailable
from trustmed.web.attempts import (
    BY_LOGIN,
    BY_NETWORK,
    SLOW_AFTER,
    WINDOW_SECONDS,
    Attempts,
    Caller,
    TooManyAttempts,
    WrongCredentials,
    network_of,
)
from trustmed.web.known_devices import MOST_LOGINS, device_cookie, device_of


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def fail(attempts: Attempts, login: str, network: str, device: str | None = None, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(WrongCredentials), attempts.trying(Caller(login, network, device)):
            raise WrongCredentials


def enter(attempts: Attempts, login: str, network: str, device: str | None = None) -> None:
    with attempts.trying(Caller(login, network, device)):
        pass


def test_a_login_is_held_for_the_network_it_failed_from_alone() -> None:
    clock = Clock()
    attempts = Attempts(clock)
    fail(attempts, "Doctor", "here", times=BY_LOGIN)
    clock.now = 60
    with pytest.raises(TooManyAttempts) as refusal:
        enter(attempts, "DOCTOR", "here")
    assert refusal.value.retry_after_seconds == WINDOW_SECONDS - 60
    enter(attempts, "another", "here")
    enter(attempts, "doctor", "there")
    clock.now = WINDOW_SECONDS + 1
    enter(attempts, "doctor", "here")


def test_a_device_that_signed_in_before_has_a_counter_of_its_own() -> None:
    attempts = Attempts(Clock())
    fail(attempts, "doctor", "here", times=BY_LOGIN)
    for number in range(BY_NETWORK - 1):
        fail(attempts, f"login{number}", "here")
    enter(attempts, "doctor", "here", "desk")
    fail(attempts, "doctor", "here", "desk", times=BY_LOGIN)
    with pytest.raises(TooManyAttempts):
        enter(attempts, "doctor", "elsewhere", "desk")
    enter(attempts, "doctor", "elsewhere")


def test_guesses_from_everywhere_make_a_login_slow_and_never_close_it() -> None:
    attempts = Attempts(Clock())
    for number in range(SLOW_AFTER):
        fail(attempts, "doctor", f"network{number}")
    assert attempts.delay_of(Caller("doctor", "fresh")) > 0
    assert attempts.delay_of(Caller("doctor", "fresh", "desk")) == 0
    assert attempts.delay_of(Caller("another", "fresh")) == 0
    enter(attempts, "doctor", "fresh")


def test_a_network_is_closed_by_many_logins_and_not_by_one() -> None:
    attempts = Attempts(Clock())
    for number in range(BY_NETWORK):
        fail(attempts, f"login{number}", "here")
        enter(attempts, f"login{number}", "here")  # mistyped, then right: counts for nothing
    fail(attempts, "doctor", "here", times=BY_LOGIN - 1)
    enter(attempts, "fresh", "here")
    for number in range(BY_NETWORK - 1):
        fail(attempts, f"login{number}", "here")
    with pytest.raises(TooManyAttempts):
        enter(attempts, "fresh", "here")
    enter(attempts, "fresh", "there")


def test_a_lockout_is_told_once() -> None:
    clock = Clock()
    attempts = Attempts(clock)
    told = []
    for _ in range(2):
        fail(attempts, "doctor", "here", times=BY_LOGIN)
        for _ in range(3):
            with pytest.raises(TooManyAttempts) as refusal:
                enter(attempts, "doctor", "here")
            told.append(refusal.value.is_first)
        clock.now += WINDOW_SECONDS + 1
    assert told == [True, False, False] * 2


def test_many_at_once_are_counted_before_they_end() -> None:
    attempts = Attempts(Clock())
    begun = [attempts.trying(Caller("doctor", "here")) for _ in range(BY_LOGIN + 1)]
    for attempt in begun[:-1]:
        attempt.__enter__()
    with pytest.raises(TooManyAttempts):
        begun[-1].__enter__()


def test_a_database_that_is_down_is_no_failure() -> None:
    attempts = Attempts(Clock())
    for _ in range(BY_LOGIN + 1):
        with pytest.raises(Unavailable), attempts.trying(Caller("doctor", "here")):
            raise Unavailable("база не отвечает", "the database does not answer")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.1.2.3", "10.1.2.0/24"),
        ("::ffff:10.1.2.3", "10.1.2.0/24"),
        ("2a00:1:2:3:4::5", "2a00:1:2:3::/64"),
        ("testclient", "testclient"),
        (None, "unknown"),
    ],
)
def test_neighbours_are_one_network(address: str | None, network: str) -> None:
    assert network_of(address) == network


def test_a_device_is_known_for_the_logins_that_signed_in_on_it() -> None:
    value = None
    for number in range(MOST_LOGINS + 1):
        value = device_cookie("name", "secret", value, f"Login{number}", https=True).value
    assert value
    known = [device_of("secret", value, f"login{number}") is not None for number in range(MOST_LOGINS + 2)]
    assert known == [False, *[True] * MOST_LOGINS, False]
    assert device_of("another secret", value, "login1") is None
    device, *marks = value.split(".")
    assert device_of("secret", ".".join(["f" * 16, *marks]), "login1") is None
    for forged in (None, "", "x", f"{device}.", "я.я", ".".join([device] * 100)):
        assert device_of("secret", forged, "login1") is None
