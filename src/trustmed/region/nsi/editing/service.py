"""Edit a draft row by row. Each edit names the revision its author saw, so nobody's change is overwritten unseen."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from trustmed.db.async_rows import find_structs, find_value, find_values
from trustmed.db.queries import load
from trustmed.patient.writing import folded, tidy
from trustmed.region.nsi.editing.checks import (
    Content,
    checked_columns,
    checked_oid,
    checked_row,
    checked_title,
    fields_of_columns,
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
from trustmed.region.nsi.editing.model import KEY, PARENT, Draft, DraftPage, DraftRow, FileCounts
from trustmed.region.nsi.files.csv_rows import read_csv
from trustmed.region.nsi.files.refusals import Where
from trustmed.region.nsi.versions.service import connect_to_dictionaries
from trustmed.region.pools import Pools

QUERIES = load(__package__)
PAGE: Final = 50


class StoredRow(msgspec.Struct, frozen=True):
    """A row of a draft as the database has it."""

    key: str
    content: Content
    is_withdrawn: bool
    revision: int


async def find_drafts(pools: Pools) -> tuple[Draft, ...]:
    """Return every dictionary that is edited here, by title. Raises PartMissing."""
    async with connect_to_dictionaries(pools) as connection:
        return await _read_drafts(connection, None)


async def find_draft(pools: Pools, oid: str) -> Draft:
    """Return a draft. Raises DraftUnknown, PartMissing."""
    async with connect_to_dictionaries(pools) as connection:
        return await read_draft(connection, oid)


async def find_taken_oids(pools: Pools) -> frozenset[str]:
    """Return the OIDs that are no longer free. Raises PartMissing."""
    async with connect_to_dictionaries(pools) as connection:
        return frozenset(await find_values(connection, QUERIES["taken_oids"]))


async def begin_draft(
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
    async with connect_to_dictionaries(pools) as connection, connection.transaction():
        is_taken = await find_value(connection, QUERIES["is_taken"], values)
        if is_taken or await find_value(connection, QUERIES["add_draft"], values) is None:
            raise OidTaken(str(values["oid"]))
    return str(values["oid"])


async def find_rows(
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
    async with connect_to_dictionaries(pools) as connection:
        found = await _read_rows(connection, "draft_rows", values)
    return DraftPage(tuple(found[:limit]), found[limit - 1].key if len(found) > limit else None)


async def find_row(pools: Pools, oid: str, key: str) -> DraftRow:
    """Return a row of a draft. Raises RowUnknown, PartMissing."""
    async with connect_to_dictionaries(pools) as connection:
        return await _read_row(connection, oid, key)


async def add_row(pools: Pools, oid: str, typed: Mapping[str, str], author: str) -> str:
    """Add a row; return its code.

    Raises DraftUnknown, FieldEmpty, FieldTooLong, RowThere, ParentWrong, PartMissing.
    """
    async with _lock_draft(pools, oid, author) as (connection, draft):
        content = checked_row(draft.columns, typed)
        key = content[KEY] or ""
        values = {"oid": oid, "key": key, "content": Jsonb(content), "author": author}
        if await find_value(connection, QUERIES["add_row"], values) is None:
            raise RowThere(key)
        await _check_parent(connection, oid, key, content)
    return key


async def change_row(pools: Pools, oid: str, key: str, revision: int, typed: Mapping[str, str], author: str) -> None:
    """Change a row, or bring a withdrawn one back; its code stays the same.

    Raises DraftUnknown, RowUnknown, ChangedMeanwhile, FieldEmpty, FieldTooLong, ParentWrong, PartMissing.
    """
    async with _lock_draft(pools, oid, author) as (connection, draft):
        content = checked_row(draft.columns, {**typed, KEY: key})
        await _change_row(connection, oid, key, revision, content, author, is_withdrawn=False)
        await _check_parent(connection, oid, key, content)


async def withdraw_row(pools: Pools, oid: str, key: str, revision: int, author: str) -> None:
    """Leave a row out of the next version; a row that no version ever had is removed at once.

    Raises DraftUnknown, RowUnknown, ChangedMeanwhile, HasRowsUnder, PartMissing.
    """
    async with _lock_draft(pools, oid, author) as (connection, _):
        found = await _read_row(connection, oid, key)
        rows_under = await find_value(connection, QUERIES["rows_under"], {"oid": oid, "key": key})
        if rows_under:
            raise HasRowsUnder(key, rows_under)
        if found.state == "added":
            values = {"oid": oid, "key": key, "revision": revision}
            if await find_value(connection, QUERIES["remove_row"], values) is None:
                raise ChangedMeanwhile(key, found.changed_by)
        else:
            await _change_row(connection, oid, key, revision, dict(found.content), author, is_withdrawn=True)


async def take_file(
    pools: Pools, oid: str, name: str, raw: bytes, author: str, *, withdraw_absent: bool = False
) -> FileCounts:
    """Put the rows of a CSV file (`;` between values) into the draft, all of them or none.

    With `withdraw_absent`, rows that are not in the file are withdrawn. Raises ImportRefused if it is not such a file,
    FileColumnsWrong, FileRowWrong, DraftUnknown, PartMissing.
    """
    header, given = read_csv(raw, Where(name[:200]))
    async with _lock_draft(pools, oid, author) as (connection, draft):
        fields = fields_of_columns(draft.columns, header)
        new = _contents_by_key(draft, fields, given)
        old = {row.key: row for row in await find_structs(connection, StoredRow, QUERIES["every_row"], {"oid": oid})}
        _check_levels(new, old, withdraw_absent=withdraw_absent)
        added = [key for key in new if key not in old]
        changed = [key for key in new if key in old and (old[key].content != new[key] or old[key].is_withdrawn)]
        absent = [key for key, row in old.items() if key not in new and not row.is_withdrawn]
        withdrawn = absent if withdraw_absent else []
        values = [{"oid": oid, "key": key, "content": Jsonb(new[key]), "author": author} for key in added]
        changes = [
            {
                **{"oid": oid, "key": key, "revision": old[key].revision, "author": author},
                **{"content": Jsonb(new.get(key, old[key].content)), "is_withdrawn": key in withdrawn},
            }
            for key in (*changed, *withdrawn)
        ]
        async with connection.cursor() as cursor:
            await cursor.executemany(QUERIES["add_row"], values)
            await cursor.executemany(QUERIES["change_row"], changes)
    return FileCounts(len(added), len(changed), len(withdrawn), len(new) - len(added) - len(changed))


async def read_draft(connection: AsyncConnection, oid: str) -> Draft:
    """Return a draft, within a transaction of the caller's. Raises DraftUnknown."""
    found = await _read_drafts(connection, oid)
    if not found:
        raise DraftUnknown(oid)
    return found[0]


