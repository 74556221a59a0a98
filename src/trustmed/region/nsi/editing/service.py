"""Edit a draft row by row. Each edit names the revision its author saw, so nobody's change is overwritten unseen."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from trustmed.db.queries import load
from trustmed.patient.writing import folded, tidy
from trustmed.region.nsi.editing.checks import (
    Content,
    by_field,
    checked_columns,
    checked_oid,
    checked_row,
    checked_title,
)
from trustmed.region.nsi.editing.errors import (
    ChangedMeanwhile,
    DraftUnknown,
    EditRefused,
    FileRowWrong,
    HasRowsUnder,
    OidTaken,
    ParentWrong,
    RowThere,
    RowUnknown,
)
from trustmed.region.nsi.editing.model import KEY, PARENT, Draft, DraftPage, DraftRow, Taken
from trustmed.region.nsi.files.refusals import Where
from trustmed.region.nsi.files.separated import read_csv
from trustmed.region.pools import Pools
from trustmed.schema import Place

QUERIES = load(__package__)
PAGE: Final = 50


async def drafts(pools: Pools) -> tuple[Draft, ...]:
    """Return every dictionary that is edited here, by title. Raises PartMissing."""
    async with region(pools) as connection:
        return await _drafts(connection, None)


async def draft(pools: Pools, oid: str) -> Draft:
    """Return a draft. Raises DraftUnknown, PartMissing."""
    async with region(pools) as connection:
        return await the_draft(connection, oid)


async def taken_oids(pools: Pools) -> frozenset[str]:
    """Return the OIDs that are no longer free. Raises PartMissing."""
    async with region(pools) as connection:
        rows = await (await connection.execute(QUERIES["taken_oids"])).fetchall()
    return frozenset(row[0] for row in rows)


async def begin(
    pools: Pools, oid: str, title: str, short_title: str, columns: str, author: str, *, has_levels: bool
) -> str:
    """Begin a dictionary as a draft; return its OID. `columns` has one column a line, as `ADDRESS Адрес`.

    Raises OidWrong, OidTaken, FieldEmpty, FieldTooLong, ColumnsWrong, PartMissing.
    """
    values = {
        "oid": checked_oid(oid),
        "title": checked_title(title),
        "short_title": tidy(short_title)[:200] or None,
        "has_levels": has_levels,
        "columns": Jsonb(msgspec.to_builtins(checked_columns(columns, has_levels=has_levels))),
        "author": author,
    }
    async with region(pools) as connection, connection.transaction():
        taken = await (await connection.execute(QUERIES["is_taken"], values)).fetchone()
        made = None if taken and taken[0] else await (await connection.execute(QUERIES["add_draft"], values)).fetchone()
    if made is None:
        raise OidTaken(str(values["oid"]))
    return str(values["oid"])


async def rows(
    pools: Pools, oid: str, search: str = "", state: str = "", after: str = "", *, limit: int = PAGE
) -> DraftPage:
    """Return a page of rows. `state` is one of RowState, or "edited" for every state but "same". Raises PartMissing."""
    values = {
        "oid": oid,
        "after": tidy(after),
        "state": state if state in ("edited", "added", "changed", "withdrawn", "same") else None,
        "words": [f"%{word}%" for word in folded(tidy(search)[:200]).split()],
        "limit": limit + 1,
    }
    async with region(pools) as connection:
        found = await _rows(connection, "draft_rows", values)
    return DraftPage(tuple(found[:limit]), found[limit - 1].key if len(found) > limit else None)


async def row(pools: Pools, oid: str, key: str) -> DraftRow:
    """Return a row of a draft. Raises RowUnknown, PartMissing."""
    async with region(pools) as connection:
        return await _row(connection, oid, key)


async def add_row(pools: Pools, oid: str, typed: Mapping[str, str], author: str) -> str:
    """Add a row; return its code.

    Raises DraftUnknown, FieldEmpty, FieldTooLong, RowThere, ParentWrong, PartMissing.
    """
    async with _editing(pools, oid, author) as (connection, edited):
        content = checked_row(edited.columns, typed)
        key = content[KEY] or ""
        values = {"oid": oid, "key": key, "content": Jsonb(content), "author": author}
        if await (await connection.execute(QUERIES["add_row"], values)).fetchone() is None:
            raise RowThere(key)
        await _check_parent(connection, oid, key, content)
    return key


async def change_row(pools: Pools, oid: str, key: str, revision: int, typed: Mapping[str, str], author: str) -> None:
    """Change a row, or bring a withdrawn one back; its code stays the same.

    Raises DraftUnknown, RowUnknown, ChangedMeanwhile, FieldEmpty, FieldTooLong, ParentWrong, PartMissing.
    """
    async with _editing(pools, oid, author) as (connection, edited):
        content = checked_row(edited.columns, {**typed, KEY: key})
        await _put(connection, oid, key, revision, content, author, is_withdrawn=False)
        await _check_parent(connection, oid, key, content)


async def withdraw_row(pools: Pools, oid: str, key: str, revision: int, author: str) -> None:
    """Leave a row out of the next version; a row that no version ever had is removed at once.

    Raises DraftUnknown, RowUnknown, ChangedMeanwhile, HasRowsUnder, PartMissing.
    """
    async with _editing(pools, oid, author) as (connection, _edited):
        found = await _row(connection, oid, key)
        under = await (await connection.execute(QUERIES["rows_under"], {"oid": oid, "key": key})).fetchone()
        if under and under[0]:
            raise HasRowsUnder(key, under[0])
        if found.state == "added":
            values = {"oid": oid, "key": key, "revision": revision}
            if await (await connection.execute(QUERIES["remove_row"], values)).fetchone() is None:
                raise ChangedMeanwhile(key, found.changed_by)
        else:
            await _put(connection, oid, key, revision, dict(found.content), author, is_withdrawn=True)


async def take_file(
    pools: Pools, oid: str, name: str, raw: bytes, author: str, *, withdraw_absent: bool = False
) -> Taken:
    """Put the rows of a CSV file (`;` between values) into the draft, all of them or none.

    With `withdraw_absent`, rows that are not in the file are withdrawn. Raises ImportRefused if it is not such a file,
    FileColumnsWrong, FileRowWrong, DraftUnknown, PartMissing.
    """
    header, given = read_csv(raw, Where(name[:200]))
    async with _editing(pools, oid, author) as (connection, edited):
        fields = by_field(edited.columns, header)
        wanted = _wanted(edited, fields, given)
        there = {
            key: (content, is_withdrawn, revision)
            for key, content, is_withdrawn, revision in await (
                await connection.execute(QUERIES["every_row"], {"oid": oid})
            ).fetchall()
        }
        _check_levels(wanted, there, withdraw_absent=withdraw_absent)
        added = [key for key in wanted if key not in there]
        changed = [key for key, new in wanted.items() if key in there and (there[key][0] != new or there[key][1])]
        gone = [key for key in there if key not in wanted and not there[key][1]] if withdraw_absent else []
        values = [{"oid": oid, "key": key, "content": Jsonb(wanted[key]), "author": author} for key in added]
        changes = [
            {
                **{"oid": oid, "key": key, "revision": there[key][2], "author": author},
                **{"content": Jsonb(wanted.get(key, there[key][0])), "is_withdrawn": key in gone},
            }
            for key in (*changed, *gone)
        ]
        async with connection.cursor() as cursor:
            await cursor.executemany(QUERIES["add_row"], values)
            await cursor.executemany(QUERIES["change_row"], changes)
    return Taken(len(added), len(changed), len(gone), len(wanted) - len(added) - len(changed))


@asynccontextmanager
async def region(pools: Pools) -> AsyncGenerator[AsyncConnection]:
    """Connect to the database of dictionaries. Raises PartMissing."""
    async with pools.connection(pools.of_place(Place.NSI)) as connection:
        yield connection


async def the_draft(connection: AsyncConnection, oid: str) -> Draft:
    """Return a draft, within a transaction of the caller's. Raises DraftUnknown."""
    found = await _drafts(connection, oid)
    if not found:
        raise DraftUnknown(oid)
    return found[0]


