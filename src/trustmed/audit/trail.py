"""Write and read a site's audit trail. Rows are only ever added, and only within the tenant's transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from trustmed.audit.actions import Action
from trustmed.db.queries import load

sql = load(__package__)

Ground = Literal["own", "treatment", "consent", "break_glass", "service"]
Outcome = Literal["granted", "refused", "not_found"]
NEWEST: Final = UUID(int=2**128 - 1)
"""An id after every other (ids grow with time), so that a page "before" it is the newest."""


class Actor(msgspec.Struct, frozen=True):
    """The account that acts at a site for an organisation. `employee_id` is None if it belongs to no employee."""

    account: str
    name: str
    role: str
    organization_id: int
    employee_id: UUID | None = None


class Event(msgspec.Struct, frozen=True):
    """One access to record. `detail` explains the ground or the refusal; it never holds anything medical."""

    action: Action
    outcome: Outcome = "granted"
    ground: Ground = "treatment"
    detail: str | None = None
    patient_id: UUID | None = None
    document_id: UUID | None = None
    shown: Sequence[UUID] | None = None
    """The patients of a list, in its order; None if no list was shown."""


class Entry(msgspec.Struct, frozen=True):
    """One row of the trail as people read it."""

    id: UUID
    at: datetime
    actor_name: str
    action: str
    ground: str
    ground_detail: str | None
    patient_id: UUID | None
    document_id: UUID | None
    outcome: str
    shown: int | None
    """How many patients the list had that was shown."""


async def note(connection: AsyncConnection, actor: Actor, event: Event) -> None:
    """Add an event within the transaction of `connection`, whose tenant is the actor's organisation."""
    await connection.execute(sql["note"], values_of(actor, event))


def values_of(actor: Actor, event: Event) -> dict[str, Any]:
    """Return an event's columns, for a statement that adds the event together with the change it records."""
    return {
        "organization_id": actor.organization_id,
        "actor": actor.account,
        "actor_name": actor.name,
        **msgspec.structs.asdict(event),
        "action": str(event.action),
        "shown": None if event.shown is None else list(event.shown),
    }


async def find_newest(
    connection: AsyncConnection, actor: Actor, limit: int, before: UUID = NEWEST, patient_id: UUID | None = None
) -> list[Entry]:
    """Return the newest events of the actor's organisation (of one patient, if given), the newest first."""
    name = "newest" if patient_id is None else "newest_of_patient"
    values = {
        "organization_id": actor.organization_id,
        "limit": limit,
        **({"before": before} if patient_id is None else {"patient_id": patient_id}),
    }
    async with connection.cursor(row_factory=class_row(Entry)) as cursor:
        await cursor.execute(sql[name], values)
        return await cursor.fetchall()
