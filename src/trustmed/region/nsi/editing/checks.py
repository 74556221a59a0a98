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
from trustmed.region.nsi.editing.model import KEY, NAME, PARENT, Column
from trustmed.region.nsi.order import in_order, is_oid, is_version

COLUMN: Final = re.compile(r"([A-Za-z][A-Za-z0-9_]{0,40})\s+(\S.*)")
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
    return _needed("title", "Название", _within("title", "Название", tidy(typed)))


def checked_columns(typed: str, *, has_levels: bool) -> tuple[Column, ...]:
    """Return the columns: CODE, NAME, PARENT if there are levels, then those listed one a line, as `ADDRESS Адрес`.

    Raises ColumnsWrong.
    """
    columns = [Column(KEY, "Код"), Column(NAME, "Название")]
    if has_levels:
        columns.append(Column(PARENT, "Код вышестоящей записи"))
    for line in typed.splitlines():
        seen = tidy(line)
        if not seen:
            continue
        found = COLUMN.fullmatch(seen)
        names = {column.field for column in columns} | {PARENT}
        if found is None or found[1].upper() in names or len(found[2]) > LONGEST["short_title"]:
            raise ColumnsWrong(seen)
        columns.append(Column(found[1].upper(), found[2]))
        if len(columns) > MOST_COLUMNS:
            raise ColumnsWrong(seen)
    return tuple(columns)


def checked_row(columns: Iterable[Column], typed: Mapping[str, str | None]) -> Content:
    """Return the tidied value of every column, None if it is empty. Raises FieldEmpty, FieldTooLong."""
    content: Content = {}
    for column in columns:
        value = typed.get(column.field) or ""
        kept = "\n".join(tidy(line) for line in value.splitlines()).strip() if column.field != KEY else tidy(value)
        content[column.field] = _within(column.field, column.title, kept) or None
        if column.field in (KEY, NAME):
            _needed(column.field, column.title, kept)
    return content


def checked_number(typed: str, held: Iterable[str]) -> str:
    """Return the tidied version number, if it is above those held. Raises NumberWrong."""
    number, newest = tidy(typed), max(held, key=in_order, default=None)
    if not is_version(number) or (newest is not None and in_order(number) <= in_order(newest)):
        raise NumberWrong(number, newest)
    return number


def proposed_number(held: Iterable[str]) -> str:
    """Propose a number: 1.0 first, later the newest with its last number raised by one; 7 is followed by 7.1."""
    newest = max(held, key=in_order, default=None)
    if newest is None:
        return "1.0"
    first, last = in_order(newest)[:-1], in_order(newest)[-1]
    return ".".join(map(str, (*(first or (last,)), last + 1 if first else 1)))


def proposed_oid(root: str, taken: Iterable[str]) -> str:
    """Return the first free OID under `<the region's OID>.1000`."""
    known = set(taken)
    number = 1
    while f"{root}.1000.{number}" in known:
        number += 1
    return f"{root}.1000.{number}"


def by_field(columns: Iterable[Column], header: Iterable[str]) -> dict[str, str]:
    """Map the columns of a file to fields; files name columns by field or by title. Raises FileColumnsWrong."""
    known = {name: column.field for column in columns for name in (column.field.lower(), column.title.lower())}
    found = {name: known.get(tidy(name).lower()) for name in header}
    unknown = tuple(name for name, field in found.items() if field is None)
    fields = [field for field in found.values() if field is not None]
    missing = tuple(column.title for column in columns if column.field in (KEY, NAME) and column.field not in fields)
    if unknown or missing or len(set(fields)) < len(fields):
        raise FileColumnsWrong(unknown, missing)
    return {name: field for name, field in found.items() if field is not None}


def _within(field: str, title: str, value: str) -> str:
    most = LONGEST.get(field, LONGEST_VALUE)
    if len(value) > most:
        raise FieldTooLong(field, title, most)
    return value


def _needed(field: str, title: str, value: str) -> str:
    if not value:
        raise FieldEmpty(field, title)
    return value
