"""Carry out what sites asked for, and hand back slots in time: from the tables as they are, under the slots' locks.

So a change that comes twice, late or out of order leads to the same state.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

import psycopg

from trustmed.booking.locks import TAKE_LOCKS
from trustmed.db.arrays import array_literal
from trustmed.db.queries import load
from trustmed.db.rows import find_row, find_rows
from trustmed.feed.changes import Change
from trustmed.feed.effect import Effect, Surroundings
from trustmed.region.booking.model import SlotKey, slot_lock
from trustmed.schema import Place
from trustmed.wal.values import Row

QUERIES = load(__package__)
BATCH: Final = 200  # slots of one transaction: each takes an advisory lock
PAGE: Final = 1000


def carry_out_requests(connection: psycopg.Connection, slots: Iterable[SlotKey]) -> None:
    """End bookings that sites asked to end, hand back slots whose turn is over and that nobody has booked, and tell
    sites of bookings of withdrawn slots. `connection`: trustmed_feed, autocommit.
    """
    ordered = sorted(set(slots))
    for start in range(0, len(ordered), BATCH):
        batch = ordered[start : start + BATCH]
        values = slot_arrays(batch)
        with connection.transaction():
            connection.execute(TAKE_LOCKS, {"names": [slot_lock(slot.id) for slot in batch]})
            for request in find_rows(connection, QUERIES["requested"], values):
                connection.execute(QUERIES["end_requested"], request)
            connection.execute(QUERIES["hand_back"], values)
            connection.execute(QUERIES["tell_of_withdrawn"], values)


def hand_back_unsold(connection: psycopg.Connection) -> None:
    """Hand back slots that passed their deadline unsold since the last call, by the region's clock."""
    now, since = _clock(connection)
    after, after_id = since, UUID(int=0)
    while True:
        values = {"after": after, "after_id": after_id, "until": now, "limit": PAGE}
        page = find_rows(connection, QUERIES["sold_until"], values)
        carry_out_requests(connection, (SlotKey(row["organization_id"], row["slot_id"]) for row in page))
        if len(page) < PAGE:
            break
        after, after_id = page[-1]["sell_until"], page[-1]["id"]
    connection.execute(QUERIES["swept"], {"until": now})


def slot_arrays(keys: Sequence[SlotKey]) -> dict[str, str]:
    """Return the parameters by which queries take slots (or other rows of an organisation)."""
    return {
        "organizations": array_literal(key.organization_id for key in keys),
        "ids": array_literal(key.id for key in keys),
    }


def slot_key(row: Row, column: str) -> SlotKey:
    """Return the organisation and the id in `column` of a changed row."""
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
                asked.add(slot_key(change.new, "booking_id"))
            case "booking.handover":
                now = now or _clock(connection)[0]
                if _moment(change.new, "sell_until") <= now:
                    slots.add(slot_key(change.new, "slot_id"))
            case "booking.slot":
                if change.new["withdrawn_at"] is not None:
                    slots.add(slot_key(change.new, "id"))
            case _:
                slots.add(slot_key(change.new, "slot_id"))
    if asked:
        rows = connection.execute(QUERIES["slots_of_requests"], slot_arrays(sorted(asked)))
        slots |= {SlotKey(*row) for row in rows}
    carry_out_requests(connection, slots)


def _rebuild(surroundings: Surroundings) -> None:
    connection = surroundings.connection
    rows = connection.execute(QUERIES["slots_to_settle"]).fetchall()
    carry_out_requests(connection, (SlotKey(*row) for row in rows))
    connection.execute(QUERIES["swept"], {"until": "-infinity"})
    hand_back_unsold(connection)


def _caught_up(surroundings: Surroundings) -> None:
    hand_back_unsold(surroundings.connection)


def _clock(connection: psycopg.Connection) -> tuple[dt.datetime, dt.datetime]:
    """Return the region's clock, and until when deadlines were looked at."""
    row = find_row(connection, QUERIES["clock"])
    if row is None:
        raise LookupError("booking.sweep has no row")
    return row["now"], row["swept_until"]


def _moment(row: Row, column: str) -> dt.datetime:
    value = row[column]
    if not isinstance(value, dt.datetime):
        raise TypeError(f"{column} is not a moment")
    return value


CARRY_OUT_REQUESTS: Final = Effect(
    "booking_words",
    Place.BOOKING,
    frozenset({"booking.site_request", "booking.recall", "booking.handover", "booking.slot", "booking.region_booking"}),
    _apply,
    _rebuild,
    _caught_up,
)
