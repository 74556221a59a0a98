"""Check and tidy what is typed for one of the region's own dictionaries. Pure."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from trustmed.patient.writing import tidy
from trustmed.region.nsi.editing.errors import (
    ColumnsWrong,
    FieldEmpty,
    FieldTooLong,
    FileColumnsWrong,
    NumberWrong,
    OidWrong,
)
from trustmed.region.nsi.editing.model import KEY, NAME, PARENT, DraftColumn
from trustmed.region.nsi.order import is_oid, is_version, version_order

COLUMN: Final = re.compile(r"(?P<field>[A-Za-z][A-Za-z0-9_]{0,40})\s+(?P<title>\S.*)")
LONGEST: Final = {KEY: 100, PARENT: 100, NAME: 2000, "title": 500, "short_title": 200}
LONGEST_VALUE: Final = 4000
MOST_COLUMNS: Final = 40

Content = dict[str, str | None]


def checked_oid(typed: str) -> str:
    """Return the tidied OID. Raises OidWrong."""
    oid = tidy(typed)
    if not is_oid(oid) or len(oid) > 200:
        raise OidWrong(oid)
    return oid


def checked_title(typed: str) -> str:
    """Return the tidied title. Raises FieldEmpty, FieldTooLong."""
    return _check_filled("title", "Название", _check_length("title", "Название", tidy(typed)))


def checked_columns(typed: str, *, has_levels: bool) -> tuple[DraftColumn, ...]:
    """Return the columns: CODE, NAME, PARENT if there are levels, then those listed one a line, as `ADDRESS Адрес`.

    Raises ColumnsWrong.
    """
    columns = [DraftColumn(KEY, "Код"), DraftColumn(NAME, "Название")]
    if has_levels:
        columns.append(DraftColumn(PARENT, "Код вышестоящей записи"))
    for line in typed.splitlines():
        tidied = tidy(line)
        if not tidied:
            continue
        found = COLUMN.fullmatch(tidied)
        names = {column.field for column in columns} | {PARENT}
        if found is None or found["field"].upper() in names or len(found["title"]) > LONGEST["short_title"]:
            raise ColumnsWrong(tidied)
        columns.append(DraftColumn(found["field"].upper(), found["title"]))
        if len(columns) > MOST_COLUMNS:
            raise ColumnsWrong(tidied)
    return tuple(columns)


def checked_row(columns: Iterable[DraftColumn], typed: Mapping[str, str | None]) -> Content:
    """Return the tidied value of every column, None if it is empty. Raises FieldEmpty, FieldTooLong."""
    content: Content = {}
    for column in columns:
        value = typed.get(column.field) or ""
        tidied = "\n".join(tidy(line) for line in value.splitlines()).strip() if column.field != KEY else tidy(value)
        content[column.field] = _check_length(column.field, column.title, tidied) or None
        if column.field in (KEY, NAME):
            _check_filled(column.field, column.title, tidied)
    return content


def checked_number(typed: str, existing: Iterable[str]) -> str:
    """Return the tidied version number, if it is above the existing ones. Raises NumberWrong."""
    number, newest = tidy(typed), max(existing, key=version_order, default=None)
    if not is_version(number) or (newest is not None and version_order(number) <= version_order(newest)):
        raise NumberWrong(number, newest)
    return number


def next_number(existing: Iterable[str]) -> str:
    """Return the number to propose: 1.0, later the newest with its last number raised by one; 7.1 follows 7."""
    newest = max(existing, key=version_order, default=None)
    if newest is None:
        return "1.0"
    first, last = version_order(newest)[:-1], version_order(newest)[-1]
    return ".".join(map(str, (*(first or (last,)), last + 1 if first else 1)))


def next_free_oid(root: str, taken: Iterable[str]) -> str:
    """Return the first free OID under `<the region's OID>.1000`."""
    unavailable = set(taken)
    number = 1
    while f"{root}.1000.{number}" in unavailable:
        number += 1
    return f"{root}.1000.{number}"


def fields_of_columns(columns: Iterable[DraftColumn], header: Iterable[str]) -> dict[str, str]:
    """Map the columns of a file to fields; files name columns by field or by title. Raises FileColumnsWrong."""
    known = {name: column.field for column in columns for name in (column.field.lower(), column.title.lower())}
    found = {name: known.get(tidy(name).lower()) for name in header}
    unknown = tuple(name for name, field in found.items() if field is None)
    fields = [field for field in found.values() if field is not None]
    missing = tuple(column.title for column in columns if column.field in (KEY, NAME) and column.field not in fields)
    if unknown or missing or len(set(fields)) < len(fields):
        raise FileColumnsWrong(unknown, missing)
    return {name: field for name, field in found.items() if field is not None}


def _check_length(field: str, title: str, value: str) -> str:
    most = LONGEST.get(field, LONGEST_VALUE)
    if len(value) > most:
        raise FieldTooLong(field, title, most)
    return value


def _check_filled(field: str, title: str, value: str) -> str:
    if not value:
        raise FieldEmpty(field, title)
    return value
