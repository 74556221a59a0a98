"""Pin fields of the golden record, within a transaction of `open_index`."""

import datetime as dt
from uuid import UUID

from psycopg import AsyncConnection

from trustmed.db.queries import load
from trustmed.region.persons.golden import FIELDS, is_meaningful
from trustmed.region.steward.errors import FieldUnknown, ValueWrong
from trustmed.region.steward.history import write_history
from trustmed.region.steward.model import Author

QUERIES = load(__package__)
LONGEST = 1000


async def pin(connection: AsyncConnection, author: Author, person_id: UUID, field: str, value: str, why: str) -> None:
    """Pin a field of the golden record. `why` is a reason as `acts.reason_of` returns it.

    Raises FieldUnknown, ValueWrong.
    """
    if field not in FIELDS:
        raise FieldUnknown(field)
    value = " ".join(value.split())
    if not _is_possible(field, value):
        raise ValueWrong(field)
    values = {"person_id": person_id, "field": field, "value": value, "author": author.login}
    await connection.execute(QUERIES["pin"], {**values, "author_name": author.name, "reason": why})
    await write_history(connection, "pinned", person_id, author, f"{field} = {value}: {why}")


async def unpin(connection: AsyncConnection, author: Author, person_id: UUID, field: str, why: str) -> None:
    """Remove a pin, so that the rows decide again. Raises FieldUnknown if the field is not pinned."""
    row = await (await connection.execute(QUERIES["unpin"], {"person_id": person_id, "field": field})).fetchone()
    if row is None:
        raise FieldUnknown(field)
    await write_history(connection, "unpinned", person_id, author, f"{field}: {why}")


def _is_possible(field: str, value: str) -> bool:
    """Return whether a card could hold the value and the golden record would use it."""
    if len(value) > LONGEST or "\x00" in value or not is_meaningful(field, value):
        return False
    if field == "sex":
        return value in ("1", "2")
    if field == "birth_date":
        try:
            return dt.date.fromisoformat(value).isoformat() == value
        except ValueError:
            return False
    return True
