"""A version of a dictionary, read whole and checked, ready to be imported."""

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
    """A version to import. Each of `rows` has every column; a missing value is None, never an empty string.

    `passport` is the keeper's, or made up from what is known. `notes` say in Russian and English what was chosen where
    the passport is silent. `is_extract`: these are only some of the version's rows; the whole version is to replace
    them.
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
        """Return each row as JSON with its columns in order of name."""
        return [encode(row) for row in self.rows]


def digest_of(encoded: Sequence[bytes]) -> str:
    """Return the SHA-256 of the rows, which does not depend on their order."""
    return sha256(b"\n".join(sorted(encoded))).hexdigest()


def check_keys(rows: Sequence[Row], column: str, place: Callable[[int], Where]) -> None:
    """Check that every row has a key of its own. `place` tells where a row is, by its index.

    Raises KeyEmpty, KeyRepeated.
    """
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
