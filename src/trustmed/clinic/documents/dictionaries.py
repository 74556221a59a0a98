"""Dictionary rows a site holds, as coded values of documents."""

from collections.abc import Iterable, Mapping
from typing import Final

from psycopg import AsyncConnection

from trustmed.clinic.documents.errors import DossierIncomplete
from trustmed.db.queries import load
from trustmed.nsi.errors import DictionaryUnknown, NoVersionThen
from trustmed.nsi.model import Query, Row
from trustmed.nsi.search import find
from trustmed.semd.cda.payment import BY_CONTRACT
from trustmed.semd.cda.vocabulary import FORM_DICTIONARIES
from trustmed.semd.model import Coded

sql = load(__package__)

CHOSEN_FROM_LISTS: Final = (
    "visit",
    "place",
    "condition",
    "referral",
    "diagnosis_kind",
    "diagnosis_character",
    "payment_source",
    "vital_sign",
)

ICD_SHOWN: Final = 12
ICD_RUBRIC: Final = r"^[A-Z][0-9]{2}(\.[0-9]+)?$"
"""Rubrics and what they divide into: classes (I) and blocks (A00-A09) of ICD-10 are no diagnoses."""

Key = tuple[str, str]


class Rows:
    """Rows of dictionaries by (OID, code)."""

    def __init__(self, rows: Mapping[Key, Coded]) -> None:
        self._rows = rows

    def find(self, oid: str, code: str) -> Coded | None:
        return self._rows.get((oid, code))

    def chosen(self, name: str, code: str, field: str) -> Coded:
        """The row of a choice of the form. Raises DossierIncomplete naming the field."""
        oid = FORM_DICTIONARIES[name]
        found = self._rows.get((oid, code))
        if found is None:
            raise DossierIncomplete(
                f"{field}: кода «{code}» нет в справочнике {oid}. Выберите значение из списка.",
                f"{field}: dictionary {oid} has no code {code!r}. Choose a value from the list.",
            )
        return found

    def chosen_or_none(self, name: str, code: str, field: str) -> Coded | None:
        return self.chosen(name, code, field) if code else None


async def entries(connection: AsyncConnection, keys: Iterable[Key]) -> Rows:
    """The rows of these (OID, code) in the versions in force; what is not there is left out."""
    wanted = sorted(set(keys))
    values = {"oids": [oid for oid, _ in wanted], "codes": [code for _, code in wanted]}
    found = await (await connection.execute(sql["entries"], values)).fetchall()
    return Rows({(row[0], row[1]): _coded(row) for row in found})


async def choices(connection: AsyncConnection) -> dict[str, list[Coded]]:
    """Lists of the form by the name of the choice, without what the form has no fields for."""
    by_oid = {FORM_DICTIONARIES[name]: name for name in CHOSEN_FROM_LISTS}
    found = await (await connection.execute(sql["choices"], {"oids": list(by_oid)})).fetchall()
    lists: dict[str, list[Coded]] = {name: [] for name in CHOSEN_FROM_LISTS}
    for row in found:
        lists[by_oid[row[0]]].append(_coded(row))
    lists["payment_source"] = [source for source in lists["payment_source"] if source.code not in BY_CONTRACT]
    return lists


async def displays(connection: AsyncConnection, name: str, codes: Mapping[str, str]) -> dict[str, str]:
    """Key of `codes` -> what the dictionary of this choice calls its code; empty where it does not know it."""
    oid = FORM_DICTIONARIES[name]
    rows = await entries(connection, ((oid, code) for code in codes.values()))
    found = {key: rows.find(oid, code) for key, code in codes.items()}
    return {key: row.display if row else "" for key, row in found.items()}


async def icd_found(connection: AsyncConnection, typed: str) -> list[Row]:
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
