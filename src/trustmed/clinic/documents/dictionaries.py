"""Dictionary rows a site holds, as coded values of documents."""

from collections.abc import Collection, Iterable
from typing import Final

from psycopg import AsyncConnection

from trustmed.db.queries import load
from trustmed.nsi.errors import DictionaryUnknown, NoVersionThen
from trustmed.nsi.model import Query, Row
from trustmed.nsi.search import find
from trustmed.semd.cda.vocabulary import FORM_DICTIONARIES, Key
from trustmed.semd.document import Coded
from trustmed.semd.rows import Choice, Rows

sql = load(__package__)

ICD_SHOWN: Final = 12
ICD_RUBRIC: Final = r"^[A-Z][0-9]{2}(\.[0-9]+)?$"
"""Rubrics and what they divide into: classes (I) and blocks (A00-A09) of ICD-10 are no diagnoses."""


async def find_rows(connection: AsyncConnection, keys: Iterable[Key]) -> Rows:
    """The rows of these (OID, code) in the versions in force; what is not there is left out."""
    wanted = sorted(set(keys))
    values = {"oids": [oid for oid, _ in wanted], "codes": [code for _, code in wanted]}
    found = await (await connection.execute(sql["entries"], values)).fetchall()
    return Rows({(row[0], row[1]): _coded(row) for row in found})


async def find_choices(connection: AsyncConnection, choices: Iterable[Choice]) -> Rows:
    """The rows of these choices of forms, likewise."""
    return await find_rows(connection, ((FORM_DICTIONARIES[name], code) for name, code in choices))


async def find_lists(connection: AsyncConnection, names: Collection[str]) -> dict[str, list[Coded]]:
    """Every row of the small dictionaries behind these choices, by the name of the choice."""
    oids = {name: FORM_DICTIONARIES[name] for name in names}
    found = await (await connection.execute(sql["choices"], {"oids": list(oids.values())})).fetchall()
    rows = [_coded(row) for row in found]
    return {name: [row for row in rows if row.system == oid] for name, oid in oids.items()}


async def find_icd(connection: AsyncConnection, typed: str) -> list[Row]:
    """The best rows of ICD-10 for what is typed, by code or by words, of those a document may carry.

    Raises LineTooLong; nothing is found where the site has no ICD-10 in force.
    """
    if not typed.strip():
        return []
    query = Query(typed, FORM_DICTIONARIES["icd"], limit=ICD_SHOWN, codes=ICD_RUBRIC)
    try:
        found = await find(connection, query)
    except (DictionaryUnknown, NoVersionThen):
        return []
    return [row for row in found.rows if not row.is_past]


def _coded(row: tuple[str, str, str, str, str]) -> Coded:
    oid, code, name, version, title = row
    return Coded(code, name, oid, title, version)
