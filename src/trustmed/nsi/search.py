"""Look up rows of dictionaries. Every function reads the given database and nothing else."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from trustmed.db.async_rows import find_rows, find_struct, find_structs, find_value
from trustmed.db.queries import load
from trustmed.nsi.errors import DictionaryUnknown, EntryUnknown, NoVersionThen, ParentWithoutDictionary
from trustmed.nsi.model import REASONS, Answer, Card, Edition, Field, Query, Row, Seen
from trustmed.nsi.readings import LAST, Reading, readings_of

sql = load(__package__)
DAY: Final = "%Y%m%d"
NAME_BEGINNING: Final = 60
"""Letters at the beginning of a name that are indexed."""
MOST_LOOKED_AT: Final = 400
"""At most this many rows containing a part of a word are ranked: more would take longer than typing the next letter."""

WORST: Final = 4
WORST_OF_BEGINNINGS: Final = 2
"""Positions in REASONS. A row found by another spelling of its code counts as found by a beginning."""


class _WholeRow(msgspec.Struct, frozen=True):
    """All columns of a row, and the passport with their titles."""

    content: dict[str, Any]
    passport: dict[str, Any] | None


async def find(connection: AsyncConnection, query: Query, skip: int = 0) -> Answer:
    """Return the best rows for what was typed or, if nothing was, the rows at the dictionary's root or under `parent`.

    `skip` is how many of the listed rows were shown before. Raises LineTooLong, DictionaryUnknown, NoVersionThen,
    EntryUnknown (the parent), ParentWithoutDictionary.
    """
    readings = readings_of(query.line)
    if query.parent is not None and query.oid is None:
        raise ParentWithoutDictionary
    found = await editions(connection, query.oid, query.on)
    today = (query.on or dt.datetime.now().astimezone().date()).strftime(DAY)
    path: tuple[Row, ...] = ()
    if query.parent is not None:
        path = await path_to(connection, found[0], query.parent, today)
    if query.line.strip():
        rows, read_as = await _find_typed(connection, query, readings, found, today)
    elif query.oid is not None:
        rows, read_as = await _list_rows(connection, query, found[0], today, skip), None
    else:
        rows, read_as = [], None
    shown = await _with_children(connection, rows[: query.limit])
    used = {(row.oid, row.version) for row in shown}
    sources = found if query.oid else tuple(edition for edition in found if (edition.oid, edition.version) in used)
    return Answer(tuple(shown), sources, path, read_as, len(rows) > query.limit)


async def editions(
    connection: AsyncConnection, oid: str | None = None, on: dt.date | None = None
) -> tuple[Edition, ...]:
    """Return every dictionary in the version in force (at the end of day `on`), by title; or only one, by any of its
    OIDs.

    Raises DictionaryUnknown, NoVersionThen, both only if one dictionary is asked for.
    """
    own = await find_own_oid(connection, oid) if oid is not None else None
    values: dict[str, Any] = {"oid": own, "day": on}
    if on is not None and on < dt.date.max:
        values["until"] = dt.datetime.combine(on + dt.timedelta(days=1), dt.time.min).astimezone()
    name = "editions_now" if "until" not in values else "editions_then"
    found = tuple(await find_structs(connection, Edition, sql[name], values))
    if own is not None and not found:
        raise NoVersionThen(own, on)
    return found


async def find_own_oid(connection: AsyncConnection, oid: str) -> str:
    """Return a dictionary's own OID, given any of its OIDs. Raises DictionaryUnknown."""
    own = None
    if oid.isascii() and oid.isprintable():
        own = await find_value(connection, sql["own_oid"], {"oid": oid.strip()})
    if own is None:
        raise DictionaryUnknown(oid)
    return own


async def path_to(connection: AsyncConnection, edition: Edition, key: str, today: str) -> tuple[Row, ...]:
    """Return the rows from the root down to the row with this key. Raises EntryUnknown."""
    values = {"oid": edition.oid, "version": edition.version, "key": key, "today": today}
    rows = await _rows(connection, "path_to", values) if "\0" not in key else []
    if not rows:
        raise EntryUnknown(edition.oid, edition.version, key)
    return tuple(msgspec.structs.replace(row, has_children=True) for row in rows)


async def card(
    connection: AsyncConnection, oid: str, key: str, on: dt.date | None = None, version: str | None = None
) -> Card:
    """Return a whole row, in the version in force on that day (None: now) or in the named version.

    Raises DictionaryUnknown, NoVersionThen, EntryUnknown.
    """
    if version is None:
        (edition,) = await editions(connection, oid, on)
    else:
        edition = Edition(await find_own_oid(connection, oid), "", version, None, is_published=False)
        for one in await editions(connection):
            if one.oid == edition.oid:
                edition = one if one.version == version else msgspec.structs.replace(edition, title=one.title)
    today = (on or dt.datetime.now().astimezone().date()).strftime(DAY)
    path = await path_to(connection, edition, key, today)
    values = {"oid": edition.oid, "version": edition.version, "key": key}
    whole = await find_struct(connection, _WholeRow, sql["entry_whole"], values)
    if whole is None:
        raise EntryUnknown(edition.oid, edition.version, key)
    children = await find_value(connection, sql["count_children"], values)
    versions = tuple(await find_structs(connection, Seen, sql["versions_with"], values))
    return Card(edition, path[-1], _fields(whole), path, children, versions)


