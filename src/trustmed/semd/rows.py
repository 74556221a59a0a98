"""Rows of dictionaries that were looked up for one document."""

from collections.abc import Mapping

from trustmed.semd.cda.vocabulary import FORM_DICTIONARIES, Key
from trustmed.semd.document import Coded
from trustmed.semd.refusals import DossierIncomplete
from trustmed.semd.words import Words

Choice = tuple[str, str]
"""What was chosen: the name of the choice in FORM_DICTIONARIES and the row's code."""


class Rows:
    """Rows of dictionaries by (OID, code)."""

    def __init__(self, rows: Mapping[Key, Coded]) -> None:
        self._rows = rows

    def find(self, oid: str, code: str) -> Coded | None:
        return self._rows.get((oid, code))

    def find_choice(self, name: str, code: str) -> Coded | None:
        return self.find(FORM_DICTIONARIES[name], code)

    def get_choice(self, name: str, code: str, field: Words) -> Coded:
        """Return the row of a choice of the form. Raises DossierIncomplete naming the field."""
        found = self.find_choice(name, code)
        if found is None:
            oid = FORM_DICTIONARIES[name]
            raise DossierIncomplete(
                f"{field.ru}: кода «{code}» нет в справочнике {oid}. Выберите значение из списка.",
                f"{field.en}: dictionary {oid} has no code {code!r}. Choose a value from the list.",
            )
        return found

    def get_choice_or_none(self, name: str, code: str, field: Words) -> Coded | None:
        return self.get_choice(name, code, field) if code else None

    def display(self, name: str, code: str) -> str:
        """Return what the dictionary of the choice calls the code; empty if it has no such code."""
        found = self.find_choice(name, code)
        return found.display if found else ""
