"""Emergency access ("break-glass"): tell the person's clinics before anything of the person is shown."""

from uuid import UUID

import msgspec

from trustmed.audit.actions import Action
from trustmed.audit.emergency import LONGEST_REASON, SHORTEST_REASON, emergency_reason
from trustmed.db.queries import load
from trustmed.patient.writing import tidy
from trustmed.region.access.errors import GroundRefused
from trustmed.region.access.model import Reader
from trustmed.region.pools import Pools
from trustmed.schema import Place

QUERIES = load(__package__)


class ReasonNeeded(GroundRefused):
    """The emergency access has no reason that the patient and the head of the clinic could read."""

    def __init__(self) -> None:
        super().__init__(
            f"Карта не открыта: для экстренного доступа опишите причину словами, от {SHORTEST_REASON} букв "
            f"до {LONGEST_REASON} знаков. Причина останется в журнале, её увидит пациент.",
            f"The record is not opened: for emergency access say why in words, {SHORTEST_REASON} letters "
            f"to {LONGEST_REASON} characters. The reason stays in the log, and the patient will see it.",
        )


class Staff(msgspec.Struct, frozen=True):
    """Who takes emergency access, as the patient and the heads of the patient's clinics read it."""

    name: str
    position: str


def reason_of_emergency(said: str) -> str:
    """Return the reason as it is stored. Raises ReasonNeeded."""
    reason = emergency_reason(said)
    if reason is None:
        raise ReasonNeeded
    return reason


async def record_emergency_access(pools: Pools, reader: Reader, staff: Staff, person_id: UUID, reason: str) -> None:
    """Record an emergency access and tell every organisation whose patient the person is, in one transaction.

    Show nothing before this has returned. `reader.ground` and `reader.detail` are ignored.
    Raises ReasonNeeded, PartMissing.
    """
    values = _values(reader, staff, person_id, reason_of_emergency(reason), Action.RECORD_EMERGENCY)
    await _record(pools, values | {"ground": "break_glass", "tells_own": False})


async def record_unverified_access(pools: Pools, reader: Reader, staff: Staff, person_id: UUID, why: str) -> None:
    """Record an access whose ground could not be verified, and tell the same heads, the reader's own included.

    Show nothing before this has returned. Raises PartMissing.
    """
    values = _values(reader, staff, person_id, why, Action.RECORD_UNVERIFIED)
    await _record(pools, values | {"ground": reader.ground, "tells_own": True})


def _values(reader: Reader, staff: Staff, person_id: UUID, reason: str, action: Action) -> dict[str, object]:
    position = tidy(staff.position)
    return {
        "person_id": person_id,
        "reason": reason,
        "organization_id": reader.organization_id,
        "name": staff.name,
        "position": position,
        "actor": reader.actor,
        # A row of the region's log has no place for the position, and the patient is to read who it was.
        "actor_name": ", ".join(part for part in (staff.name, position) if part),
        "channel": reader.channel,
        "action": str(action),
    }


async def _record(pools: Pools, values: dict[str, object]) -> None:
    async with pools.connection(pools.of_place(Place.MPI)) as connection, connection.transaction():
        await connection.execute(QUERIES["note_emergency"], values)
        await connection.execute(QUERIES["tell_of_emergency"], values)