@asynccontextmanager
async def _editing(pools: Pools, oid: str, author: str) -> AsyncGenerator[tuple[AsyncConnection, Draft]]:
    """Open a transaction that locks one draft against other edits. Raises DraftUnknown, PartMissing."""
    async with region(pools) as connection, connection.transaction():
        await connection.execute(QUERIES["hold_draft"], {"oid": oid})
        yield connection, await the_draft(connection, oid)
        await connection.execute(QUERIES["note_change"], {"oid": oid, "author": author})


async def _put(
    connection: AsyncConnection, oid: str, key: str, revision: int, content: Content, author: str, *, is_withdrawn: bool
) -> None:
    values = {
        **{"oid": oid, "key": key, "revision": revision, "author": author},
        **{"content": Jsonb(content), "is_withdrawn": is_withdrawn},
    }
    if await (await connection.execute(QUERIES["change_row"], values)).fetchone() is None:
        raise ChangedMeanwhile(key, (await _row(connection, oid, key)).changed_by)


async def _check_parent(connection: AsyncConnection, oid: str, key: str, content: Content) -> None:
    parent = content.get(PARENT)
    if parent is None:
        return
    above = await (await connection.execute(QUERIES["draft_rows_above"], {"oid": oid, "key": parent})).fetchall()
    if not above or key in {one for (one,) in above}:
        raise ParentWrong(key, parent)


def _wanted(edited: Draft, fields: Mapping[str, str], given: Sequence[Mapping[str, str | None]]) -> dict[str, Content]:
    """Return the file's rows by code. Raises FileRowWrong."""
    wanted: dict[str, Content] = {}
    for number, line in enumerate(given, 1):
        try:
            content = checked_row(edited.columns, {field: line[name] for name, field in fields.items()})
            key = content[KEY] or ""
            if key in wanted:
                raise RowThere(key)
        except EditRefused as error:
            raise FileRowWrong(number, error) from error
        wanted[key] = content
    return wanted


def _check_levels(
    wanted: Mapping[str, Content], there: Mapping[str, tuple[Content, bool, int]], *, withdraw_absent: bool
) -> None:
    """Check that every parent exists and that no row is under itself. Raises FileRowWrong."""
    kept = {} if withdraw_absent else {key: content for key, (content, gone, _) in there.items() if not gone}
    parents = {key: content.get(PARENT) for key, content in (kept | dict(wanted)).items()}
    for number, key in enumerate(wanted, 1):
        seen, above = {key}, parents[key]
        while above is not None:
            if above in seen or above not in parents:
                raise FileRowWrong(number, ParentWrong(key, above))
            seen.add(above)
            above = parents[above]


async def _drafts(connection: AsyncConnection, oid: str | None) -> tuple[Draft, ...]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(QUERIES["drafts"], {"oid": oid})
        return tuple([msgspec.convert(found, Draft, strict=False) async for found in cursor])


async def _row(connection: AsyncConnection, oid: str, key: str) -> DraftRow:
    found = await _rows(connection, "draft_row", {"oid": oid, "key": tidy(key)})
    if not found:
        raise RowUnknown(key)
    return found[0]


async def _rows(connection: AsyncConnection, query: str, values: Mapping[str, Any]) -> list[DraftRow]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(QUERIES[query], values)
        return [msgspec.convert(found, DraftRow) async for found in cursor]
