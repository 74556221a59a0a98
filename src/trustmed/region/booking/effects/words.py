"""Words of sites carried out, and turns ended in time: always from the tables as they are, under the slots' locks.

So a change that comes twice, late or out of order leads to the same.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

import psycopg

from trustmed.booking.locks import TAKE_LOCKS
from trustmed.db.arrays import array_literal
from trustmed.db.queries import load
from trustmed.feed.changes import Change
from trustmed.feed.effect import Effect, Surroundings
from trustmed.region.booking.model import SlotKey, slot_lock
from trustmed.schema import Place
from trustmed.wal.values import Row

QUERIES = load(__package__)
BATCH: Final = 200  # slots of one transaction: a lock each
PAGE: Final = 1000


def settle(connection: psycopg.Connection, slots: Iterable[SlotKey]) -> None:
    """Of each slot: end the booking its site asks to end, hand the slot back if its turn is over and nobody is booked,
    and tell its site of whoever is booked to a withdrawn time. `connection`: trustmed_feed, autocommit.
    """
    ordered = sorted(set(slots))
    for start in range(0, len(ordered), BATCH):
        batch = ordered[start : start + BATCH]
        values = arrays(batch)
        with connection.transaction():
            connection.execute(TAKE_LOCKS, {"names": [slot_lock(slot.id) for slot in batch]})
            for request in connection.execute(QUERIES["requested"], values).fetchall():
                names = ("organization_id", "booking_id", "by_name", "why")
                connection.execute(QUERIES["end_requested"], dict(zip(names, request, strict=True)))
            connection.execute(QUERIES["hand_back"], values)
            connection.execute(QUERIES["tell_of_withdrawn"], values)


def sweep(connection: psycopg.Connection) -> None:
    """Hand back what was not sold until its deadline, since the last sweep, by the region's clock."""
    now, since = _clock(connection)
    after, after_id = since, UUID(int=0)
    while True:
        values = {"after": after, "after_id": after_id, "until": now, "limit": PAGE}
        page = connection.execute(QUERIES["sold_until"], values).fetchall()
        settle(connection, (SlotKey(row[0], row[1]) for row in page))
        if len(page) < PAGE:
            break
        after, after_id = page[-1][2:]
    connection.execute(QUERIES["swept"], {"until": now})


def arrays(keys: Sequence[SlotKey]) -> dict[str, str]:
    """The parameters by which queries take slots (or other rows of an organisation)."""
    return {
        "organizations": array_literal(key.organization_id for key in keys),
        "ids": array_literal(key.id for key in keys),
    }


def key_in(row: Row, column: str) -> SlotKey:
    """The organisation and the id in `column` of a row of a change."""
    organization_id, one = row["organization_id"], row[column]
    if not isinstance(organization_id, int) or not isinstance(one, UUID):
        raise TypeError(f"organization_id and {column} are not of the expected types")
    return SlotKey(organization_id, one)


def _apply(surroundings: Surroundings, changes: Sequence[Change]) -> None:
    connection = surroundings.connection
    slots: set[SlotKey] = set()
    asked: set[SlotKey] = set()
    now: dt.datetime | None = None
    for change in changes:
        if change.new is None:
            continue
        match change.table:
            case "booking.site_request":
                asked.add(key_in(change.new, "booking_id"))
            case "booking.handover":
                now = now or _clock(connection)[0]
                if _moment(change.new, "sell_until") <= now:
                    slots.add(key_in(change.new, "slot_id"))
            case "booking.slot":
                if change.new["withdrawn_at"] is not None:
                    slots.add(key_in(change.new, "id"))
            case _:
                slots.add(key_in(change.new, "slot_id"))
    if asked:
        rows = connection.execute(QUERIES["slots_of_requests"], arrays(sorted(asked)))
        slots |= {SlotKey(*row) for row in rows}
    settle(connection, slots)


def _rebuild(surroundings: Surroundings) -> None:
    connection = surroundings.connection
    rows = connection.execute(QUERIES["slots_to_settle"]).fetchall()
    settle(connection, (SlotKey(*row) for row in rows))
    connection.execute(QUERIES["swept"], {"until": "-infinity"})
    sweep(connection)


def _caught_up(surroundings: Surroundings) -> None:
    sweep(surroundings.connection)


def _clock(connection: psycopg.Connection) -> tuple[dt.datetime, dt.datetime]:
    row = connection.execute(QUERIES["clock"]).fetchone()
    if row is None:
        raise LookupError("booking.sweep has no row")
    return row[0], row[1]


def _moment(row: Row, column: str) -> dt.datetime:
    value = row[column]
    if not isinstance(value, dt.datetime):
        raise TypeError(f"{column} is not a moment")
    return value


BOOKING_WORDS: Final = Effect(
    "booking_words",
    Place.BOOKING,
    frozenset({"booking.site_request", "booking.recall", "booking.handover", "booking.slot", "booking.region_booking"}),
    _apply,
    _rebuild,
    _caught_up,
)
