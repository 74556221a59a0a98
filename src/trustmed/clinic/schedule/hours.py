"""Weekly hours, within a tenant's transaction."""

from typing import Final
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from trustmed.clinic.schedule import resources
from trustmed.clinic.schedule.clash import is_clash, refusal
from trustmed.clinic.schedule.errors import HoursMissing, HoursWrong
from trustmed.clinic.schedule.model import Hours, NewHours, Resource
from trustmed.db.async_rows import find_structs, find_value
from trustmed.db.queries import load
from trustmed.patient.writing import tidy

sql = load(__package__)
SHORTEST_MINUTES: Final = 5  # of a slot
LONGEST_MINUTES: Final = 480
LONGEST_ROOM: Final = 100


async def of_organization(connection: AsyncConnection, organization_id: int) -> list[Hours]:
    """Return the hours of every doctor and room that is on the schedule."""
    return await find_structs(connection, Hours, sql["hours"], {"organization_id": organization_id})


async def of_resource(connection: AsyncConnection, organization_id: int, resource_id: UUID) -> list[Hours]:
    """Return the hours of one doctor or room, by weekday and time."""
    return await find_structs(
        connection, Hours, sql["hours_of"], {"organization_id": organization_id, "resource_id": resource_id}
    )


async def add(connection: AsyncConnection, organization_id: int, resource_id: UUID, new: NewHours) -> UUID:
    """Add weekly hours of a doctor or a room. Raises ResourceMissing, HoursWrong, HoursClash (naming both hours)."""
    checked = _validate(new)
    await resources.lock_schedule(connection, organization_id)
    resource = await resources.get(connection, organization_id, resource_id)
    hours = _hours_of_resource(checked, resource)
    for other in await of_organization(connection, organization_id):
        if is_clash(hours, other):
            raise refusal(hours, other)
    values = {"organization_id": organization_id, "resource_id": resource_id, **msgspec.structs.asdict(checked)}
    hours_id = await find_value(connection, sql["add_hours"], values)
    if hours_id is None:
        raise HoursMissing
    return hours_id


async def remove(connection: AsyncConnection, organization_id: int, resource_id: UUID, hours_id: UUID) -> None:
    """Remove hours: no more slots are made from them, but slots already made stay. Raises HoursMissing."""
    values = {"organization_id": organization_id, "resource_id": resource_id, "id": hours_id}
    if await (await connection.execute(sql["remove_hours"], values)).fetchone() is None:
        raise HoursMissing


def _hours_of_resource(new: NewHours, resource: Resource) -> Hours:
    return Hours(
        id=UUID(int=0),
        resource_id=resource.id,
        kind=resource.kind,
        employee_id=resource.employee_id,
        name=resource.name,
        weekday=new.weekday,
        starts=new.starts,
        ends=new.ends,
        minutes=new.minutes,
        visit_kind=new.visit_kind,
        room=new.room or resource.room,
        valid_from=new.valid_from,
        valid_to=new.valid_to,
    )


def _validate(new: NewHours) -> NewHours:
    room = tidy(new.room or "")
    if not 1 <= new.weekday <= 7:
        raise HoursWrong("Выберите день недели.", "Choose a weekday.")
    if new.ends <= new.starts:
        raise HoursWrong("Конец приёма раньше начала. Исправьте время.", "The end is before the start. Correct it.")
    if not SHORTEST_MINUTES <= new.minutes <= LONGEST_MINUTES:
        raise HoursWrong(
            f"На одного пациента нужно от {SHORTEST_MINUTES} до {LONGEST_MINUTES} минут.",
            f"A patient takes from {SHORTEST_MINUTES} to {LONGEST_MINUTES} minutes.",
        )
    whole = (new.ends.hour - new.starts.hour) * 60 + new.ends.minute - new.starts.minute
    if whole < new.minutes:
        raise HoursWrong(
            "Приём короче времени на одного пациента. Увеличьте приём или уменьшите время.",
            "The hours are shorter than one patient takes. Make them longer, or a patient's time shorter.",
        )
    if new.valid_to is not None and new.valid_to < new.valid_from:
        raise HoursWrong(
            "Последний день действия раньше первого. Исправьте даты.",
            "The last day of validity is before the first. Correct the dates.",
        )
    if len(room) > LONGEST_ROOM:
        raise HoursWrong("Номер кабинета слишком длинный. Сократите его.", "The room is too long. Shorten it.")
    return msgspec.structs.replace(new, room=room or None)
