"""Read a bundle into a table, checking it against its passport, its file name and what was asked for."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from trustmed.region.nsi.files.bundle import Bundle
from trustmed.region.nsi.files.columns import ColumnChoice, Notes, Roles, roles_of
from trustmed.region.nsi.files.csv_rows import read_csv
from trustmed.region.nsi.files.data_pages import check_count, read_page, row_locator, rows_of
from trustmed.region.nsi.files.passport import Passport, new_passport, passport_of, read_passport, released_at
from trustmed.region.nsi.files.refusals import OidMalformed, OtherVersion, RowOtherwise, VersionMalformed, Where
from trustmed.region.nsi.files.table import Heading, Row, Table, check_keys
from trustmed.region.nsi.order import is_oid, is_version


class ImportRequest(msgspec.Struct, frozen=True):
    """Which version is to be read, by the flags or else by the file's name, and how. `encoding` is that of a CSV that
    is not UTF-8.
    """

    oid: str | None = None
    version: str | None = None
    columns: ColumnChoice = ColumnChoice()
    encoding: str | None = None


def read_pages(bundle: Bundle, request: ImportRequest) -> Table:
    """Read a version in the service's own format. Raises many kinds of ImportRefused (`refusals`)."""
    at_passport = bundle.where.at(page="passport.json")
    passport, content = read_passport(bundle.passport or b"", at_passport)
    check_identity(passport, request, at_passport)
    pages = [(where := bundle.where.at(page=name), read_page(raw, where)) for name, raw in bundle.pages]
    rows = rows_of(pages, passport.columns, passport.rowsCount)
    roles, notes = roles_of(passport, passport.columns, request.columns, at_passport)
    check_keys(rows, roles.key, row_locator(pages))
    return _table_of(bundle.where, passport, content, roles, notes, rows)


def read_csv_table(bundle: Bundle, request: ImportRequest, other: Mapping[str, Any] | None) -> Table:
    """Read a version from a CSV. If it has no passport, `other` (another version's) provides the title and the keys.

    Raises many kinds of ImportRefused (`refusals`).
    """
    name, raw = bundle.csv or ("", b"")
    where = bundle.where.at(page=name or None)
    columns, rows = read_csv(raw, where, request.encoding)
    own = _own_passport(bundle, request)
    if own is None:
        own = _passport_for_csv(request, columns, other, where)
    passport, content = own
    if set(passport.columns) != set(columns):
        raise _other_columns(where.at(row=0), passport.columns, columns)
    check_count(passport.rowsCount, len(rows), bundle.where)
    roles, notes = roles_of(passport, columns, request.columns, where)
    check_keys(rows, roles.key, lambda index: where.at(row=index + 1))
    return _table_of(bundle.where, passport, content, roles, notes, rows)


def check_identity(passport: Passport, request: ImportRequest, where: Where) -> None:
    """Raise OtherVersion if the passport is not of the dictionary and version asked for."""
    known = {passport.oid, *passport.aliases}
    oid, version = request.oid or passport.oid, request.version or passport.version
    if oid not in known or version != passport.version:
        raise OtherVersion(where, f"{passport.oid} {passport.version}", f"{oid} {version}")


def _own_passport(bundle: Bundle, request: ImportRequest) -> tuple[Passport, dict[str, Any]] | None:
    """Return the passport beside the CSV, if there is one; check that it is this version's."""
    if bundle.passport is None:
        return None
    where = bundle.where.at(page="passport.json")
    passport, content = read_passport(bundle.passport, where)
    check_identity(passport, request, where)
    return passport, content


def _passport_for_csv(
    request: ImportRequest, columns: Sequence[str], other: Mapping[str, Any] | None, where: Where
) -> tuple[Passport, dict[str, Any]]:
    """Make a passport from what is known: the CSV's columns, with title, keys and column titles of `other`."""
    oid, version = request.oid, request.version
    if oid is None or not is_oid(oid):
        raise OidMalformed(where, oid or "—")
    if version is None or not is_version(version):
        raise VersionMalformed(where, version or "—")
    known = passport_of(other, where) if other else None
    keys = {key.type: key.field for key in known.keys if key.field in columns} if known else {}
    choice = request.columns
    keys |= {kind: column for kind, column in (("PRIMARY", choice.key), ("VALUE", choice.name)) if column}
    if choice.parent:
        keys["FOREIGN"] = choice.parent
    content = new_passport(known.oid if known else oid, version, known.fullName if known else oid, columns, keys)
    content["hierarchical"] = "FOREIGN" in keys and (choice.parent is not None or bool(known and known.hierarchical))
    if known:
        titles = {field.field: msgspec.to_builtins(field) for field in known.fields}
        content["fields"] = [titles.get(field["field"], field) for field in content["fields"]]
        content["shortName"] = known.shortName
        content["codes"] = [msgspec.to_builtins(code) for code in known.codes] or content["codes"]
    return passport_of(content, where), content


def _table_of(
    where: Where, passport: Passport, content: Mapping[str, Any], roles: Roles, notes: Notes, rows: Sequence[Row]
) -> Table:
    roles, more = _with_levels(roles, rows)
    nameless = sum(row[roles.name] is None for row in rows)
    if nameless:
        more = (
            *more,
            (f"без имени строк: {nameless}, вместо имени код", f"rows without a name: {nameless}, named by code"),
        )
    heading = Heading(
        where=where,
        oid=passport.oid,
        version=passport.version,
        title=passport.fullName.strip(),
        short_title=(passport.shortName or "").strip() or None,
        released_at=released_at(passport, where),
        aliases=passport.aliases,
        columns=passport.columns,
        roles=roles,
        notes=(*notes, *more),
    )
    return Table(heading, {key: value for key, value in content.items() if key != "extract"}, rows)


def _with_levels(roles: Roles, rows: Sequence[Row]) -> tuple[Roles, Notes]:
    """Drop the parent column if it holds no key of this dictionary: it refers to another one then."""
    if roles.parent is None:
        return roles, ()
    parents = {row[roles.parent] for row in rows} - {None}
    if not parents or parents & {row[roles.key] for row in rows}:
        return roles, ()
    note = (
        f"{roles.parent} ссылается не на этот справочник, уровней нет",
        f"{roles.parent} refers to another dictionary, no levels",
    )
    return msgspec.structs.replace(roles, parent=None), (note,)


def _other_columns(where: Where, expected: Sequence[str], found: Sequence[str]) -> RowOtherwise:
    stated, there = ", ".join(expected), ", ".join(found)
    return RowOtherwise(
        where,
        f"столбцы {there}, а в паспорте {stated}",
        f"the columns are {there} and the passport's are {stated}",
    )
