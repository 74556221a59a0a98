"""Dictionary rows a site holds, as coded values of documents."""

from collections.abc import Iterable, Mapping
from typing import Final

from psycopg import AsyncConnection

from trustmed.clinic.documents.errors import DossierIncomplete
from trustmed.db.queries import load
from trustmed.patient.writing import tidy
from trustmed.semd.model import Coded
from trustmed.semd.payment import BY_CONTRACT
from trustmed.semd.vocabulary import FORM_DICTIONARIES

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


async def icd_beginning(connection: AsyncConnection, prefix: str) -> list[Coded]:
    """Up to 30 rows of ICD-10 whose code begins so."""
    low = tidy(prefix).upper()[:10]
    values = {"oid": FORM_DICTIONARIES["icd"], "low": low, "high": low + "\U0010ffff"}
    return [_coded(row) for row in await (await connection.execute(sql["entries_by_code"], values)).fetchall()]


def _coded(row: tuple[str, str, str, str, str]) -> Coded:
    oid, code, name, version, title = row
    return Coded(code, name, oid, title, version)
