"""Make a version from a draft: in one transaction, whole or not at all."""

import datetime as dt
from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from trustmed.db.async_rows import find_values
from trustmed.region.nsi.editing.checks import checked_number, next_number
from trustmed.region.nsi.editing.errors import NothingChanged
from trustmed.region.nsi.editing.model import KEY, NAME, PARENT, Draft
from trustmed.region.nsi.editing.service import QUERIES, read_draft
from trustmed.region.nsi.files.passport import MOMENT, new_passport
from trustmed.region.nsi.files.table import digest_of, encode_row
from trustmed.region.nsi.versions.service import connect_to_dictionaries
from trustmed.region.pools import Pools


async def find_next_number(pools: Pools, oid: str) -> str:
    """Return a number to propose for the next version. Raises PartMissing."""
    async with connect_to_dictionaries(pools) as connection:
        numbers = await find_values(connection, QUERIES["version_numbers"], {"oid": oid})
    return next_number(numbers)


async def make_version(pools: Pools, oid: str, number: str, notes: str, author: str) -> str:
    """Make a version with this number from the draft's rows, without publishing it. `notes` say what is new in it.

    Raises DraftUnknown, NumberWrong, NothingChanged, PartMissing.
    """
    async with connect_to_dictionaries(pools) as connection, connection.transaction():
        await connection.execute(QUERIES["lock_draft"], {"oid": oid})
        draft = await read_draft(connection, oid)
        numbers = await find_values(connection, QUERIES["version_numbers"], {"oid": oid})
        version = checked_number(number, numbers)
        if not draft.is_changed or not draft.rows:
            raise NothingChanged(draft.based_on if draft.rows else None)
        contents = await find_values(connection, QUERIES["whole_draft"], {"oid": oid})
        released = dt.datetime.now().astimezone().replace(tzinfo=None, microsecond=0)
        values = {
            "oid": oid,
            "version": version,
            "title": draft.title,
            "short_title": draft.short_title,
            "released_at": released,
            "rows": len(contents),
            "parent_column": PARENT if draft.has_levels else None,
            "passport": Jsonb(passport_of_draft(draft, version, released, len(contents), notes)),
            "digest": digest_of([encode_row(content) for content in contents]),
            "source": "draft",
            "author": author,
        }
        for query in ("add_own_dictionary", "add_own_version", "copy_draft", "delete_withdrawn", "set_base_version"):
            await connection.execute(QUERIES[query], values)
    return version


def passport_of_draft(draft: Draft, version: str, released: dt.datetime, rows: int, notes: str) -> dict[str, Any]:
    """Return a passport such as a keeper of dictionaries gives: columns with their titles and types, keys, notes."""
    keys = {"PRIMARY": KEY, "VALUE": NAME, **({"FOREIGN": PARENT} if draft.has_levels else {})}
    more = {
        "fields": [msgspec.to_builtins(column) for column in draft.columns],
        "shortName": draft.short_title,
        "publishDate": released.strftime(MOMENT),
        "rowsCount": rows,
        "hierarchical": draft.has_levels,
        "releaseNotes": notes.strip()[:4000] or None,
    }
    columns = [column.field for column in draft.columns]
    return {**new_passport(draft.oid, version, draft.title, columns, keys), **more}
