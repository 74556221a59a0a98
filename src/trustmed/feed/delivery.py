"""Giving changes to one effect: quick tries, patience for what is unavailable, a parking place for poison."""

import time
from collections.abc import Callable, Sequence, Set

import psycopg
from psycopg.pq import TransactionStatus

from trustmed.errors import Broken, TrustMedError, Unavailable
from trustmed.feed.changes import Change
from trustmed.feed.effect import Effect, Surroundings, change_key
from trustmed.feed.positions import Parked
from trustmed.wal.stream import SourceLost
from trustmed.wal.values import ValueNotSent

QUICK_TRIES = (0.0, 0.05, 0.3)
FIRST_WAIT = 5.0
LONGEST_WAIT = 3600.0
MOST_PARKED = 1000

# About the system, not about the row: trying other rows would fail as well.
_NOT_THE_ROW = (
    Unavailable,
    Broken,
    OSError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.ProgrammingError,
    psycopg.NotSupportedError,
    psycopg.errors.ReadOnlySqlTransaction,
)

# Of these kinds, and yet about the row: no waiting helps.
_THE_ROW = (ValueNotSent, psycopg.errors.ProgramLimitExceeded)


class EffectHeld(Unavailable):
    """An effect cannot work now, whatever the change; its consumer waits, the others go on."""


class _Poison(Exception):
    """These changes fail by themselves."""


def deliver(
    surroundings: Surroundings,
    effect: Effect,
    changes: Sequence[Change],
    parked_keys: Set[str],
    *,
    pause: Callable[[float], object] = time.sleep,
) -> tuple[Parked, ...]:
    """Apply the effect to changes in order; returns those to be set aside, in order.

    A change of a key with something parked is not tried: it goes behind. Raises EffectHeld, SourceLost.
    """
    free = [change for change in changes if change_key(change) not in parked_keys]
    behind = tuple(_behind(change) for change in changes if change_key(change) in parked_keys)
    if not free:
        return behind
    try:
        attempt(surroundings, effect, free, pause=pause)
        failed: tuple[Parked, ...] = ()
    except _Poison:
        failed = _one_by_one(surroundings, effect, free)
    aside = behind + failed
    if len(parked_keys) + len(failed) > MOST_PARKED and failed:
        raise held(effect, RuntimeError(failed[0].error))
    return aside


def attempt(
    surroundings: Surroundings,
    effect: Effect,
    changes: Sequence[Change],
    *,
    pause: Callable[[float], object] = time.sleep,
    tries: Sequence[float] = QUICK_TRIES,
) -> None:
    """A few quick tries. Raises EffectHeld, SourceLost, or _Poison when the changes themselves are at fault."""
    error: Exception | None = None
    for wait in tries:
        pause(wait)
        try:
            effect.apply(surroundings, changes)
            return
        except Exception as failure:  # whatever an effect raises must neither stop the feed nor be lost
            error = failure
            _clean(surroundings, failure)
    if isinstance(error, _NOT_THE_ROW) and not isinstance(error, _THE_ROW):
        raise held(effect, error) from error
    raise _Poison(_words(error)) from error


def retry(surroundings: Surroundings, effect: Effect, change: Change) -> str | None:
    """Try one change, once: its error, or None when it is done. Raises EffectHeld, SourceLost.

    Once, because hundreds of failing rows with pauses between tries would outlast the server's patience.
    """
    try:
        attempt(surroundings, effect, (change,), tries=(0.0,))
    except _Poison as error:
        return str(error)
    return None


def next_wait(attempts: int) -> float:
    """Seconds until a parked change is tried again: doubling, an hour at most."""
    return min(FIRST_WAIT * 2 ** min(attempts - 1, 20), LONGEST_WAIT)


def held(effect: Effect, error: Exception | None) -> EffectHeld:
    """The error of an effect that has to wait."""
    why = _words(error)
    return EffectHeld(
        f"Последствие {effect.name} ждёт: {why}. Устраните причину; лента повторит сама, ничего не потеряно.",
        f"Effect {effect.name} waits: {why}. Mend the cause; the feed tries again by itself, nothing is lost.",
    )


def _one_by_one(surroundings: Surroundings, effect: Effect, changes: Sequence[Change]) -> tuple[Parked, ...]:
    aside: list[Parked] = []
    keys: set[str] = set()
    for change in changes:
        key = change_key(change)
        if key in keys:
            aside.append(_behind(change))
            continue
        error = retry(surroundings, effect, change)
        if error is not None:
            keys.add(key)
            aside.append(Parked(change, error, 1, next_wait(1)))
    return tuple(aside)


def _behind(change: Change) -> Parked:
    return Parked(change, "ждёт предыдущего изменения той же строки / waits for an earlier change of this row", 0, 0.0)


def _clean(surroundings: Surroundings, failure: Exception) -> None:
    connection = surroundings.connection
    if connection.closed or connection.broken:
        raise SourceLost(
            f"Связь с {surroundings.source} потеряна. Лента переподключится сама.",
            f"The connection to {surroundings.source} is lost. The feed reconnects by itself.",
        ) from failure
    if connection.info.transaction_status != TransactionStatus.IDLE:
        connection.rollback()


def _words(error: Exception | None) -> str:
    if isinstance(error, TrustMedError):
        return error.ru
    return f"{type(error).__name__}: {error}".strip()
