"""Note whether a patient came, and attach a card to a person the region booked without one."""

from typing import Literal
from uuid import UUID

from psycopg import AsyncConnection

from trustmed.audit.trail import Actor
from trustmed.booking.errors import BookingOver
from trustmed.clinic.booking.service import get, sql
from trustmed.clinic.patients import service as patients

Outcome = Literal["came", "no_show", "known_as"]


async def note_arrival(connection: AsyncConnection, actor: Actor, booking_id: UUID) -> None:
    """Note that the patient has arrived; the latest note counts. Raises BookingMissing, BookingOver."""
    await _note(connection, actor, booking_id, "came", None)


async def note_absence(connection: AsyncConnection, actor: Actor, booking_id: UUID) -> None:
    """Note that the patient did not come; the latest note counts. Raises BookingMissing, BookingOver."""
    await _note(connection, actor, booking_id, "no_show", None)


async def attach_card(connection: AsyncConnection, actor: Actor, booking_id: UUID, patient_id: UUID) -> None:
    """Attach a card to the person the region booked. Raises BookingMissing, BookingOver, PatientMissing."""
    await patients.get(connection, actor.organization_id, patient_id)
    await _note(connection, actor, booking_id, "known_as", patient_id)


async def _note(
    connection: AsyncConnection, actor: Actor, booking_id: UUID, outcome: Outcome, patient_id: UUID | None
) -> None:
    found = await get(connection, actor.organization_id, booking_id)
    if found.ended_at is not None:
        raise BookingOver
    values = {
        "organization_id": actor.organization_id,
        "booking_id": booking_id,
        "outcome": outcome,
        "patient_id": patient_id,
        "by_name": actor.name,
    }
    await connection.execute(sql["note_attendance"], values)
