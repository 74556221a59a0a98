"""The effect that drops hot copies of free slots, for the days on which what is free changes."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

from trustmed.db.queries import load
from trustmed.feed.changes import Change
from trustmed.feed.effect import Effect, Surroundings
from trustmed.region.booking.copies import DROP_SLOTS, HOT_DAYS, outline_key, slots_key
from trustmed.region.booking.effects.requests import slot_arrays, slot_key
from trustmed.region.booking.model import SlotKey
from trustmed.schema import Place
from trustmed.wal.values import Row

QUERIES = load(__package__)
TIMED: Final = ("booking.slot", "booking.region_booking")
"""Tables whose rows hold the time of the visit themselves."""


def _drop(surroundings: Surroundings, changes: Sequence[Change]) -> None:
    drops = surroundings.drops(DROP_SLOTS)
    if any(change.new is None for change in changes):
        drops.drop_all()
        return
    keys: set[str] = set()
    slots: set[SlotKey] = set()
    for row, table in ((change.new, change.table) for change in changes if change.new is not None):
        if table in TIMED:
            keys |= _keys(row["organization_id"], row["starts_at"])
        elif table == "booking.resource":
            keys |= _all_days(row)
        else:
            slots.add(slot_key(row, "slot_id"))
    if slots:  # a slot that has not come yet is dropped for when it comes
        for row in surroundings.connection.execute(QUERIES["slot_days"], slot_arrays(sorted(slots))):
            keys |= _keys(*row)
    drops.drop(keys)


def _all_days(row: Row) -> set[str]:
    """Return the keys of all days, for a doctor's name stands in each; a day more at both ends, for midnight."""
    organization_id, today = row["organization_id"], dt.datetime.now().astimezone()
    days = (today + dt.timedelta(days=number) for number in range(-1, HOT_DAYS + 2))
    return {key for day in days for key in _keys(organization_id, day)}


def _keys(organization_id: object, moment: object) -> set[str]:
    """Return the keys of the moment's day and of the organisation's outline of the days ahead."""
    if not isinstance(organization_id, int) or not isinstance(moment, dt.datetime):
        raise TypeError("organization_id and starts_at are not of the expected types")
    return {slots_key(organization_id, moment.astimezone().date()), outline_key(organization_id)}


def _drop_all(surroundings: Surroundings) -> None:
    surroundings.drops(DROP_SLOTS).drop_all()


def _vouch(surroundings: Surroundings) -> None:
    surroundings.drops(DROP_SLOTS).vouch()


DROP_HOT_SLOTS: Final = Effect(
    DROP_SLOTS,
    Place.BOOKING,
    frozenset(
        {
            *("booking.slot", "booking.resource", "booking.handover", "booking.handback", "booking.recall"),
            "booking.region_booking",
        }
    ),
    _drop,
    _drop_all,
    _vouch,
)
