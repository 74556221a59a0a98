"""Make a version from a draft: in one transaction, whole or not at all."""

import datetime as dt
from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from trustmed.region.nsi.editing.checks import checked_number, proposed_number
from trustmed.region.nsi.editing.errors import NothingChanged
from trustmed.region.nsi.editing.model import KEY, NAME, PARENT, Draft
from trustmed.region.nsi.editing.service import QUERIES, region, the_draft
from trustmed.region.nsi.files.passport import MOMENT, made_up
from trustmed.region.nsi.files.table import digest_of, encode
from trustmed.region.pools import Pools


async def next_number(pools: Pools, oid: str) -> str:
    """Propose a number for the next version. Raises PartMissing."""
    async with region(pools) as connection:
        held = await (await connection.execute(QUERIES["held_versions"], {"oid": oid})).fetchall()
    return proposed_number(version for (version,) in held)


async def make_version(pools: Pools, oid: str, number: str, notes: str, author: str) -> str:
    """Make a version with this number from the draft's rows, without publishing it. `notes` say what is new in it.

    Raises DraftUnknown, NumberWrong, NothingChanged, PartMissing.
    """
    async with region(pools) as connection, connection.transaction():
        await connection.execute(QUERIES["hold_draft"], {"oid": oid})
        made = await the_draft(connection, oid)
        held = await (await connection.execute(QUERIES["held_versions"], {"oid": oid})).fetchall()
        version = checked_number(number, (one for (one,) in held))
        if not made.is_changed or not made.rows:
            raise NothingChanged(made.based_on if made.rows else None)
        found = await (await connection.execute(QUERIES["whole_draft"], {"oid": oid})).fetchall()
        released = dt.datetime.now().astimezone().replace(tzinfo=None, microsecond=0)
        values = {
            "oid": oid,
            "version": version,
            "title": made.title,
            "short_title": made.short_title,
            "released_at": released,
            "rows": len(found),
            "parent_column": PARENT if made.has_levels else None,
            "passport": Jsonb(passport(made, version, released, len(found), notes)),
            "digest": digest_of([encode(content) for _, content in found]),
            "source": "draft",
            "author": author,
        }
        for query in ("add_own_dictionary", "add_own_version", "copy_draft", "forget_withdrawn", "base_draft"):
            await connection.execute(QUERIES[query], values)
    return version


def passport(made: Draft, version: str, released: dt.datetime, rows: int, notes: str) -> dict[str, Any]:
    """Return a passport such as a keeper of dictionaries gives: columns with their titles and types, keys, notes."""
    keys = {"PRIMARY": KEY, "VALUE": NAME, **({"FOREIGN": PARENT} if made.has_levels else {})}
    more = {
        "fields": [msgspec.to_builtins(column) for column in made.columns],
        "shortName": made.short_title,
        "publishDate": released.strftime(MOMENT),
        "rowsCount": rows,
        "hierarchical": made.has_levels,
        "releaseNotes": notes.strip()[:4000] or None,
    }
    columns = [column.field for column in made.columns]
    return {**made_up(made.oid, version, made.title, columns, keys), **more}
