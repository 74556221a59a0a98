"""Doctors and rooms on the schedule, within a tenant's transaction."""

from typing import Any, Final
from uuid import UUID

from psycopg import AsyncConnection

from trustmed.clinic.schedule.errors import ResourceMissing, ResourceWrong
from trustmed.clinic.schedule.model import Candidate, Resource, Speciality
from trustmed.db.async_rows import find_struct, find_structs, find_value
from trustmed.db.queries import load
from trustmed.patient.writing import tidy
from trustmed.semd.cda.vocabulary import FORM_DICTIONARIES

sql = load(__package__)
POSTS: Final = FORM_DICTIONARIES["position"]
LONGEST_TEXT: Final = 100  # characters of a room's name and number


async def resources(connection: AsyncConnection, organization_id: int) -> list[Resource]:
    """Return all doctors and rooms, by speciality and name; those off the schedule come last."""
    return await find_structs(connection, Resource, sql["resources"], {"organization_id": organization_id})


async def get(connection: AsyncConnection, organization_id: int, resource_id: UUID) -> Resource:
    """Return a doctor or room. Raises ResourceMissing."""
    found = await find_struct(
        connection, Resource, sql["find_resource"], {"organization_id": organization_id, "id": resource_id}
    )
    if found is None:
        raise ResourceMissing
    return found


async def candidates(connection: AsyncConnection, organization_id: int) -> list[Candidate]:
    """Return the employees who can be put on the schedule."""
    return await find_structs(
        connection, Candidate, sql["candidates"], {"organization_id": organization_id, "posts": POSTS}
    )


async def specialities(connection: AsyncConnection) -> list[Speciality]:
    """Return the rows of dictionary 1002 in force; none if the site does not hold it."""
    return await find_structs(connection, Speciality, sql["specialities"], {"posts": POSTS})


async def add_doctor(connection: AsyncConnection, organization_id: int, employee_id: UUID | None, room: str) -> UUID:
    """Put an employee on the schedule, with the speciality of the post. Raises ResourceWrong."""
    await lock_schedule(connection, organization_id)
    found = next((one for one in await candidates(connection, organization_id) if one.id == employee_id), None)
    if found is None:
        raise ResourceWrong(
            "Этого сотрудника нет среди тех, кого можно добавить: выберите врача из списка.",
            "This employee is not among those who can be added: choose a doctor from the list.",
        )
    values = {"kind": "doctor", "employee_id": found.id, "name": found.name, "room": _tidy(room) or None}
    return await _add(connection, organization_id, found.speciality_code, found.speciality, values)


async def add_room(
    connection: AsyncConnection, organization_id: int, name: str, speciality_code: str, room: str
) -> UUID:
    """Put a room on the schedule, booked by a speciality of dictionary 1002. Raises ResourceWrong."""
    tidied = _tidy(name)
    if not tidied:
        raise ResourceWrong("Назовите кабинет, например: «Кабинет УЗИ».", "Name the room, for example “Ultrasound”.")
    found = next((one for one in await specialities(connection) if one.code == speciality_code), None)
    if found is None:
        raise ResourceWrong(
            "Выберите специальность кабинета из справочника 1002.",
            "Choose the room's speciality from dictionary 1002.",
        )
    values = {"kind": "room", "employee_id": None, "name": tidied, "room": _tidy(room) or None}
    return await _add(connection, organization_id, found.code, found.name, values)


async def change(
    connection: AsyncConnection, organization_id: int, resource_id: UUID, room: str, *, is_off: bool
) -> None:
    """Change the room, or take the resource off the schedule. Raises ResourceMissing, ResourceWrong."""
    values = {"organization_id": organization_id, "id": resource_id, "room": _tidy(room) or None, "is_off": is_off}
    if await (await connection.execute(sql["change_resource"], values)).fetchone() is None:
        raise ResourceMissing


async def lock_schedule(connection: AsyncConnection, organization_id: int) -> None:
    """Lock the organisation's schedule against other changes until the transaction ends."""
    await connection.execute(sql["lock_schedule"], {"organization_id": organization_id})


async def _add(
    connection: AsyncConnection, organization_id: int, code: str, speciality: str, values: dict[str, Any]
) -> UUID:
    everything = {"organization_id": organization_id, "speciality_code": code, "speciality": speciality, **values}
    resource_id = await find_value(connection, sql["add_resource"], everything)
    if resource_id is None:
        raise ResourceMissing
    return resource_id


def _tidy(text: str) -> str:
    found = tidy(text)
    if len(found) > LONGEST_TEXT:
        raise ResourceWrong(
            f"Слишком длинно: {len(found)} символов, допускается до {LONGEST_TEXT}. Сократите.",
            f"Too long: {len(found)} characters, at most {LONGEST_TEXT} are taken. Shorten it.",
        )
    return found
