"""Emergency access ("break-glass"): told to the person's clinics before anything of the person is shown."""

from uuid import UUID

from trustmed.audit.actions import Action
from trustmed.audit.emergency import LONGEST_REASON, SHORTEST_REASON, emergency_reason
from trustmed.db.queries import load
from trustmed.errors import InputRefused
from trustmed.patient.writing import tidy
from trustmed.region.access.model import Reader
from trustmed.region.pools import Pools
from trustmed.schema import Place

QUERIES = load(__package__)


class ReasonNeeded(InputRefused):
    """Emergency access without a reason that the patient and the head of the clinic could read."""

    def __init__(self) -> None:
        super().__init__(
            f"Назовите причину экстренного доступа, от {SHORTEST_REASON} букв до {LONGEST_REASON} знаков: её увидят "
            "пациент и руководители его клиник. Ничего не показано.",
            f"Give the reason of the emergency access, {SHORTEST_REASON} letters to {LONGEST_REASON} characters: the "
            "patient and the heads of the patient's clinics will see it. Nothing was shown.",
        )


async def broke_glass(
    pools: Pools, reader: Reader, person_id: UUID, reason: str, organization_id: int | None, position: str
) -> None:
    """Record an emergency access and tell every organisation whose patient the person is, in one transaction.

    To be called, and to have returned, before anything is shown. `organization_id`: the reader's, None for the
    region's own staff; `reader.ground` and `reader.detail` do not matter. Raises ReasonNeeded, PartMissing.
    """
    words = emergency_reason(reason)
    if words is None:
        raise ReasonNeeded
    position = tidy(position)
    values = {
        "person_id": person_id,
        "reason": words,
        "organization_id": organization_id,
        "name": reader.actor_name,
        "position": position,
        "actor": reader.actor,
        # A row of the region's log has no place for the position, and the patient is to read who it was.
        "actor_name": ", ".join(part for part in (reader.actor_name, position) if part),
        "channel": reader.channel,
        "action": str(Action.RECORD_EMERGENCY),
    }
    async with pools.connection(pools.of_place(Place.MPI)) as connection, connection.transaction():
        await connection.execute(QUERIES["note_glass"], values)
        await connection.execute(QUERIES["tell_of_glass"], values)
