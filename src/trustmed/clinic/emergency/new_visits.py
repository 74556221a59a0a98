"""Readings of the region's record by visits that only their doctor stands for: the head's list, day by day."""

import datetime as dt
from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from trustmed.audit.trail import Actor
from trustmed.db.async_rows import find_structs, find_value
from trustmed.db.queries import load

sql = load(__package__)
MOST_SHOWN: Final = 200
SHOWN_DAYS: Final = 30


class NewVisit(msgspec.Struct, frozen=True):
    """Somebody read the record of a patient on a day. `confirmed_by_name`: who has noted since that the patient came.

    `visit_id`: the newest visit of that day by this doctor which is not confirmed; None if there is none.
    """

    id: UUID
    patient_id: UUID
    patient_name: str
    reader_name: str
    first_at: dt.datetime
    last_at: dt.datetime
    times: int
    visit_id: UUID | None
    confirmed_by_name: str | None
    seen_at: dt.datetime | None
    seen_by_name: str | None


async def newest(connection: AsyncConnection, actor: Actor) -> list[NewVisit]:
    """Return the readings of the last days, the newest first."""
    values = {"organization_id": actor.organization_id, "days": SHOWN_DAYS, "limit": MOST_SHOWN}
    return await find_structs(connection, NewVisit, sql["new_visits"], values)


async def unseen(connection: AsyncConnection, organization_id: int) -> int:
    """Return how many of them nobody has marked as seen."""
    return await find_value(connection, sql["count_unseen_new_visits"], {"organization_id": organization_id})


async def mark_seen(connection: AsyncConnection, actor: Actor, ids: Sequence[UUID]) -> None:
    """Mark these readings as seen; foreign and unknown ids are ignored."""
    values = {
        "organization_id": actor.organization_id,
        "actor": actor.account,
        "actor_name": actor.name,
        "ids": list(ids),
    }
    await connection.execute(sql["mark_new_visits_seen"], values)