async def _find_typed(
    connection: AsyncConnection, query: Query, readings: Sequence[Reading], found: Sequence[Edition], today: str
) -> tuple[list[Row], str | None]:
    """Return rows for the likeliest reading that has any; other readings add only rows whose code begins so."""
    read_as: str | None = None
    rows: list[Row] = []
    for reading in readings:
        more = await _find_reading(connection, query, reading, found, today, only_codes=bool(rows))
        if not rows and more and reading is not readings[0]:
            read_as = reading.line
        known = {(row.oid, row.key) for row in rows}
        rows += [row for row in more if (row.oid, row.key) not in known]
    rows.sort(key=lambda row: (row.is_past, row.why != "code"))
    return rows, read_as


async def _find_reading(
    connection: AsyncConnection,
    query: Query,
    reading: Reading,
    found: Sequence[Edition],
    today: str,
    *,
    only_codes: bool,
) -> list[Row]:
    """Return the best rows for one reading, searching from the best reasons to the worst until there are enough."""
    codes = reading.code_beginnings
    if only_codes and not codes:
        return []
    values: dict[str, Any] = {
        **{
            "today": today,
            "phrase": reading.phrase,
            "word_beginnings": list(reading.word_beginnings),
            "limit": query.limit + 1,
        },
        **{"codes": query.codes, "parent": query.parent, "patterns": list(reading.patterns), "most": MOST_LOOKED_AT},
        "worst": WORST,
    }
    if query.oid is not None:
        oid, version = found[0].oid, found[0].version
        values |= {"oid": oid, "version": version, "edition": f"{oid} {version}"}
    if query.parent is not None:
        return await _rows(connection, "find_words_under", values)
    low = reading.phrase[:NAME_BEGINNING]
    values |= {
        **{"oids": [one.oid for one in found], "versions": [one.version for one in found]},
        **{"low": low, "high": low if only_codes else low + LAST},
        **{"code_lows": list(codes), "code_highs": [code + LAST for code in codes]},
        **{"each": 2 if query.oid is None and len(low) < 2 else query.limit + 1},
        "editions": [f"{one.version} {one.oid}" for one in found],
    }
    rows = _drop_repeats(await _rows(connection, "find_beginnings", values | {"worst": WORST_OF_BEGINNINGS}))
    looked_up = "find_words" if query.oid is None else "find_words_in"
    for patterns in () if only_codes else (reading.word_beginnings, reading.patterns):
        if len([row for row in rows if not row.is_past]) > query.limit:
            break
        longest = sorted(patterns, key=len, reverse=True)
        values |= {"one": longest[0], "other": longest[min(1, len(longest) - 1)], "rest": longest[2:]}
        more = await _rows(connection, looked_up, values, prepare=False)
        known = {(row.oid, row.key) for row in rows}
        rows += [row for row in more if (row.oid, row.key) not in known]
        # Two results of query `best` were joined, so sort them in its order again.
        rows.sort(key=lambda row: (row.is_past, REASONS.index(row.why), len(row.name), row.code or "", row.key))
        if patterns == reading.patterns:
            break
    return rows


async def _list_rows(connection: AsyncConnection, query: Query, edition: Edition, today: str, skip: int) -> list[Row]:
    values = {
        **{"oid": edition.oid, "version": edition.version, "parent": query.parent, "codes": query.codes},
        **{"today": today, "skip": skip, "limit": query.limit + 1},
    }
    return await _rows(connection, "list_rows", values)


async def _rows(
    connection: AsyncConnection, name: str, values: dict[str, Any], *, prepare: bool | None = None
) -> list[Row]:
    """Run a lookup. `prepare=False` plans it for these very values: a generic plan treats all LIKE patterns alike."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(sql[name], values, prepare=prepare)
        found = await cursor.fetchall()
    for one in found:
        one["why"] = REASONS[one.pop("reason")]
        one.pop("size", None)
    return [Row(**one) for one in found]


async def _with_children(connection: AsyncConnection, rows: Sequence[Row]) -> list[Row]:
    if not rows:
        return []
    values = {
        **{"oids": [row.oid for row in rows], "versions": [row.version for row in rows]},
        **{"keys": [row.key for row in rows]},
    }
    parents = {
        (row["oid"], row["version"], row["key"]) for row in await find_rows(connection, sql["parents_among"], values)
    }
    return [msgspec.structs.replace(row, has_children=(row.oid, row.version, row.key) in parents) for row in rows]


def _drop_repeats(rows: Iterable[Row]) -> list[Row]:
    """Keep a row found by both its code and its name once, for the better reason."""
    return list({(row.oid, row.key): row for row in reversed(list(rows))}.values())[::-1]


def _fields(row: _WholeRow) -> tuple[Field, ...]:
    """Return the columns that have a value, in the passport's order."""
    content = row.content
    titles = {
        str(one.get("field")): str(one.get("alias") or one.get("field"))
        for one in (row.passport or {}).get("fields", ())
    }
    names = [*(name for name in titles if name in content), *(name for name in content if name not in titles)]
    return tuple(
        Field(name, titles.get(name, name), str(content[name]))
        for name in names
        if content[name] is not None and content[name] != ""
    )
