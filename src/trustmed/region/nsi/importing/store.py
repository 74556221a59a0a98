"""Store a table in the region's database: one transaction, so a version is there whole or not at all."""

from typing import Any, Final

import msgspec
import psycopg

from trustmed.db.queries import load
from trustmed.region.nsi.files.refusals import AliasTaken, HeldOtherwise, ImportBusy, NotStored
from trustmed.region.nsi.files.table import Table
from trustmed.region.nsi.importing.prepared import Prepared, prepared
from trustmed.region.nsi.versions.held import difference_of_columns
from trustmed.region.nsi.versions.model import Difference

QUERIES = load(__package__)
CHUNK: Final = 512 * 1024


class Imported(msgspec.Struct, frozen=True):
    """What an import did. `outcome`: new, same (nothing changed), completed (an extract became the whole version).

    `before` is the version compared with, None for the first.
    """

    oid: str
    version: str
    title: str
    outcome: str
    rows: int
    before: str | None = None
    difference: Difference | None = None


class _Held(msgspec.Struct, frozen=True):
    """What the database knows before an import. `taken`: (alias, the other dictionary that has it). `before_*`
    describe the newest older version held.
    """

    taken: list[tuple[str, str]]
    digest: str | None
    is_extract: bool
    roles: tuple[str | None, ...]
    before: str | None
    before_columns: tuple[str, ...]


def put(connection: psycopg.Connection, table: Table | Prepared, author: str) -> Imported:
    """Import the table. The connection must be in autocommit, as role trustmed_region.

    Raises AliasTaken, HeldOtherwise, ImportBusy, NotStored; whatever is raised, nothing of the table is stored.
    """
    ready = prepared(table) if isinstance(table, Table) else table
    try:
        with connection.transaction():
            connection.execute(QUERIES["begin_import"])
            held = _held(connection, ready)
            for alias, other in held.taken:
                raise AliasTaken(ready.where, alias, ready.oid, other)
            outcome = _outcome(held, ready)
            if outcome != "same":
                _store(connection, ready, author, outcome)
    except psycopg.errors.LockNotAvailable:
        raise ImportBusy from None
    except (psycopg.OperationalError, psycopg.errors.InsufficientResources) as error:
        raise NotStored(ready.where, str(error).strip().splitlines()[0]) from error
    found = None
    if held.before is not None and outcome != "same":
        columns = held.before_columns, ready.columns
        found = difference_of_columns(connection, ready.oid, held.before, ready.version, columns)
    return Imported(
        *(ready.oid, ready.version, ready.title, outcome, ready.count),
        before=found.before if found else None,
        difference=found,
    )


def _held(connection: psycopg.Connection, ready: Prepared) -> _Held:
    values = {"oid": ready.oid, "version": ready.version, "names": [ready.oid, *ready.aliases]}
    with connection.cursor() as cursor:
        row: Any = cursor.execute(QUERIES["held_before_import"], values).fetchone()
    taken, digest, is_extract, roles, before, fields = row
    columns = tuple(field["field"] for field in fields or ())
    return _Held(
        [(alias, oid) for alias, oid in taken or ()], digest, bool(is_extract), tuple(roles or ()), before, columns
    )


def _outcome(held: _Held, ready: Prepared) -> str:
    """Return what the import has to do: new, same or completed. Raises HeldOtherwise."""
    if held.digest is None:
        return "new"
    if held.is_extract:
        return "same" if held.digest == ready.digest else "completed"
    if ready.is_extract:
        return "same"
    place = (ready.where, ready.oid, ready.version)
    if held.digest != ready.digest:
        raise HeldOtherwise(*place, "с другими строками", "with other rows")
    if held.roles != msgspec.structs.astuple(ready.roles):
        was = ", ".join(map(str, held.roles))
        raise HeldOtherwise(
            *place,
            f"с другими ролями столбцов (ключ, код, имя, родитель: {was})",
            f"with other roles of columns (key, code, name, parent: {was})",
        )
    return "same"


def _store(connection: psycopg.Connection, ready: Prepared, author: str, outcome: str) -> None:
    values = {
        "oid": ready.oid,
        "version": ready.version,
        "title": ready.title,
        "short_title": ready.short_title,
        "released_at": ready.released_at,
        "rows": ready.count,
        "key_column": ready.roles.key,
        "code_column": ready.roles.code,
        "name_column": ready.roles.name,
        "parent_column": ready.roles.parent,
        "passport": ready.passport,
        "digest": ready.digest,
        "source": ready.where.file,
        "imported_by": author,
        "aliases": list(ready.aliases),
    }
    if outcome == "completed":
        connection.execute(QUERIES["drop_extract"], values)
        connection.execute(QUERIES["complete_version"], values)
    else:
        connection.execute(QUERIES["add_version"], values)
    with connection.cursor() as cursor, cursor.copy(QUERIES["copy_entries"]) as copy:
        for start in range(0, len(ready.copied), CHUNK):
            copy.write(ready.copied[start : start + CHUNK])
