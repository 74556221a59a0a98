"""Writing and reading a site's audit trail. Rows are only ever added, and only within the tenant's transaction."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Literal
from uuid import UUID

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from trustmed.db.queries import load

sql = load(__package__)

Ground = Literal["own", "treatment", "consent", "break_glass", "service"]
Outcome = Literal["granted", "refused", "not_found"]
NEWEST: Final = UUID(int=2**128 - 1)


class Action(StrEnum):
    """What was done, as subject:object:action."""

    SESSION_OPEN = "account:session:open"
    SESSION_CLOSE = "account:session:close"
    ROUTE_OPEN = "account:route:open"
    PATIENT_SEARCH = "patient:list:read"
    PATIENT_SIMILAR = "patient:list:compare"
    PATIENT_READ = "patient:card:read"
    PATIENT_REGISTER = "patient:card:create"
    PATIENT_EDIT = "patient:card:change"
    VISIT_START = "visit:card:create"
    VISIT_READ = "visit:card:read"
    DRAFT_CREATE = "draft:form:create"
    DRAFT_READ = "draft:form:read"
    DRAFT_CHANGE = "draft:form:change"
    DRAFT_PREVIEW = "draft:content:build"
    DRAFT_CONTENT = "draft:content:read"
    DOCUMENT_SIGN = "document:content:sign"
    DOCUMENT_UPLOAD = "document:content:upload"
    DOCUMENT_READ = "document:card:read"
    DOCUMENT_CONTENT = "document:content:read"
    DOCUMENT_SIGNATURE = "document:signature:read"
    RECORD_READ = "record:timeline:read"
    RECORD_DOCUMENT = "record:document:read"
    RECORD_EMERGENCY = "record:glass:break"
    CONSENT_GIVE = "consent:card:create"
    CONSENT_REVOKE = "consent:card:revoke"
    SCHEDULE_READ = "booking:day:read"
    BOOKING_READ = "booking:card:read"
    BOOKING_MAKE = "booking:card:create"
    BOOKING_CANCEL = "booking:card:cancel"
    BOOKING_MOVE = "booking:card:move"
    BOOKING_ATTEND = "booking:card:attend"
    SLOT_MAKE = "booking:slot:create"
    SLOT_SHARE = "booking:slot:share"
    SLOT_RECALL = "booking:slot:recall"
    SLOT_WITHDRAW = "booking:slot:withdraw"
    TASK_READ = "booking:task:read"
    TASK_SETTLE = "booking:task:settle"
    SCHEDULE_CHANGE = "booking:hours:change"
    TRAIL_READ = "audit:trail:read"
    GLASS_READ = "audit:glass:read"
    GLASS_SEEN = "audit:glass:mark"


class Actor(msgspec.Struct, frozen=True):
    """Who acts at a site, in the name of which organisation. `employee_id` is None for an account of no employee."""

    account: str
    name: str
    role: str
    organization_id: int
    employee_id: UUID | None = None


class Event(msgspec.Struct, frozen=True):
    """`detail` says more of the ground or of the refusal; never anything medical."""

    action: Action
    outcome: Outcome = "granted"
    ground: Ground = "treatment"
    detail: str | None = None
    patient_id: UUID | None = None
    document_id: UUID | None = None


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


async def note(connection: AsyncConnection, actor: Actor, event: Event) -> None:
    """Add an event within the transaction of `connection`, whose tenant is the actor's organisation."""
    await connection.execute(sql["note"], values_of(actor, event))


def values_of(actor: Actor, event: Event) -> dict[str, Any]:
    """An event's columns, for a statement that adds it together with what it tells of."""
    return {
        "organization_id": actor.organization_id,
        "actor": actor.account,
        "actor_name": actor.name,
        **msgspec.structs.asdict(event),
        "action": event.action.value,
    }


async def newest(
    connection: AsyncConnection, actor: Actor, limit: int, before: UUID = NEWEST, patient_id: UUID | None = None
) -> list[Entry]:
    """The newest events of the actor's organisation (of one patient, if given), the newest first."""
    name = "newest" if patient_id is None else "newest_of_patient"
    values = {
        "organization_id": actor.organization_id,
        "limit": limit,
        **({"before": before} if patient_id is None else {"patient_id": patient_id}),
    }
    async with connection.cursor(row_factory=class_row(Entry)) as cursor:
        await cursor.execute(sql[name], values)
        return await cursor.fetchall()
