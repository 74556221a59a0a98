"""Putting a table into the region's database: one transaction, so a version is there whole or not at all."""

import struct
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
import psycopg
from psycopg.types.json import Jsonb

from trustmed.db.queries import load
from trustmed.region.nsi.held import difference_between
from trustmed.region.nsi.model import Difference
from trustmed.region.nsi.order import in_order
from trustmed.region.nsi.refusals import AliasTaken, HeldOtherwise, ImportBusy, NotStored
from trustmed.region.nsi.table import Table, digest_of

QUERIES = load(__package__)
CHUNK: Final = 256 * 1024
BEGINNING: Final = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
END: Final = struct.pack(">h", -1)
NULL: Final = struct.pack(">i", -1)
COLUMNS: Final = struct.pack(">h", 7)
JSONB: Final = b"\x01"


class Imported(msgspec.Struct, frozen=True):
    """`outcome`: new; same (nothing changed); completed (an extract became the whole version). `before`: the version
    the difference is from, None for the first.
    """

    oid: str
    version: str
    title: str
    outcome: str
    rows: int
    before: str | None = None
    difference: Difference | None = None


def put(connection: psycopg.Connection, table: Table, author: str) -> Imported:
    """Import the table. The connection is in autocommit, of role trustmed_region.

    Raises AliasTaken, HeldOtherwise, ImportBusy, NotStored; whatever is raised, nothing of the table is there.
    """
    encoded = table.encoded()
    digest = digest_of(encoded)
    try:
        with connection.transaction():
            connection.execute(QUERIES["begin_import"])
            _check_aliases(connection, table)
            outcome = _outcome(connection, table, digest)
            if outcome != "same":
                _store(connection, table, author, digest, encoded, outcome)
    except psycopg.errors.LockNotAvailable:
        raise ImportBusy from None
    except (psycopg.OperationalError, psycopg.errors.InsufficientResources) as error:
        raise NotStored(table.where, str(error).strip().splitlines()[0]) from error
    before = None if outcome == "same" else _version_before(connection, table)
    found = difference_between(connection, table.oid, before, table.version) if before else None
    return Imported(table.oid, table.version, table.title, outcome, len(table.rows), before, found)


def copied(table: Table, encoded: Sequence[bytes]) -> Iterator[bytes]:
    """The rows as PostgreSQL's binary COPY takes them into nsi.entry, in pieces of some 256 KB."""
    head = COLUMNS + _field(table.oid.encode()) + _field(table.version.encode())
    roles = table.roles
    key, code, name, parent = roles.key, roles.code, roles.name, roles.parent
    pack = struct.Struct(">i").pack
    pieces: list[bytes] = [BEGINNING]
    size = 0
    for row, content in zip(table.rows, encoded, strict=True):
        key_bytes = (row[key] or "").encode()
        code_text = row[code]
        code_field = NULL if code_text is None else _field(code_text.encode())
        name_bytes = (row[name] or code_text or row[key] or "").encode()
        parent_text = row[parent] if parent else None
        parent_field = NULL if parent_text is None else _field(parent_text.encode())
        pieces += (
            *(head, pack(len(key_bytes)), key_bytes, code_field, pack(len(name_bytes)), name_bytes, parent_field),
            *(pack(len(content) + 1), JSONB, content),
        )
        size += len(content) + len(name_bytes) + 100
        if size > CHUNK:
            yield b"".join(pieces)
            pieces, size = [], 0
    yield b"".join((*pieces, END))


def _field(content: bytes) -> bytes:
    return struct.pack(">i", len(content)) + content


def _check_aliases(connection: psycopg.Connection, table: Table) -> None:
    names = [table.oid, *table.aliases]
    for alias, other in connection.execute(QUERIES["names_taken"], {"oid": table.oid, "names": names}).fetchall():
        raise AliasTaken(table.where, alias, table.oid, other)


def _outcome(connection: psycopg.Connection, table: Table, digest: str) -> str:
    """Raises HeldOtherwise."""
    key = {"oid": table.oid, "version": table.version}
    row = connection.execute(QUERIES["held_digest"], key).fetchone()
    if row is None:
        return "new"
    held_digest, is_extract, held_roles = row[0], row[1], tuple(row[2:])
    if is_extract:
        return "same" if held_digest == digest else "completed"
    if table.is_extract:
        return "same"
    if held_digest != digest:
        raise HeldOtherwise(table.where, table.oid, table.version, "с другими строками", "with other rows")
    roles = table.roles
    if held_roles != (roles.key, roles.code, roles.name, roles.parent):
        was = ", ".join(map(str, held_roles))
        raise HeldOtherwise(
            table.where,
            table.oid,
            table.version,
            f"с другими ролями столбцов (ключ, код, имя, родитель: {was})",
            f"with other roles of columns (key, code, name, parent: {was})",
        )
    return "same"


def _store(
    connection: psycopg.Connection, table: Table, author: str, digest: str, encoded: Sequence[bytes], outcome: str
) -> None:
    values = {
        "oid": table.oid,
        "version": table.version,
        "title": table.title,
        "short_title": table.short_title,
        "released_at": table.released_at,
        "rows": len(table.rows),
        "key_column": table.roles.key,
        "code_column": table.roles.code,
        "name_column": table.roles.name,
        "parent_column": table.roles.parent,
        "passport": Jsonb({**table.passport, **({"extract": True} if table.is_extract else {})}),
        "digest": digest,
        "source": table.where.file,
        "imported_by": author,
    }
    connection.execute(QUERIES["add_dictionary"], values)
    if outcome == "completed":
        connection.execute(QUERIES["drop_extract"], values)
        connection.execute(QUERIES["complete_version"], values)
    else:
        connection.execute(QUERIES["add_version"], values)
    connection.execute(QUERIES["add_aliases"], {"oid": table.oid, "aliases": list(table.aliases)})
    with connection.cursor() as cursor, cursor.copy(QUERIES["copy_entries"]) as copy:
        for piece in copied(table, encoded):
            copy.write(piece)


def _version_before(connection: psycopg.Connection, table: Table) -> str | None:
    """The newest version held that is older."""
    rows = connection.execute(QUERIES["version_numbers"], {"oid": table.oid}).fetchall()
    older = [version for (version,) in rows if in_order(version) < in_order(table.version)]
    return max(older, key=in_order, default=None)
