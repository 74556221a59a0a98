"""A small dictionary with levels in two versions and a flat one, for any database that holds dictionaries."""

import json
from typing import Any

import psycopg

ILLNESSES, ALIAS, TRADES = "1.2.643.77.5001", "1.2.643.77.5001.1", "1.2.643.77.5002"
TITLES = {ILLNESSES: "Пробные болезни", TRADES: "Пробные должности"}
PASSPORT = {
    "fields": [
        {"field": "ID", "alias": "Идентификатор", "dataType": "INTEGER"},
        {"field": "CODE", "alias": "Код болезни", "dataType": "VARCHAR"},
        {"field": "NAME", "alias": "Наименование болезни", "dataType": "VARCHAR"},
        {"field": "PARENT", "alias": "Вышестоящая", "dataType": "INTEGER"},
        {"field": "ACTUAL", "alias": "Признак актуальности", "dataType": "INTEGER"},
    ]
}
# key, code, name, parent, actual
OLD = (
    ("1", None, "БОЛЕЗНИ ПРОБНЫЕ", None, "1"),
    ("2", "Q00-Q09", "ПРОБНЫЕ ЛИХОРАДКИ", "1", "1"),
    ("3", "Q00", "Лихорадка зелёная", "2", "1"),
    ("4", "Q00.1", "Лихорадка зелёная острая", "3", "1"),
    ("5", "Q01", "Лихорадка упразднённая", "2", "0"),
)
NEW = (
    *OLD[:3],
    ("4", "Q00.1", "Лихорадка зелёная, острая форма", "3", "1"),
    OLD[4],
    ("6", "C50", "Пробная гиперхолестеринемия", "1", "1"),
    ("7", "F50", "Пробный холестероз", "1", "1"),
)
TRADES_ROWS = (
    ("34", "34", "врач-кардиолог пробный", None, "1"),
    ("100", "100", "100% _особый_ 'врач'", None, "1"),
    ("7", "7", "пробный врач", None, "1"),
)


def store_shelf(connection: psycopg.Connection) -> None:
    """Store both dictionaries. Of the first, 1.0 was released in 2020; 2.0 in 2024, published on 2024-06-01."""
    for oid, current in ((ILLNESSES, "2.0"), (TRADES, "1.0")):
        connection.execute(
            "insert into nsi.dictionary (oid, title, current_version, published_at) values (%s, %s, %s, '2024-06-01')"
            " on conflict (oid) do nothing",
            (oid, TITLES[oid], current),
        )
    _store_version(connection, ILLNESSES, "1.0", "2020-02-01", OLD)
    _store_version(connection, ILLNESSES, "2.0", "2024-02-01", NEW)
    _store_version(connection, TRADES, "1.0", "2024-02-01", TRADES_ROWS)
    connection.execute("insert into nsi.alias values (%s, %s) on conflict do nothing", (ALIAS, ILLNESSES))
    connection.execute(
        "insert into nsi.publication (oid, version, at, kind, author)"
        " select %s, '2.0', timestamptz '2024-06-01 12:00', 'published', 'x'"
        " where not exists (select from nsi.publication where oid = %s)",
        (ILLNESSES, ILLNESSES),
    )


def _store_version(connection: psycopg.Connection, oid: str, version: str, released: str, rows: Any) -> None:
    connection.execute(
        "insert into nsi.version (oid, version, title, released_at, rows, key_column, code_column, name_column,"
        " parent_column, passport, digest, source, imported_by)"
        " values (%s, %s, %s, %s, %s, 'ID', 'CODE', 'NAME', 'PARENT', %s, 'x', 'x', 'x') on conflict do nothing",
        (oid, version, TITLES[oid], released, len(rows), json.dumps(PASSPORT)),
    )
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into nsi.entry (oid, version, key, code, name, parent_key, content)"
            " values (%s, %s, %s, %s, %s, %s, %s) on conflict do nothing",
            [
                (oid, version, key, code, name, parent, json.dumps(_content(key, code, name, parent, actual)))
                for key, code, name, parent, actual in rows
            ],
        )


def _content(key: str, code: str | None, name: str, parent: str | None, actual: str) -> dict[str, str | None]:
    return {"ID": key, "CODE": code, "NAME": name, "PARENT": parent, "ACTUAL": actual}