@asynccontextmanager
async def _lock_draft(pools: Pools, oid: str, author: str) -> AsyncGenerator[tuple[AsyncConnection, Draft]]:
    """Open a transaction that locks one draft against other edits. Raises DraftUnknown, PartMissing."""
    async with connect_to_dictionaries(pools) as connection, connection.transaction():
        await connection.execute(QUERIES["lock_draft"], {"oid": oid})
        yield connection, await read_draft(connection, oid)
        await connection.execute(QUERIES["note_change"], {"oid": oid, "author": author})


async def _change_row(
    connection: AsyncConnection, oid: str, key: str, revision: int, content: Content, author: str, *, is_withdrawn: bool
) -> None:
    values = {
        **{"oid": oid, "key": key, "revision": revision, "author": author},
        **{"content": Jsonb(content), "is_withdrawn": is_withdrawn},
    }
    if await find_value(connection, QUERIES["change_row"], values) is None:
        raise ChangedMeanwhile(key, (await _read_row(connection, oid, key)).changed_by)


async def _check_parent(connection: AsyncConnection, oid: str, key: str, content: Content) -> None:
    parent = content.get(PARENT)
    if parent is None:
        return
    above = await find_values(connection, QUERIES["draft_rows_above"], {"oid": oid, "key": parent})
    if not above or key in above:
        raise ParentWrong(key, parent)


def _contents_by_key(
    draft: Draft, fields: Mapping[str, str], given: Sequence[Mapping[str, str | None]]
) -> dict[str, Content]:
    """Return the file's rows by code. Raises FileRowWrong."""
    contents: dict[str, Content] = {}
    for number, line in enumerate(given, 1):
        try:
            content = checked_row(draft.columns, {field: line[name] for name, field in fields.items()})
            key = content[KEY] or ""
            if key in contents:
                raise RowThere(key)
        except EditRefused as error:
            raise FileRowWrong(number, error) from error
        contents[key] = content
    return contents


def _check_levels(new: Mapping[str, Content], old: Mapping[str, StoredRow], *, withdraw_absent: bool) -> None:
    """Check that every parent exists and that no row is under itself. Raises FileRowWrong."""
    staying = {} if withdraw_absent else {key: row.content for key, row in old.items() if not row.is_withdrawn}
    parents = {key: content.get(PARENT) for key, content in (staying | dict(new)).items()}
    for number, key in enumerate(new, 1):
        passed, above = {key}, parents[key]
        while above is not None:
            if above in passed or above not in parents:
                raise FileRowWrong(number, ParentWrong(key, above))
            passed.add(above)
            above = parents[above]


async def _read_drafts(connection: AsyncConnection, oid: str | None) -> tuple[Draft, ...]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(QUERIES["drafts"], {"oid": oid})
        return tuple([msgspec.convert(found, Draft, strict=False) async for found in cursor])


async def _read_row(connection: AsyncConnection, oid: str, key: str) -> DraftRow:
    found = await _read_rows(connection, "draft_row", {"oid": oid, "key": tidy(key)})
    if not found:
        raise RowUnknown(key)
    return found[0]


async def _read_rows(connection: AsyncConnection, query: str, values: Mapping[str, Any]) -> list[DraftRow]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(QUERIES[query], values)
        return [msgspec.convert(found, DraftRow) async for found in cursor]
