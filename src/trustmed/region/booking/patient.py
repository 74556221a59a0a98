"""The patient a client system names: found in the index by СНИЛС, completed by what the client gives."""

import datetime as dt
from uuid import UUID

import msgspec

from trustmed.audit.actions import Action
from trustmed.region.access.model import Reader
from trustmed.region.booking.model import Caller
from trustmed.region.persons.opening import open_index
from trustmed.region.persons.reading import find_person
from trustmed.region.persons.snils import person_of_snils
from trustmed.region.pools import Pools

NAMES = ("surname", "given_name", "patronymic", "birth_date")


class Given(msgspec.Struct, frozen=True):
    """What the client says of the patient. `birth_date` like 1980-05-05."""

    surname: str = ""
    given_name: str = ""
    patronymic: str | None = None
    birth_date: dt.date | None = None
    phone: str | None = None


async def caller_of(pools: Pools, reader: Reader, snils: str | None, given: Given, *, named: bool = True) -> Caller:
    """Return the patient. `named`: name and birth date of a known person come from the golden record if not given.

    Raises PartMissing.
    """
    person_id = await person_of_snils(pools, snils) if snils else None
    if named and person_id is not None and not (given.surname and given.given_name and given.birth_date):
        given = await _golden(pools, reader, person_id, given)
    return Caller(person_id, given.surname, given.given_name, given.patronymic, given.birth_date, snils, given.phone)


async def _golden(pools: Pools, reader: Reader, person_id: UUID, given: Given) -> Given:
    """Return the name of the golden record as a whole: parts of two names would make a person who does not exist."""
    at_work = msgspec.structs.replace(reader, ground="service")
    async with open_index(pools, at_work, Action.INDEX_PERSON) as index:
        golden = (await find_person(index.connection, person_id)).golden
        index.note_seen(person_id)
    values = {name: golden[name].value for name in NAMES if name in golden}
    birth_date = values.get("birth_date")
    return Given(
        values.get("surname", given.surname),
        values.get("given_name", given.given_name),
        values.get("patronymic"),
        dt.date.fromisoformat(birth_date) if birth_date else given.birth_date,
        given.phone,
    )
