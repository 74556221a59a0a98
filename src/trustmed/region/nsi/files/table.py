"""A version of a dictionary read whole and checked, as it is about to be imported."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec

from trustmed.region.nsi.files.columns import Roles
from trustmed.region.nsi.files.refusals import KeyEmpty, KeyRepeated, Where

Row = dict[str, str | None]

encode = msgspec.json.Encoder(order="deterministic").encode


class Table(msgspec.Struct, frozen=True):
    """`rows` have every column each; no value is "". `passport` is as its keeper gave it, or made up of what is known.

    `notes`: what was chosen where the passport says nothing, in Russian and English. `is_extract`: only some of the
    rows of the version, to be completed by the whole one.
    """

    where: Where
    oid: str
    version: str
    title: str
    short_title: str | None
    released_at: datetime | None
    aliases: tuple[str, ...]
    columns: tuple[str, ...]
    roles: Roles
    passport: Mapping[str, Any]
    rows: Sequence[Row]
    notes: tuple[tuple[str, str], ...] = ()
    is_extract: bool = False

    def encoded(self) -> list[bytes]:
        """Each row as JSON with its columns in order of name."""
        return [encode(row) for row in self.rows]


def digest_of(encoded: Sequence[bytes]) -> str:
    """SHA-256 of the rows, in whatever order they came."""
    return sha256(b"\n".join(sorted(encoded))).hexdigest()


def check_keys(rows: Sequence[Row], column: str, place: Callable[[int], Where]) -> None:
    """Every row has a key of its own. `place`: where the row of an index stands. Raises KeyEmpty, KeyRepeated."""
    keys = {row[column] for row in rows}
    if len(keys) == len(rows) and None not in keys:
        return
    seen: dict[str, int] = {}
    for number, row in enumerate(rows):
        key = row[column]
        if key is None:
            raise KeyEmpty(place(number), column)
        if key in seen:
            raise KeyRepeated(place(number), column, key, place(seen[key]))
        seen[key] = number
