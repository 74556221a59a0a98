"""A person's timeline and summary: only the parts that hold something of the person are asked, all at once.

A part that is silent makes the answer partial: it is named, with the organisations it would have spoken for. A first
page without filters, whole, is kept hot with what stands beside it.
"""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Collection, Iterable, Sequence
from typing import Final
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from trustmed.audit.actions import Action
from trustmed.hot.copies import HotCopies
from trustmed.hot.form import form_of
from trustmed.hot.protocol import realm
from trustmed.region.access.model import Access, Reader
from trustmed.region.persons.links import Links
from trustmed.region.pools import PartMissing, Pools
from trustmed.region.record import mark, sources
from trustmed.region.record.copies import DROP_RECORD, DROP_RECORD_BOOKING, DROP_RECORD_SHARD, record_key
from trustmed.region.record.event import Copy, Event, Filters, Summary, Timeline
from trustmed.region.record.fallback import PART_SECONDS, links_elsewhere, registry_links
from trustmed.region.record.mark import Mark
from trustmed.region.shards import Answers, Missing, Shard, ask_every, missing_part, shards_of
from trustmed.schema import Place
from trustmed.topology.file.spec import Database, Topology

HOT_PAGE: Final = 50
LONGEST_PAGE: Final = 200

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Copy).decode
FORM: Final = form_of(Copy)


class _Wish(msgspec.Struct, frozen=True):
    """What to read, of whom and from which sources; `summary`: the facts in force as well."""

    access: Access
    filters: Filters
    start: Mark
    limit: int
    summary: bool = False
    among: tuple[sources.Source, ...] = sources.SOURCES

    def sources_at(self, place: Place) -> tuple[sources.Source, ...]:
        return sources.sources_of(place, self.filters, self.among)

    def values(self) -> dict[str, object]:
        return sources.parameters(self.access.person_id, self.filters, self.start, self.limit + 1)


class _Read(msgspec.Struct, frozen=True):
    """What one part answered: events of its sources, and facts in force."""

    part: str
    events: list[Event]
    standing: list[Event] = []


class _Registry(msgspec.Struct, frozen=True):
    """The open reading of the registry; `connection` is None if the registry is silent."""

    database: Database
    connection: AsyncConnection | None


async def timeline(
    pools: Pools,
    hot: HotCopies,
    reader: Reader,
    person_id: UUID,
    filters: Filters = Filters(),  # noqa: B008 (frozen)
    *,
    after: str | None = None,
    limit: int = HOT_PAGE,
    action: Action = Action.RECORD_READ,
) -> Timeline:
    """Return a page of the person's events, newest first. Raises CursorRefused, RecordUnreachable."""
    if after is None and filters == Filters() and limit <= HOT_PAGE:
        return _cut_page((await summary(pools, hot, reader, person_id, action)).timeline, limit)
    start = sources.start_of(mark.decode_mark(after) if after else None, filters)
    wish = _Wish(Access(reader, action, person_id), filters, start, min(limit, LONGEST_PAGE))
    try:
        async with registry_links(pools, wish.access) as (registry, connection, links):
            return (await _gather(pools, _Registry(registry, connection), links, wish)).timeline
    except PartMissing as lost:
        return (await _without_registry(pools, wish, lost)).timeline


async def summary(
    pools: Pools, hot: HotCopies, reader: Reader, person_id: UUID, action: Action = Action.RECORD_READ
) -> Summary:
    """Return the first page and the facts in force, from the hot copy if a fresh one was made for the same patients.

    The reading is recorded, and refused, all the same. Raises RecordUnreachable.
    """
    access = Access(reader, action, person_id)
    wish = _Wish(access, Filters(), Mark(), HOT_PAGE, summary=True)
    try:
        async with registry_links(pools, access) as (registry, connection, links):

            async def read() -> bytes:
                return _encode(Copy(links, await _gather(pools, _Registry(registry, connection), links, wish)))

            vouching = realms(pools.topology, (one.database for one in shards_of(pools, _organizations(links))[0]))
            copy = _decode(await hot.fill(record_key(person_id), read, vouching, FORM, worth=_is_whole))
            return (copy if copy.links == links else _decode(await read())).summary
    except PartMissing as lost:
        return await _without_registry(pools, wish, lost)


async def essentials(pools: Pools, access: Access) -> Summary:
    """Return what an emergency needs of the person's record, and nothing else. Raises RecordUnreachable."""
    wish = _Wish(access, Filters(), Mark(), LONGEST_PAGE, among=sources.ESSENTIALS)
    try:
        async with registry_links(pools, access) as (registry, connection, links):
            found = await _gather(pools, _Registry(registry, connection), links, wish)
    except PartMissing as lost:
        found = await _without_registry(pools, wish, lost)
    events = found.timeline.events
    return Summary(
        msgspec.structs.replace(found.timeline, after=None),
        diagnoses=tuple(one for one in events if one.kind == "diagnosis"),
        allergies=tuple(one for one in events if one.kind == "allergy"),
    )


def _is_whole(copy: bytes) -> bool:
    return not _decode(copy).summary.timeline.missing


def realms(topology: Topology, shards: Iterable[Database]) -> list[str]:
    """Return every realm whose changes could alter the summary of a person on these shards."""
    registry = realm(DROP_RECORD, topology.database_of(Place.REGISTRY).label)
    booking = realm(DROP_RECORD_BOOKING, topology.database_of(Place.BOOKING).label)
    return [registry, booking, *(realm(DROP_RECORD_SHARD, one.label) for one in shards)]


