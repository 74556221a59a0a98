"""An organisation's emergency accesses and which of them its head has reviewed, within a tenant's transaction."""

import datetime as dt
from collections.abc import Sequence
from typing import Final, Literal
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from trustmed.audit.trail import Actor
from trustmed.db.async_rows import find_structs, find_value
from trustmed.db.queries import load

sql = load(__package__)
PAGE: Final = 50
LAST_DAY: Final = dt.datetime(9999, 12, 31, tzinfo=dt.UTC)


class EmergencyAccess(msgspec.Struct, frozen=True):
    """One emergency access. `kind`: "own" is an event of the organisation's own staff, "notice" comes from the region
    about an access anywhere.

    `reader_organization` is None for the region's own staff.
    """

    kind: Literal["own", "notice"]
    id: UUID
    at: dt.datetime
    reader_name: str
    reader_position: str | None
    reader_organization: int | None
    reason: str | None
    action: str | None
    patient_id: UUID | None
    seen_at: dt.datetime | None
    seen_by_name: str | None


class Place(msgspec.Struct, frozen=True):
    """Where a page starts: just before this access."""

    at: dt.datetime = LAST_DAY
    id: UUID = UUID(int=0)


async def newest(connection: AsyncConnection, actor: Actor, before: Place, limit: int = PAGE) -> list[EmergencyAccess]:
    """Return emergency accesses, the newest first."""
    values = {
        "organization_id": actor.organization_id,
        "before": before.at,
        "before_id": before.id,
        "limit": limit,
    }
    return await find_structs(connection, EmergencyAccess, sql["accesses"], values)


async def unseen(connection: AsyncConnection, organization_id: int) -> int:
    """Return how many accesses nobody has marked as reviewed."""
    return await find_value(connection, sql["count_unseen"], {"organization_id": organization_id})


async def mark_seen(connection: AsyncConnection, actor: Actor, ids: Sequence[UUID]) -> None:
    """Mark these accesses as reviewed; foreign and unknown ids are ignored."""
    values = {
        "organization_id": actor.organization_id,
        "actor": actor.account,
        "actor_name": actor.name,
        "ids": list(ids),
    }
    await connection.execute(sql["mark_seen"], values)
