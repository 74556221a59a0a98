import pytest

from trustmed.errors import Unavailable
from trustmed.web.attempts import BY_ADDRESS, BY_LOGIN, WINDOW_SECONDS, Attempts, TooManyAttempts, WrongCredentials


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def fail(attempts: Attempts, login: str, address: str) -> None:
    with pytest.raises(WrongCredentials), attempts.trying(login, address):
        raise WrongCredentials


def enter(attempts: Attempts, login: str, address: str) -> None:
    with attempts.trying(login, address):
        pass


def test_a_login_is_closed_after_failures_and_opens_again() -> None:
    clock = Clock()
    attempts = Attempts(clock)
    for number in range(BY_LOGIN):
        fail(attempts, "Doctor", f"10.0.0.{number}")
    with pytest.raises(TooManyAttempts):
        enter(attempts, "DOCTOR", "10.0.0.99")
    enter(attempts, "another", "10.0.0.99")
    clock.now = WINDOW_SECONDS + 1
    enter(attempts, "doctor", "10.0.0.99")


def test_an_address_is_closed_for_all_logins() -> None:
    attempts = Attempts(Clock())
    for number in range(BY_ADDRESS):
        fail(attempts, f"login{number}", "10.0.0.1")
    with pytest.raises(TooManyAttempts):
        enter(attempts, "fresh", "10.0.0.1")
    enter(attempts, "fresh", "10.0.0.2")


def test_a_right_password_clears_the_login_and_not_the_address() -> None:
    attempts = Attempts(Clock())
    for round_of_failures in range(BY_ADDRESS // (BY_LOGIN - 1)):
        for _ in range(BY_LOGIN - 1):
            fail(attempts, "doctor", "10.0.0.1")
        if round_of_failures < BY_ADDRESS // (BY_LOGIN - 1) - 1:
            enter(attempts, "doctor", "10.0.0.1")
    with pytest.raises(TooManyAttempts):
        enter(attempts, "doctor", "10.0.0.1")
    enter(attempts, "doctor", "10.0.0.2")


def test_signing_in_often_is_no_failure() -> None:
    attempts = Attempts(Clock())
    for _ in range(BY_ADDRESS + 1):
        enter(attempts, "doctor", "10.0.0.1")


def test_many_at_once_are_counted_before_they_end() -> None:
    attempts = Attempts(Clock())
    begun = [attempts.trying("doctor", "10.0.0.1") for _ in range(BY_LOGIN + 1)]
    for attempt in begun[:-1]:
        attempt.__enter__()
    with pytest.raises(TooManyAttempts):
        begun[-1].__enter__()


def test_a_database_that_is_down_is_no_failure() -> None:
    attempts = Attempts(Clock())
    for _ in range(BY_LOGIN + 1):
        with pytest.raises(Unavailable), attempts.trying("doctor", "10.0.0.1"):
            raise Unavailable("база не отвечает", "the database does not answer")