async def _without_registry(pools: Pools, wish: _Wish, lost: PartMissing) -> Summary:
    """Read the other parts when the registry is silent. Raises RecordUnreachable; PartMissing if it was another."""
    registry = pools.of_place(Place.REGISTRY)
    if lost.part != registry.label:
        raise lost
    links = await links_elsewhere(pools, wish.access)
    return await _gather(pools, _Registry(registry, None), links, wish)


async def _gather(pools: Pools, registry: _Registry, links: Links, wish: _Wish) -> Summary:
    """Ask all parts at once and merge their answers."""
    organizations = _organizations(links, wish.filters.organizations)
    shards, nobodys = shards_of(pools, organizations)
    at_shards = wish.sources_at(Place.RECORD)
    held = {one.database.label for one in shards}
    booking = _booking(pools, organizations, wish)

    async def ask(connection: AsyncConnection, database: Database) -> _Read:
        part = database.label
        found: list[Event] = []
        standing: list[Event] = []
        if part in held:
            found += await sources.events(connection, at_shards, wish.values(), part)
            person: dict[str, object] = {"person_id": wish.access.person_id}
            standing += await sources.events_of(connection, "standing_facts", person, part) if wish.summary else []
        if any(part == one.database.label for one in booking):
            found += await sources.events(connection, wish.sources_at(Place.BOOKING), wish.values(), part)
        return _Read(part, found, standing)

    parts = {one.database.label: one for one in (*booking, *(shards if at_shards else ()))}
    asked = ask_every(pools, wish.access, tuple(parts.values()), ask, patience=PART_SECONDS)
    if registry.connection is None:
        answers, documents = await asked, []
        silent = _registry_missing(pools, registry.database, shards, nobodys, wish)
    else:
        answers, documents = await _await_both(asked, _documents(registry, wish))
        silent = []
    silent += [*answers.missing, *(nobodys if at_shards else ())]
    return _merge(answers.found, documents, silent, wish, held)


def _organizations(links: Links, named: Collection[int] = ()) -> list[int]:
    """Return the organisations the person is a patient of, in order; only those of `named`, if any are named."""
    return sorted({number for number, _ in links if not named or number in named})


def _booking(pools: Pools, organizations: Sequence[int], wish: _Wish) -> list[Shard]:
    """Return the booking database as a part to ask, for all organisations of the person, if bookings are asked for."""
    if not wish.sources_at(Place.BOOKING):
        return []
    return [Shard(pools.of_place(Place.BOOKING), tuple(organizations))]


async def _await_both(
    shards: Awaitable[Answers[_Read]], documents: Awaitable[list[Event]]
) -> tuple[Answers[_Read], list[Event]]:
    """Wait until both have ended, even if one fails: neither may go on in a transaction that is closed."""
    first, second = await asyncio.gather(shards, documents, return_exceptions=True)
    if isinstance(first, BaseException):
        raise first
    if isinstance(second, BaseException):
        raise second
    return first, second


async def _documents(registry: _Registry, wish: _Wish) -> list[Event]:
    at_registry = wish.sources_at(Place.REGISTRY)
    if registry.connection is None:
        return []
    return await sources.events(registry.connection, at_registry, wish.values(), registry.database.label)


def _registry_missing(
    pools: Pools, registry: Database, shards: Sequence[Shard], nobodys: Sequence[Missing], wish: _Wish
) -> list[Missing]:
    if not wish.sources_at(Place.REGISTRY):
        return []
    numbers = {number for one in (*shards, *nobodys) for number in one.organizations}
    return [missing_part(pools, registry, numbers)]


def _merge(
    read: Sequence[_Read], documents: list[Event], silent: list[Missing], wish: _Wish, shards: Collection[str]
) -> Summary:
    found = sources.newest([*documents, *(event for one in read for event in one.events)], wish.limit + 1)
    page = Timeline(found, tuple(silent), tuple(sorted(one.part for one in read if one.part in shards)))
    standing = _facts_in_force(event for one in read for event in one.standing)
    return Summary(
        _cut_page(page, wish.limit),
        diagnoses=tuple(one for one in standing if one.kind == "diagnosis"),
        allergies=tuple(one for one in standing if one.kind == "allergy"),
        vitals=tuple(one for one in standing if one.kind == "vital"),
    )


def _facts_in_force(facts: Iterable[Event]) -> list[Event]:
    """Return the newest fact on each subject, of all shards, without those that have ended."""
    now, last = dt.datetime.now(dt.UTC), dict[tuple[str, str], Event]()
    for fact in facts:
        name = (fact.kind, fact.code or fact.title)
        if name not in last or (fact.at, fact.key) > (last[name].at, last[name].key):
            last[name] = fact
    standing = [one for one in last.values() if one.kind == "vital" or one.until is None or one.until > now]
    return sorted(standing, key=lambda one: (one.at, one.key), reverse=True)


def _cut_page(page: Timeline, limit: int) -> Timeline:
    if len(page.events) <= limit:
        return page
    events = page.events[:limit]
    return msgspec.structs.replace(page, events=events, after=mark.encode_mark(events[-1]))
