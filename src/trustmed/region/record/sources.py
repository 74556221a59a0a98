"""Where events are: the one list of queries that a timeline is made from. A new kind of data is added here."""

from collections.abc import Sequence
from typing import Final

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import tuple_row

from trustmed.db.queries import load
from trustmed.region.record.event import FIRST_DAY, KINDS, LAST_DAY, Event, Filters
from trustmed.region.record.mark import Mark
from trustmed.schema import Place

QUERIES = load(__package__)


class Source(msgspec.Struct, frozen=True):
    """A named query (see queries.sql) asked in databases that are `place`, and the kinds of events it gives.

    It gives the columns of Event without `part`, in its order, newest first, and takes what `parameters` makes.
    """

    query: str
    place: Place
    kinds: frozenset[str]


SOURCES: Final = (
    Source("events_of_documents", Place.REGISTRY, frozenset({"document"})),
    Source("events_of_visits", Place.RECORD, frozenset({"visit"})),
    Source("events_of_bookings", Place.BOOKING, frozenset({"booking"})),
    Source("events_of_facts", Place.RECORD, frozenset(KINDS) - {"document", "visit", "booking"}),
)


ESSENTIALS: Final = (
    Source("last_hospital_summary", Place.REGISTRY, frozenset({"document"})),
    Source(
        "essential_facts", Place.RECORD, frozenset({"allergy", "diagnosis", "disability", "medication", "laboratory"})
    ),
)
"""The sources of what an emergency needs: all that a ground opens which only the reader's own act stands for."""
BLOOD_GROUPS: Final = "1.2.643.5.1.13.13.11.1061"
HOSPITAL_SUMMARIES: Final = ("41", "77", "147", "44", "89", "205")
"""Kinds of dictionary 1520: summaries at discharge from hospital and maternity hospital, in their editions."""


def sources_of(place: Place, filters: Filters, among: tuple[Source, ...] = SOURCES) -> tuple[Source, ...]:
    """Return the sources in databases of this place that can give events the filter asks for."""
    return tuple(
        one for one in among if one.place is place and (not filters.kinds or one.kinds.intersection(filters.kinds))
    )


def parameters(person_id: object, filters: Filters, start: Mark, limit: int) -> dict[str, object]:
    """Return the parameters of a source's query."""
    return {
        "person_id": person_id,
        "kinds": list(filters.kinds) or None,
        "since": filters.since or FIRST_DAY,
        "before": start.at,
        "before_key": start.key,
        "organizations": list(filters.organizations) or None,
        "text": filters.text.strip().lower() if filters.text and filters.text.strip() else None,
        "limit": limit,
        "blood_groups": BLOOD_GROUPS,
        "summaries": list(HOSPITAL_SUMMARIES),
    }


def start_of(mark: Mark | None, filters: Filters) -> Mark:
    """Return where a page starts: after the last event given out, and never after the bound of the filter."""
    bound = Mark(filters.before or LAST_DAY)
    return mark if mark is not None and mark.at < bound.at else bound


async def events(
    connection: AsyncConnection, sources: Sequence[Source], values: dict[str, object], part: str
) -> list[Event]:
    """Return the events of these sources, each newest first; within a reading that `access` opened."""
    found: list[Event] = []
    for source in sources:
        found += await events_of(connection, source.query, values, part)
    return found


async def events_of(connection: AsyncConnection, query: str, values: dict[str, object], part: str) -> list[Event]:
    """Return the events of one source."""
    # By position: by name a row of 17 columns takes eight times as long, and a page of a record has hundreds.
    async with connection.cursor(row_factory=tuple_row) as rows:
        await rows.execute(QUERIES[query], values)
        return [Event(*row, part=part) for row in await rows.fetchall()]


def newest(found: Sequence[Event], limit: int) -> tuple[Event, ...]:
    """Return the newest events of all parts, ordered by time and key."""
    return tuple(sorted(found, key=lambda one: (one.at, one.key), reverse=True)[:limit])
