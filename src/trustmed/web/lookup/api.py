"""Dictionaries for programs."""

import datetime as dt

import msgspec
from litestar import Router, get
from litestar.params import FromQuery

from trustmed.nsi.model import Card, Edition, Row
from trustmed.nsi.search import card, editions, find
from trustmed.web.guards import Guard
from trustmed.web.lookup.asked import asked, day_of
from trustmed.web.lookup.source import AnyRequest, Source


class Found(msgspec.Struct, frozen=True):
    """The best rows first; `editions`: the dictionaries they are from, each in the version that was looked in.

    `read_as`: the line as it was understood, where it was typed in another keyboard layout. `path`: from the root to
    the parent asked about. `on`: the day that was asked about (null: now).
    """

    rows: tuple[Row, ...]
    editions: tuple[Edition, ...]
    path: tuple[Row, ...]
    read_as: str | None
    has_more: bool
    on: dt.date | None


class Dictionaries(msgspec.Struct, frozen=True):
    dictionaries: tuple[Edition, ...]


def lookup_api(source: Source, guard: Guard) -> Router:
    """/nsi/search, /nsi/entry, /nsi/dictionaries. To be put under the interface's path."""

    @get("/search", summary="Rows of dictionaries by code, words, parent, as of a day")
    async def search(
        request: AnyRequest,
        q: FromQuery[str] = "",
        oid: FromQuery[str] = "",
        parent: FromQuery[str] = "",
        on: FromQuery[str] = "",
        limit: FromQuery[str] = "",
    ) -> Found:
        query = asked(q, oid, parent, on, limit)
        async with source(request) as connection:
            answer = await find(connection, query)
        return Found(answer.rows, answer.editions, answer.path, answer.read_as, answer.has_more, query.on)

    @get("/entry", summary="A row of a dictionary with all its columns")
    async def entry(
        request: AnyRequest,
        oid: FromQuery[str],
        key: FromQuery[str],
        on: FromQuery[str] = "",
        version: FromQuery[str] = "",
    ) -> Card:
        day = day_of(on)
        async with source(request) as connection:
            return await card(connection, oid, key, day, version or None)

    @get("/dictionaries", summary="Dictionaries in the versions in force, or as of a day")
    async def dictionaries(request: AnyRequest, on: FromQuery[str] = "") -> Dictionaries:
        day = day_of(on)
        async with source(request) as connection:
            return Dictionaries(await editions(connection, on=day))

    return Router("/nsi", route_handlers=[search, entry, dictionaries], guards=[guard], tags=["nsi"])
