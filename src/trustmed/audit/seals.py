"""Rows and seals of an audit trail as the check reads them, and the hashes that must come out.

The database computes the same in `audit.row_sha256` and `audit.seal_sha256`. Here it is done once more by another
program: a function that was altered in the database convinces nobody.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final, Literal, NamedTuple
from uuid import UUID

import msgspec

FIRST_PREVIOUS: Final = bytes(32)
ID_BYTES: Final = 16
MARK_BYTES: Final = ID_BYTES + 8

Kind = Literal[
    "changed",
    "missing",
    "moved",
    "inserted",
    "seal_changed",
    "seal_missing",
    "chain_broken",
    "rewritten",
    "cut",
    "history_unknown",
]


class Row(NamedTuple):
    """A row of `audit.access`, its columns as they stand in the text that is hashed."""

    id: str
    at: int
    organization_id: int | None
    actor: str
    actor_name: str
    channel: str
    action: str
    ground: str
    ground_detail: str | None
    person_id: str | None
    patient_id: str | None
    document_id: str | None
    outcome: str
    transaction: str
    shown: list[str] | None
    history: int


class Seal(NamedTuple):
    """A row of `audit.seal`; times are microseconds since 1970."""

    number: int
    history: int
    token: str
    after_transaction: str
    through_transaction: str
    rows: int
    first_at: int
    last_at: int
    rows_sha256: str
    previous: str
    sealed_at: int
    hash: bytes
    marks: bytes


class Anchor(msgspec.Struct, frozen=True):
    """The head of a chain as the other side was told of it, at `at`."""

    number: int
    token: UUID
    hash: bytes
    at: datetime


class Finding(msgspec.Struct, frozen=True):
    """Something that is not as it was sealed. `at` is the row's time where it is known, from its id otherwise."""

    kind: Kind
    seal: int | None = None
    id: UUID | None = None
    at: datetime | None = None
    detail: str | None = None


def row_sha256(row: Row) -> bytes:
    """Return the hash of a row: of the JSON array of its columns."""
    return sha256(json.dumps(row, ensure_ascii=False).encode()).digest()


def seal_sha256(seal: Seal) -> bytes:
    """Return the hash that a seal must have."""
    said = [*seal[:11], sha256(seal.marks).hexdigest()]
    return sha256(json.dumps(said, ensure_ascii=False).encode()).digest()


def mark(row: Row, digest: bytes) -> bytes:
    """Return what a seal keeps of a row, so that a changed or missing one can be named."""
    return UUID(row.id).bytes + digest[: MARK_BYTES - ID_BYTES]


def split_marks(marks: bytes) -> dict[UUID, bytes]:
    """Return the beginning of each row's hash by the row's id."""
    found: dict[UUID, bytes] = {}
    for start in range(0, len(marks), MARK_BYTES):
        found[UUID(bytes=marks[start : start + ID_BYTES])] = marks[start + ID_BYTES : start + MARK_BYTES]
    return found


def digest_of(digests: Sequence[bytes]) -> str:
    return sha256(b"".join(digests)).hexdigest()
