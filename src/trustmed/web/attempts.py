"""Slow down guessing of passwords without locking out whoever the account belongs to. Counted in this process.

Failures are counted by login and network, so that a stranger elsewhere closes nobody's login; a device that signed in
before has a counter of its own. A network is closed when many different logins failed from it, a login never as a
whole: under attack from everywhere it only becomes slow for devices that are not known.
"""

import time
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager
from ipaddress import ip_address, ip_network
from typing import Final

import msgspec

from trustmed.errors import TrustMedError, Unavailable

WINDOW_SECONDS: Final = 300.0
BY_LOGIN: Final = 6
"""Failures of one login from one network, or from one known device."""
BY_NETWORK: Final = 60
"""Different logins that failed from one network: a clinic may be behind one address, and people mistype."""
SLOW_AFTER: Final = 30
"""Failures of one login from everywhere, after which an unknown device waits before it is answered."""
SLOW_SECONDS: Final = 2.0
MOST_KEYS: Final = 20_000  # counters remembered before old ones are forgotten
NETWORK_BITS: Final = {4: 24, 6: 64}


class TooManyAttempts(TrustMedError):
    """There were too many failures in the last minutes. `is_first`: nobody was refused for this very reason before."""

    status = 429

    def __init__(self, wait: float, *, is_first: bool) -> None:
        self.retry_after_seconds = max(1, round(wait))
        self.is_first = is_first
        minutes = max(1, -(-self.retry_after_seconds // 60))
        super().__init__(
            f"Слишком много неудачных попыток входа. Повторите через {minutes} мин.",
            f"Too many failed attempts to sign in. Try again in {minutes} min.",
        )


class WrongCredentials(TrustMedError):
    """There is no such account or the password is wrong; the text does not say which, so as not to reveal accounts."""

    status = 401

    def __init__(self) -> None:
        super().__init__(
            "Неверное имя пользователя или пароль. Проверьте раскладку клавиатуры и попробуйте ещё раз.",
            "Wrong user name or password. Check the keyboard layout and try again.",
        )


class Caller(msgspec.Struct, frozen=True):
    """Who tries to sign in: `device` is the id of a device on which this login signed in before, if it is one.

    `most`: failures of the login from everywhere after which unknown devices are refused; None: they only become slow.
    """

    login: str
    network: str
    device: str | None = None
    most: int | None = None

    @property
    def own_key(self) -> str:
        """Return what failures of this login from this place are counted by."""
        return f"{self.login.lower()} {f'device {self.device}' if self.device else self.network}"


def network_of(address: str | None) -> str:
    """Return the network of an address: those who hold one address usually hold its neighbours."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return address or "unknown"
    mapped = getattr(found, "ipv4_mapped", None)
    found = mapped or found
    return str(ip_network((found, NETWORK_BITS[found.version]), strict=False))


class Attempts:
    """Failures of the last five minutes. `clock` returns monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: dict[str, deque[tuple[float, str]]] = {}
        self._told: dict[str, float] = {}

    @contextmanager
    def trying(self, caller: Caller) -> Generator[None]:
        """Count the block as an attempt. Raises TooManyAttempts before it.

        An attempt counts as failed from its beginning, so that many at once are no way around the limit. A right
        password clears the failures of the login from this place, and none from elsewhere. Unavailable (a database was
        down, too many sign in at once) counts as no attempt.
        """
        self._require_room(caller)
        failure = (self._clock(), caller.login.lower())
        keys = self._keys(caller)
        self._count(keys, failure)
        try:
            yield
        except Unavailable:
            self._take_back(keys, failure)
            raise
        self._take_back(keys, failure)
        self._failures.pop(caller.own_key, None)
        if network := self._failures.get(caller.network):
            self._failures[caller.network] = deque(one for one in network if one[1] != failure[1])

    def delay_of(self, caller: Caller) -> float:
        """Return for how many seconds an attempt waits before it is made: a known device never does."""
        is_slow = caller.device is None and len(self._recent(_everywhere(caller))) >= SLOW_AFTER
        return SLOW_SECONDS if is_slow else 0.0

    def _require_room(self, caller: Caller) -> None:
        own = self._recent(caller.own_key)
        if len(own) >= BY_LOGIN:
            raise self._refusal(caller.own_key, own)
        if caller.device is None:
            network = self._recent(caller.network)
            failed = {login for _, login in network}
            if len(failed) >= BY_NETWORK and caller.login.lower() not in failed:
                raise self._refusal(caller.network, network)

            everywhere = self._recent(_everywhere(caller))
            if caller.most is not None and len(everywhere) >= caller.most:
                raise self._refusal(_everywhere(caller), everywhere)

    def _refusal(self, key: str, failures: deque[tuple[float, str]]) -> TooManyAttempts:
        now = self._clock()
        is_first = self._told.get(key, float("-inf")) < now - WINDOW_SECONDS
        if is_first:
            self._told = {name: at for name, at in self._told.items() if at >= now - WINDOW_SECONDS} | {key: now}
        return TooManyAttempts(failures[0][0] + WINDOW_SECONDS - now, is_first=is_first)

    def _keys(self, caller: Caller) -> tuple[str, ...]:
        return (caller.own_key,) if caller.device else (caller.own_key, caller.network, _everywhere(caller))

    def _count(self, keys: tuple[str, ...], failure: tuple[float, str]) -> None:
        if len(self._failures) > MOST_KEYS:
            self._failures = {key: failed for key, failed in self._failures.items() if self._recent(key)}
        for key in keys:
            self._failures.setdefault(key, deque()).append(failure)

    def _take_back(self, keys: tuple[str, ...], failure: tuple[float, str]) -> None:
        for key in keys:
            if failure in (failures := self._failures.get(key, deque())):
                failures.remove(failure)

    def _recent(self, key: str) -> deque[tuple[float, str]]:
        failures = self._failures.get(key, deque())
        while failures and failures[0][0] < self._clock() - WINDOW_SECONDS:
            failures.popleft()
        return failures


def _everywhere(caller: Caller) -> str:
    return f"login {caller.login.lower()}"
