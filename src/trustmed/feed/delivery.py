"""Give changes to one effect: try quickly a few times, wait for what is unavailable, park changes that always fail."""

import time
from collections.abc import Callable, Sequence, Set

import psycopg
from psycopg.pq import TransactionStatus

from trustmed.errors import Broken, TrustMedError, Unavailable
from trustmed.feed.changes import Change
from trustmed.feed.effect import Effect, Surroundings, change_key
from trustmed.feed.positions import Parked
from trustmed.outline import outline_with_place
from trustmed.wal.stream import SourceLost
from trustmed.wal.values import ValueNotSent

QUICK_TRIES = (0.0, 0.05, 0.3)
FIRST_WAIT = 5.0
LONGEST_WAIT = 3600.0
MOST_DOUBLINGS = 20  # far beyond LONGEST_WAIT; keeps the power small
MOST_PARKED = 1000  # keys; beyond that the effect is at fault, not the rows

# Errors of the system, not of the row: other rows would fail as well.
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

# Subclasses of the above that are errors of the row after all: no waiting helps.
_THE_ROW = (ValueNotSent, psycopg.errors.ProgramLimitExceeded)


class EffectHeld(Unavailable):
    """An effect cannot work now, whatever the change: its consumer waits, the others go on."""


class _Poison(Exception):
    """The changes themselves are at fault."""


def deliver(
    surroundings: Surroundings,
    effect: Effect,
    changes: Sequence[Change],
    parked_keys: Set[str],
    *,
    pause: Callable[[float], object] = time.sleep,
) -> tuple[Parked, ...]:
    """Apply the effect to changes in order; return the changes to park, in order.

    A change whose key has parked changes is not tried: it is parked behind them. Raises EffectHeld, SourceLost.
    """
    free = [change for change in changes if change_key(change) not in parked_keys]
    behind = tuple(_parked_behind(change) for change in changes if change_key(change) in parked_keys)
    if not free:
        return behind
    try:
        attempt(surroundings, effect, free, pause=pause)
        failed: tuple[Parked, ...] = ()
    except _Poison:
        failed = _one_by_one(surroundings, effect, free)
    aside = behind + failed
    if len(parked_keys) + len(failed) > MOST_PARKED and failed:
        raise held_error(effect, failed[0].error)
    return aside


def attempt(
    surroundings: Surroundings,
    effect: Effect,
    changes: Sequence[Change],
    *,
    pause: Callable[[float], object] = time.sleep,
    tries: Sequence[float] = QUICK_TRIES,
) -> None:
    """Try to apply the effect. Raises EffectHeld, SourceLost, or _Poison if the changes themselves are at fault."""
    error: Exception | None = None
    for wait in tries:
        pause(wait)
        try:
            effect.apply(surroundings, changes)
            return
        except Exception as failure:  # no error of an effect may stop the feed or get lost
            error = failure
            _reset_connection(surroundings, failure)
    if isinstance(error, _NOT_THE_ROW) and not isinstance(error, _THE_ROW):
        raise held_error(effect, _error_text(error)) from error
    raise _Poison(_error_text(error)) from error


def retry(surroundings: Surroundings, effect: Effect, change: Change) -> str | None:
    """Try one change once; return its error, or None if it is done. Raises EffectHeld, SourceLost.

    Only once: hundreds of failing rows with pauses between tries would outlast wal_sender_timeout.
    """
    try:
        attempt(surroundings, effect, (change,), tries=(0.0,))
    except _Poison as error:
        return str(error)
    return None


def next_wait(attempts: int) -> float:
    """Return the seconds until a parked change is tried again: they double, up to an hour."""
    return min(FIRST_WAIT * 2 ** min(attempts - 1, MOST_DOUBLINGS), LONGEST_WAIT)


def held_error(effect: Effect, why: str) -> EffectHeld:
    """Return the error of an effect that has to wait."""
    return EffectHeld(
        f"Обработчик {effect.name} ждёт: {why}. Устраните причину; лента повторит сама, ничего не потеряно.",
        f"Effect {effect.name} waits: {why}. Remove the cause; the feed tries again by itself, nothing is lost.",
    )


def _one_by_one(surroundings: Surroundings, effect: Effect, changes: Sequence[Change]) -> tuple[Parked, ...]:
    aside: list[Parked] = []
    keys: set[str] = set()
    for change in changes:
        key = change_key(change)
        if key in keys:
            aside.append(_parked_behind(change))
            continue
        error = retry(surroundings, effect, change)
        if error is not None:
            keys.add(key)
            aside.append(Parked(change, error, 1, next_wait(1)))
    return tuple(aside)


def _parked_behind(change: Change) -> Parked:
    return Parked(change, "ждёт предыдущего изменения той же строки / waits for an earlier change of this row", 0, 0.0)


def _reset_connection(surroundings: Surroundings, failure: Exception) -> None:
    """End the transaction that a failed effect may have left open. Raises SourceLost."""
    connection = surroundings.connection
    if connection.closed or connection.broken:
        raise SourceLost(
            f"Связь с {surroundings.source} потеряна. Лента переподключится сама.",
            f"The connection to {surroundings.source} is lost. The feed reconnects by itself.",
        ) from failure
    if connection.info.transaction_status != TransactionStatus.IDLE:
        connection.rollback()


def _error_text(error: Exception | None) -> str:
    if isinstance(error, TrustMedError):
        return error.ru
    return "" if error is None else outline_with_place(error)
