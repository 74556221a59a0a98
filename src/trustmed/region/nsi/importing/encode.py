"""Encode a table for PostgreSQL: everything that needs no database, possibly in another process."""

import struct
from collections.abc import Sequence
from typing import Final

import msgspec

from trustmed.region.nsi.files.table import Heading, Table, digest_of

# The binary format of COPY: a signature, then flags and the length of an extension, both zero.
BEGINNING: Final = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
END: Final = struct.pack(">h", -1)
NULL: Final = struct.pack(">i", -1)
COLUMNS: Final = struct.pack(">h", 7)  # as many as query copy_entries names


class EncodedTable(msgspec.Struct, frozen=True):
    """A table ready to be stored. `copy_data`: its rows in the binary COPY format of nsi.entry. `passport`: JSON."""

    heading: Heading
    passport: str
    count: int
    digest: str
    copy_data: bytes


def encode_table(table: Table) -> EncodedTable:
    """Encode the rows and compute their digest."""
    encoded = table.encoded_rows()
    passport = {**table.passport, **({"extract": True} if table.heading.is_extract else {})}
    return EncodedTable(
        heading=table.heading,
        passport=msgspec.json.encode(passport).decode(),
        count=len(table.rows),
        digest=digest_of(encoded),
        copy_data=copy_data(table, encoded),
    )


def copy_data(table: Table, encoded: Sequence[bytes]) -> bytes:
    """Return the rows for binary COPY. A nameless row is named by its code or key; jsonb starts with a byte 1."""
    head = COLUMNS + _field(table.heading.oid.encode()) + _field(table.heading.version.encode())
    roles = table.heading.roles
    key, code, name, parent = roles.key, roles.code, roles.name, roles.parent
    pack = struct.Struct(">i").pack
    pieces: list[bytes] = [BEGINNING]
    add = pieces.append
    for row, content in zip(table.rows, encoded, strict=True):
        key_bytes = (row[key] or "").encode()
        code_text = row[code]
        code_bytes = None if code_text is None else code_text.encode()
        name_text = row[name]
        name_bytes = (code_bytes or key_bytes) if name_text is None else name_text.encode()
        parent_text = row[parent] if parent else None
        add(
            b"%b%b%b%b%b%b%b%b\x01%b"
            % (
                *(head, pack(len(key_bytes)), key_bytes),
                NULL if code_bytes is None else pack(len(code_bytes)) + code_bytes,
                *(pack(len(name_bytes)), name_bytes),
                NULL if parent_text is None else _field(parent_text.encode()),
                *(pack(len(content) + 1), content),
            )
        )
    add(END)
    return b"".join(pieces)


def _field(content: bytes) -> bytes:
    return struct.pack(">i", len(content)) + content
