"""Limit attempts to sign in: failures are counted by login and by network address, in this process."""

import time
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final

from trustmed.errors import TrustMedError, Unavailable

WINDOW_SECONDS: Final = 300.0
BY_LOGIN: Final = 6
BY_ADDRESS: Final = 60  # a whole clinic may be behind one address
MOST_KEYS: Final = 20_000  # logins and addresses remembered before old ones are forgotten


class TooManyAttempts(TrustMedError):
    """There were too many wrong passwords in the last minutes."""

    status = 429

    def __init__(self) -> None:
        super().__init__(
            "Слишком много неудачных попыток входа. Подождите пять минут.",
            "Too many failed attempts to sign in. Wait five minutes.",
        )


class WrongCredentials(TrustMedError):
    """There is no such account or the password is wrong; the text does not say which, so as not to reveal accounts."""

    status = 401

    def __init__(self) -> None:
        super().__init__(
            "Неверное имя пользователя или пароль. Проверьте раскладку клавиатуры и попробуйте ещё раз.",
            "Wrong user name or password. Check the keyboard layout and try again.",
        )


class Attempts:
    """Failures of the last five minutes. `clock` returns monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: dict[str, deque[float]] = {}

    @contextmanager
    def trying(self, login: str, address: str) -> Generator[None]:
        """Count the block as an attempt. Raises TooManyAttempts before it.

        An attempt counts as failed from its beginning, so that many at once are no way around the limit. A right
        password clears the failures of the login, but only this one of the address. Unavailable (a database was down)
        counts as no attempt.
        """
        by_login, by_address = f"login {login.lower()}", f"address {address}"
        for key, most in ((by_login, BY_LOGIN), (by_address, BY_ADDRESS)):
            if len(self._recent(key)) >= most:
                raise TooManyAttempts
        self._count(by_login, by_address)
        try:
            yield
        except Unavailable:
            self._take_back(by_login)
            self._take_back(by_address)
            raise
        self._failures.pop(by_login, None)
        self._take_back(by_address)

    def _count(self, *keys: str) -> None:
        if len(self._failures) > MOST_KEYS:
            self._failures = {key: times for key, times in self._failures.items() if self._recent(key)}
        for key in keys:
            self._failures.setdefault(key, deque()).append(self._clock())

    def _take_back(self, key: str) -> None:
        if times := self._failures.get(key):
            times.pop()

    def _recent(self, key: str) -> deque[float]:
        times = self._failures.get(key, deque())
        while times and times[0] < self._clock() - WINDOW_SECONDS:
            times.popleft()
        return times
