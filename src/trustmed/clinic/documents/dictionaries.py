"""Find the dictionary rows a site holds, as coded values of documents."""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import class_row

from trustmed.db.queries import load
from trustmed.nsi.errors import DictionaryUnknown, NoVersionThen
from trustmed.nsi.model import Query, Row
from trustmed.nsi.search import find
from trustmed.semd.cda.vocabulary import FORM_DICTIONARIES, Key
from trustmed.semd.document import Coded
from trustmed.semd.rows import Rows

sql = load(__package__)

ICD_SHOWN: Final = 12
ICD_RUBRIC: Final = r"^[A-Z][0-9]{2}(\.[0-9]+)?$"
"""Rubrics and subrubrics; the classes (I) and blocks (A00-A09) of ICD-10 are not diagnoses."""


async def find_rows(connection: AsyncConnection, keys: Iterable[Key]) -> Rows:
    """Return the rows with these (OID, code) in the versions in force, leaving out those that do not exist."""
    wanted = sorted(set(keys))
    values = {"oids": [oid for oid, _ in wanted], "codes": [code for _, code in wanted]}
    found = await _coded(connection, "entries", values)
    return Rows({(row.system, row.code): row for row in found})


async def find_lists(connection: AsyncConnection, oids: Collection[str]) -> dict[str, list[Coded]]:
    """Return all rows of these small dictionaries, by OID."""
    rows = await _coded(connection, "choices", {"oids": list(oids)})
    return {oid: [row for row in rows if row.system == oid] for oid in oids}


async def find_icd(connection: AsyncConnection, typed: str) -> list[Row]:
    """Return the rows of ICD-10 that best match what is typed, of those that a document may carry.

    Returns nothing if the site has no ICD-10 in force. Raises LineTooLong.
    """
    if not typed.strip():
        return []
    query = Query(typed, FORM_DICTIONARIES["icd"], limit=ICD_SHOWN, codes=ICD_RUBRIC)
    try:
        found = await find(connection, query)
    except (DictionaryUnknown, NoVersionThen):
        return []
    return [row for row in found.rows if not row.is_past]


async def _coded(connection: AsyncConnection, name: str, values: Mapping[str, object]) -> list[Coded]:
    async with connection.cursor(row_factory=class_row(Coded)) as cursor:
        await cursor.execute(sql[name], values)
        return await cursor.fetchall()
