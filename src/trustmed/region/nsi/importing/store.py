"""Store a table in the region's database: one transaction, so a version is there whole or not at all."""

from typing import Any, Final

import msgspec
import psycopg

from trustmed.db.queries import load
from trustmed.db.rows import find_rows
from trustmed.region.nsi.files.columns import Roles
from trustmed.region.nsi.files.refusals import AliasTaken, HeldOtherwise, ImportBusy, NotStored
from trustmed.region.nsi.files.table import Heading, Table
from trustmed.region.nsi.importing.encode import EncodedTable, encode_table
from trustmed.region.nsi.versions.model import Difference
from trustmed.region.nsi.versions.sync_service import find_difference_of_columns

QUERIES = load(__package__)
CHUNK: Final = 512 * 1024


class ImportResult(msgspec.Struct, frozen=True):
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


class _Owner(msgspec.Struct, frozen=True):
    """The other dictionary, `oid`, that one of the names to import belongs to."""

    name: str
    oid: str


class _Existing(msgspec.Struct, frozen=True):
    """What the database has before an import. `digest`, `is_extract` and `roles` describe the same version, if it is
    held; `before` is the newest older version held.
    """

    owners: tuple[_Owner, ...]
    digest: str | None
    is_extract: bool
    roles: Roles | None
    before: str | None
    before_fields: list[dict[str, Any]] | None

    @property
    def before_columns(self) -> tuple[str, ...]:
        return tuple(field["field"] for field in self.before_fields or ())


def store_table(connection: psycopg.Connection, table: Table | EncodedTable, author: str) -> ImportResult:
    """Import the table. The connection must be in autocommit, as role trustmed_region.

    Raises AliasTaken, HeldOtherwise, ImportBusy, NotStored; whatever is raised, nothing of the table is stored.
    """
    encoded = encode_table(table) if isinstance(table, Table) else table
    heading = encoded.heading
    try:
        with connection.transaction():
            connection.execute(QUERIES["begin_import"])
            existing = _find_existing(connection, heading)
            for owner in existing.owners:
                raise AliasTaken(heading.where, owner.name, heading.oid, owner.oid)
            outcome = _outcome(existing, encoded)
            if outcome != "same":
                _store_version(connection, encoded, author, outcome)
    except psycopg.errors.LockNotAvailable:
        raise ImportBusy from None
    except (psycopg.OperationalError, psycopg.errors.InsufficientResources) as error:
        raise NotStored(heading.where, str(error).strip().splitlines()[0]) from error
    difference = None
    if existing.before is not None and outcome != "same":
        columns = existing.before_columns, heading.columns
        difference = find_difference_of_columns(connection, heading.oid, existing.before, heading.version, columns)
    return ImportResult(
        *(heading.oid, heading.version, heading.title, outcome, encoded.count),
        before=difference.before if difference else None,
        difference=difference,
    )


def _find_existing(connection: psycopg.Connection, heading: Heading) -> _Existing:
    values = {"oid": heading.oid, "version": heading.version, "names": [heading.oid, *heading.aliases]}
    (existing,) = find_rows(connection, QUERIES["existing"], values)
    return msgspec.convert(existing, _Existing)


def _outcome(existing: _Existing, encoded: EncodedTable) -> str:
    """Return what the import has to do: new, same or completed. Raises HeldOtherwise."""
    heading = encoded.heading
    if existing.digest is None:
        return "new"
    if existing.is_extract:
        return "same" if existing.digest == encoded.digest else "completed"
    if heading.is_extract:
        return "same"
    place = (heading.where, heading.oid, heading.version)
    if existing.digest != encoded.digest:
        raise HeldOtherwise(*place, "с другими строками", "with other rows")
    if existing.roles != heading.roles:
        was = ", ".join(map(str, msgspec.structs.astuple(existing.roles))) if existing.roles else "—"
        raise HeldOtherwise(
            *place,
            f"с другими ролями столбцов (ключ, код, имя, родитель: {was})",
            f"with other roles of columns (key, code, name, parent: {was})",
        )
    return "same"


def _store_version(connection: psycopg.Connection, encoded: EncodedTable, author: str, outcome: str) -> None:
    heading = encoded.heading
    values = {
        "oid": heading.oid,
        "version": heading.version,
        "title": heading.title,
        "short_title": heading.short_title,
        "released_at": heading.released_at,
        "rows": encoded.count,
        "key_column": heading.roles.key,
        "code_column": heading.roles.code,
        "name_column": heading.roles.name,
        "parent_column": heading.roles.parent,
        "passport": encoded.passport,
        "digest": encoded.digest,
        "source": heading.where.file,
        "imported_by": author,
        "aliases": list(heading.aliases),
    }
    if outcome == "completed":
        connection.execute(QUERIES["drop_extract"], values)
        connection.execute(QUERIES["complete_version"], values)
    else:
        connection.execute(QUERIES["add_version"], values)
    with connection.cursor() as cursor, cursor.copy(QUERIES["copy_entries"]) as copy:
        for start in range(0, len(encoded.copy_data), CHUNK):
            copy.write(encoded.copy_data[start : start + CHUNK])
