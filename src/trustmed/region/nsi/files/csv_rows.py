"""Read the portal's CSV: `;` between values, quotes where needed, line ends within quotes, with or without a BOM."""

import csv
import io
from typing import Final

from trustmed.region.nsi.files.refusals import EncodingUnknown, NotText, PageInsteadOfData, RowOtherwise, Where
from trustmed.region.nsi.files.table import Row

LONGEST_VALUE: Final = 16 * 1024 * 1024


def read_csv(raw: bytes, where: Where, encoding: str | None = None) -> tuple[tuple[str, ...], list[Row]]:
    """Return the columns and rows; an empty value becomes None.

    Raises EncodingUnknown, PageInsteadOfData, RowOtherwise naming the row (the header is row 0), NotText.
    """
    text = _decode(raw, where, encoding)
    if text[:200].lstrip().startswith("<"):
        raise PageInsteadOfData(where)
    csv.field_size_limit(LONGEST_VALUE)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True)
    rows: list[Row] = []
    number = 0
    try:
        columns = tuple(next(reader, ()))
        _check_header(columns, where)
        width = len(columns)
        for values in reader:
            if not values:
                continue  # an empty line
            number += 1
            if len(values) != width:
                raise RowOtherwise(
                    where.at(row=number),
                    f"значений {len(values)}, а столбцов {width}",
                    f"{len(values)} values for {width} columns",
                )
            rows.append({column: value or None for column, value in zip(columns, values, strict=True)})
    except csv.Error as error:
        raise RowOtherwise(
            where.at(row=number + 1), f"кавычки или строка не закрыты ({error})", f"a quote is not closed ({error})"
        ) from None
    if "\0" in text:
        _refuse_nul(rows, where)
    return columns, rows


def _decode(raw: bytes, where: Where, encoding: str | None) -> str:
    if encoding is not None:
        try:
            return raw.decode(encoding).removeprefix("\ufeff")
        except (UnicodeDecodeError, LookupError):
            raise EncodingUnknown(where, None) from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start)
        raise EncodingUnknown(where.at(row=line), _guess_encoding(raw)) from None


def _guess_encoding(raw: bytes) -> str | None:
    """Guess windows-1251 if the text, read so, has mostly small letters, as words do; otherwise None."""
    try:
        letters = [letter for letter in raw.decode("cp1251") if "А" <= letter <= "я"]
    except UnicodeDecodeError:
        return None
    if b"\0" in raw:  # two bytes a letter, so it is UTF-16
        return None
    small = sum(letter >= "а" for letter in letters)
    return "cp1251" if letters and small * 2 > len(letters) else None


def _check_header(columns: tuple[str, ...], where: Where) -> None:
    where = where.at(row=0)
    if not columns or not all(column.strip() for column in columns):
        raise RowOtherwise(where, "в заголовке есть столбец без имени", "the header has a column without a name")
    if len(set(columns)) != len(columns):
        twice = ", ".join(sorted({column for column in columns if columns.count(column) > 1}))
        raise RowOtherwise(where, f"столбцы повторены: {twice}", f"columns {twice} are there twice")


def _refuse_nul(rows: list[Row], where: Where) -> None:
    for number, row in enumerate(rows, 1):
        if any("\0" in (value or "") for value in row.values()):
            raise NotText(where.at(row=number))
    raise NotText(where.at(row=0))
