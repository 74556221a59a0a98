"""List who looked into a person's record: accesses through the region and by the clinics' staff together."""

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from psycopg import AsyncConnection

from trustmed.audit.actions import Action
from trustmed.db.async_rows import find_structs
from trustmed.db.queries import load
from trustmed.region.access.model import Reader
from trustmed.region.disclosures.lines import one_line_each
from trustmed.region.disclosures.model import LONGEST_PAGE, Look, LooksPage, LooksQuery
from trustmed.region.disclosures.parts import ask_all
from trustmed.region.pools import Pools
from trustmed.region.registry import cursor
from trustmed.schema import Place
from trustmed.topology.file.spec import Database

QUERIES = load(__package__)
FIRST_DAY: Final = datetime(1, 1, 1, tzinfo=UTC)
LAST_DAY: Final = datetime(9999, 12, 31, tzinfo=UTC)


async def find_looks(pools: Pools, reader: Reader, person_id: UUID, query: LooksQuery) -> LooksPage:
    """Return a page of accesses to the person's record, the newest first, a line for each look, without this very one.

    A part that is down is named in `missing` with its organisations. Raises CursorRefused.
    """
    limit = max(1, min(query.limit, LONGEST_PAGE))
    start = _start(query)
    values: dict[str, object] = {
        "person_id": person_id,
        "since": query.since or FIRST_DAY,
        "before": start.created_at,
        "before_id": start.id,
        "glass_only": query.glass_only,
        "limit": limit + 1,  # one more tells whether there is a next page
    }

    async def ask(connection: AsyncConnection, database: Database) -> list[Look]:
        lists = Place.REGISTRY in database.places  # asking leaves a row in every part; one of them shows it
        found = await _looks(connection, "own_looks", values | {"lists": lists})
        if Place.RECORD in database.places:
            found += await _looks(connection, "site_looks", values)
        return found

    answers = await ask_all(pools, reader, Action.TRAIL_READ, person_id, ask)
    looks = one_line_each(
        sorted((look for part in answers.found for look in part), key=lambda one: (one.at, one.id), reverse=True)
    )
    last = looks[limit - 1] if len(looks) > limit else None
    return LooksPage(tuple(looks[:limit]), cursor.encode_cursor(last.at, last.id) if last else None, answers.missing)


def _start(query: LooksQuery) -> cursor.Cursor:
    """Return where the page starts: after the previous page, and always before `query.before`."""
    bound = cursor.Cursor(query.before or LAST_DAY, UUID(int=0))
    if not query.after:
        return bound
    given = cursor.decode_cursor(query.after)
    return given if given.created_at < bound.created_at else bound


async def _looks(connection: AsyncConnection, name: str, values: dict[str, object]) -> list[Look]:
    return await find_structs(connection, Look, QUERIES[name], values)
