"""Rows of dictionaries that were looked up for one document."""

from collections.abc import Mapping

from trustmed.semd.cda.vocabulary import Key
from trustmed.semd.document import Coded
from trustmed.semd.refusals import DossierIncomplete
from trustmed.semd.words import Words


class Rows:
    """Rows of dictionaries by (OID, code)."""

    def __init__(self, rows: Mapping[Key, Coded]) -> None:
        self._rows = rows

    def find(self, oid: str, code: str) -> Coded | None:
        return self._rows.get((oid, code))

    def get_choice(self, oid: str, code: str, field: Words) -> Coded:
        """Return the row chosen in a field. Raises DossierIncomplete naming the field."""
        found = self.find(oid, code)
        if found is None:
            raise DossierIncomplete(
                f"{field.ru}: кода «{code}» нет в справочнике {oid}. Выберите значение из списка.",
                f"{field.en}: dictionary {oid} has no code {code!r}. Choose a value from the list.",
            )
        return found

    def get_choice_or_none(self, oid: str, code: str, field: Words) -> Coded | None:
        return self.get_choice(oid, code, field) if code else None

    def display(self, oid: str, code: str) -> str:
        """Return what the dictionary calls the code; empty if it has no such code."""
        found = self.find(oid, code)
        return found.display if found else ""
