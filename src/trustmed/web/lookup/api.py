"""Dictionaries for programs."""

import datetime as dt

import msgspec
from litestar import Router, get
from litestar.params import FromQuery

from trustmed.nsi.model import Card, Edition, Row
from trustmed.nsi.search import card, editions, find
from trustmed.web.guards import Guard
from trustmed.web.lookup.query import parse_day, parse_query
from trustmed.web.lookup.source import AnyRequest, Source


class Found(msgspec.Struct, frozen=True):
    """The best rows first; `editions`: their dictionaries, each in the version that was searched.

    `read_as`: the line in the right keyboard layout, if it was typed in another. `path`: from the root to the parent
    asked about. `on`: the day asked about (null: now).
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
    """Return the routes /nsi/search, /nsi/entry, /nsi/dictionaries. Put them under the interface's path."""

    @get("/search", summary="Rows of dictionaries by code, words, parent, as of a day")
    async def search(
        request: AnyRequest,
        q: FromQuery[str] = "",
        oid: FromQuery[str] = "",
        parent: FromQuery[str] = "",
        on: FromQuery[str] = "",
        limit: FromQuery[str] = "",
    ) -> Found:
        query = parse_query(q, oid, parent, on, limit)
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
        day = parse_day(on)
        async with source(request) as connection:
            return await card(connection, oid, key, day, version or None)

    @get("/dictionaries", summary="Dictionaries in the versions in force, or as of a day")
    async def dictionaries(request: AnyRequest, on: FromQuery[str] = "") -> Dictionaries:
        day = parse_day(on)
        async with source(request) as connection:
            return Dictionaries(await editions(connection, on=day))

    return Router("/nsi", route_handlers=[search, entry, dictionaries], guards=[guard], tags=["nsi"])
