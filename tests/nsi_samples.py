"""Small dictionaries in the form of the federal service, and ways to spoil them."""

import io
import itertools
import json
import secrets
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Row = dict[str, str | None]

COLUMNS = ("ID", "CODE", "NAME", "PARENT")
ROWS: tuple[Row, ...] = (
    {"ID": "1", "CODE": "A", "NAME": "Первая", "PARENT": None},
    {"ID": "2", "CODE": "A.1", "NAME": "Вторая; с точкой", "PARENT": "1"},
    {"ID": "3", "CODE": "A.2", "NAME": 'Третья "в кавычках"\nи в две строки', "PARENT": "1"},
    {"ID": "10", "CODE": None, "NAME": "Десятая", "PARENT": "2"},
    {"ID": "11", "CODE": "B", "NAME": "Обратная \\ косая\tи знак табуляции", "PARENT": None},
)
_numbers = itertools.count(secrets.randbelow(10**8) * 100)


def new_oid() -> str:
    """Return an OID that no other test has."""
    return f"1.2.643.5.1.13.13.99.9.{next(_numbers)}"


def passport(
    oid: str, version: str = "1.1", rows: Sequence[Row] = ROWS, columns: Sequence[str] = COLUMNS, **more: Any
) -> dict[str, Any]:
    return {
        "result": "OK",
        "resultText": None,
        "oid": oid,
        "version": version,
        "rowsCount": len(rows),
        "publishDate": "03.11.2023 12:48",
        "fullName": "Пробный справочник",
        "shortName": "Проба",
        "fields": [{"field": name, "dataType": "VARCHAR", "alias": f"Столбец {name}"} for name in columns],
        "keys": [
            {"field": "ID", "type": "PRIMARY"},
            {"field": "NAME", "type": "VALUE"},
            {"field": "PARENT", "type": "FOREIGN"},
        ],
        "codes": [{"value": oid, "type": "TYPE_PRIMARY"}],
        "hierarchical": True,
    } | more


def page(rows: Sequence[Row], total: int | None = None, **more: Any) -> dict[str, Any]:
    cells = [[{"column": column, "value": value} for column, value in row.items()] for row in rows]
    return {"result": "OK", "total": len(rows) if total is None else total, "list": cells} | more


def pages(rows: Sequence[Row] = ROWS, size: int = 2) -> list[dict[str, Any]]:
    return [page(rows[start : start + size], len(rows)) for start in range(0, len(rows), size)]


def raw(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode()


def files(oid: str, version: str = "1.1", rows: Sequence[Row] = ROWS, **more: Any) -> dict[str, bytes]:
    """Return passport.json and part1.json… of a version."""
    parts = {f"part{number}.json": raw(one) for number, one in enumerate(pages(rows), 1)}
    return {"passport.json": raw(passport(oid, version, rows, **more)), **parts}


def zip_bytes(content: dict[str, bytes]) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return into.getvalue()


def write_zip(folder: Path, oid: str, version: str = "1.1", rows: Sequence[Row] = ROWS, **more: Any) -> Path:
    path = folder / f"{oid}_{version}.zip"
    path.write_bytes(zip_bytes(files(oid, version, rows, **more)))
    return path


def csv_text(rows: Sequence[Row] = ROWS, columns: Sequence[str] = COLUMNS) -> str:
    """Return a CSV as the portal writes it: text in quotes, nothing for no value."""

    def value(one: str | None) -> str:
        return "" if one is None else '"' + one.replace('"', '""') + '"'

    lines = [";".join(columns), *(";".join(value(row[column]) for column in columns) for row in rows)]
    return "\n".join(lines) + "\n"
