"""Pages of data as the service sends them: `{"result": "OK", "total": N, "list": [[{column, value}, …], …]}`."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec

from trustmed.region.nsi.files.passport import check_not_html
from trustmed.region.nsi.files.refusals import (
    NotAsTheService,
    NotJson,
    NotText,
    PagesCut,
    RowOtherwise,
    ServiceRefused,
    Where,
)
from trustmed.region.nsi.files.table import Row

ROW: Final = re.compile(r"\$\.list\[(\d+)\]")
NUL: Final = b"\\u0000"


class Cell(msgspec.Struct, frozen=True, gc=False):
    column: str
    value: str | None


class Page(msgspec.Struct, frozen=True):
    result: str | None = None
    resultText: str | None = None
    total: int | None = None
    list: tuple[tuple[Cell, ...], ...] = ()


_decode = msgspec.json.Decoder(Page).decode


def read_page(raw: bytes, where: Where) -> Page:
    """Decode a page. Raises PageInsteadOfData, NotJson, ServiceRefused, NotAsTheService (naming the row), NotText."""
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    check_not_html(raw, where)
    try:
        page = _decode(raw)
    except msgspec.ValidationError as error:
        found = ROW.search(str(error))
        raise NotAsTheService(where.at(row=int(found[1]) + 1) if found else where, str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotJson(where, str(error)) from None
    if page.result != "OK":
        raise ServiceRefused(where, str(page.result), page.resultText)
    if page.total is None:
        raise NotAsTheService(where, "total")
    if NUL in raw:
        _refuse_nul(page, where)
    return page


def rows_of(pages: Sequence[tuple[Where, Page]], columns: Iterable[str], stated: int | None) -> list[Row]:
    """Return the rows of all pages, each with all `columns`. `stated` is the passport's rowsCount.

    Raises PagesCut, RowOtherwise.
    """
    expected = frozenset(columns)
    rows: list[Row] = []
    for where, page in pages:
        for number, cells in enumerate(page.list, 1):
            row = {cell.column: cell.value or None for cell in cells}
            if row.keys() != expected or len(cells) != len(row):
                raise _other_columns(where.at(row=number), expected, [cell.column for cell in cells])
            rows.append(row)
    _check_counts(pages, len(rows), stated)
    return rows


def row_locator(pages: Sequence[tuple[Where, Page]]) -> Callable[[int], Where]:
    """Return a function that tells where a row is, by its index among the rows of all pages."""

    def place(index: int) -> Where:
        for where, page in pages:
            if index < len(page.list):
                return where.at(row=index + 1)
            index -= len(page.list)
        raise IndexError(index)

    return place


def _check_counts(pages: Sequence[tuple[Where, Page]], count: int, stated: int | None) -> None:
    for where, page in pages:
        if page.total != count:
            raise PagesCut(
                where,
                f"сервис говорит о {page.total} строках, а пришло {count}",
                f"the service tells of {page.total} rows and {count} came",
            )
    first, _ = pages[0]
    check_count(stated, count, first)


def check_count(stated: int | None, count: int, where: Where) -> None:
    """Check the number of rows against `stated`, the passport's rowsCount. Raises PagesCut."""
    if stated is not None and stated != count:
        raise PagesCut(
            where.at(page="passport.json"),
            f"в паспорте {stated} строк, а пришло {count}",
            f"the passport tells of {stated} rows and {count} came",
        )


def _other_columns(where: Where, expected: frozenset[str], columns: list[str]) -> RowOtherwise:
    missing, extra = sorted(expected - set(columns)), sorted(set(columns) - expected)
    twice = sorted({column for column in columns if columns.count(column) > 1})
    ru = [f"нет столбцов {', '.join(missing)}"] if missing else []
    en = [f"columns {', '.join(missing)} are missing"] if missing else []
    if extra:
        ru.append(f"лишние столбцы {', '.join(extra)}")
        en.append(f"columns {', '.join(extra)} are not the passport's")
    if twice:
        ru.append(f"столбцы повторены: {', '.join(twice)}")
        en.append(f"columns {', '.join(twice)} are there twice")
    return RowOtherwise(where, "; ".join(ru), "; ".join(en))


def _refuse_nul(page: Page, where: Where) -> None:
    for number, cells in enumerate(page.list, 1):
        if any("\0" in (cell.value or "") or "\0" in cell.column for cell in cells):
            raise NotText(where.at(row=number))
