"""A version of a dictionary, read whole and checked, ready to be imported."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec

from trustmed.region.nsi.files.columns import Notes, Roles
from trustmed.region.nsi.files.refusals import KeyEmpty, KeyRepeated, Where

Row = dict[str, str | None]

encode_row = msgspec.json.Encoder(order="deterministic").encode


class Heading(msgspec.Struct, frozen=True):
    """What is known of a version besides its rows: which it is, where it was read, what its columns are.

    `notes` say in Russian and English what was chosen where the passport is silent. `is_extract`: only some of the
    version's rows come with it; the whole version is to replace them.
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
    notes: Notes = ()
    is_extract: bool = False


class Table(msgspec.Struct, frozen=True):
    """A version to import. Each of `rows` has every column; a missing value is None, never an empty string.

    `passport` is the keeper's, or made up from what is known.
    """

    heading: Heading
    passport: Mapping[str, Any]
    rows: Sequence[Row]

    def encoded_rows(self) -> list[bytes]:
        """Return each row as JSON with its columns in order of name."""
        return [encode_row(row) for row in self.rows]


def digest_of(encoded_rows: Sequence[bytes]) -> str:
    """Return the SHA-256 of the rows, which does not depend on their order."""
    return sha256(b"\n".join(sorted(encoded_rows))).hexdigest()


def check_keys(rows: Sequence[Row], column: str, place: Callable[[int], Where]) -> None:
    """Check that every row has a key of its own. `place` tells where a row is, by its index.

    Raises KeyEmpty, KeyRepeated.
    """
    keys = {row[column] for row in rows}
    if len(keys) == len(rows) and None not in keys:
        return
    first: dict[str, int] = {}
    for number, row in enumerate(rows):
        key = row[column]
        if key is None:
            raise KeyEmpty(place(number), column)
        if key in first:
            raise KeyRepeated(place(number), column, key, place(first[key]))
        first[key] = number
