"""Keys of the hot copies of free slots."""

import datetime as dt
from typing import Final

DROP_SLOTS: Final = "drop_hot_slots"
HOT_DAYS: Final = 62
"""How many days ahead, besides today, free slots have hot copies."""


def slots_key(organization_id: int, day: dt.date) -> str:
    """Return the key of the hot copy of an organisation's free slots of a local day."""
    return f"slots:{organization_id}:{day.isoformat()}"


def outline_key(organization_id: int) -> str:
    """Return the key of the hot copy of what an organisation has free in the days ahead, without the slots."""
    return f"slots:{organization_id}:ahead"
