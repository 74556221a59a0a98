"""Vital signs: numbers in the units in which people measure them."""

import re
from collections.abc import Iterator, Mapping
from typing import ClassVar, Final

import msgspec

from trustmed.semd.cda.vocabulary import FORM_DICTIONARIES, Key
from trustmed.semd.document import VitalSign
from trustmed.semd.fields.field import Field, Lack
from trustmed.semd.rows import Rows
from trustmed.semd.words import Words

SIGNS: Final = FORM_DICTIONARIES["vital_sign"]
UNITS: Final = FORM_DICTIONARIES["unit"]
UNIT_OF: Final = {"1": "515", "2": "50", "3": "50", "4": "337", "6": "53", "7": "337", "50": "9", "57": "3"}
"""Vital sign (99.2.262) -> the unit it is entered in (11.1358)."""

NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")
SIGN: Final = Words("Показатель", "Vital sign")
UNIT: Final = Words("Единица", "Unit")
NUMBER_NEEDED: Final = Words("Нужно число.", "A number is needed.")


class VitalEntry(msgspec.Struct, frozen=True):
    """`kind` of 99.2.262, `value` a decimal number."""

    kind: str
    value: str


class VitalSigns(Field, frozen=True):
    """Any of `signs` (codes of 99.2.262, in the order of the page), none of them needed.

    On the page a sign's field is `vital_<code>`.
    """

    widget: ClassVar[str] = "vital_signs"
    names: ClassVar[str] = SIGNS
    units: ClassVar[str] = UNITS

    signs: tuple[str, ...]

    def read(self, given: Mapping[str, str]) -> dict[str, object]:
        values = {code: given.get(f"vital_{code}", "").strip().replace(",", ".") for code in self.signs}
        return {self.name: [{"kind": code, "value": value} for code, value in values.items() if value]}

    def shown_rows(self) -> Iterator[Key]:
        for code in self.signs:
            yield SIGNS, code
            yield UNITS, unit_of(code)

    def chosen(self, value: tuple[VitalEntry, ...]) -> Iterator[Key]:
        for entry in value:
            yield SIGNS, entry.kind
            yield UNITS, unit_of(entry.kind)

    def document_value(self, value: tuple[VitalEntry, ...], rows: Rows) -> tuple[VitalSign, ...]:
        return tuple(_vital_sign(entry, rows) for entry in value)

    def lacks(self, value: tuple[VitalEntry, ...], rows: Rows) -> Iterator[Lack]:
        for entry in value:
            if not NUMBER.fullmatch(entry.value):
                yield Lack(f"vital_{entry.kind}", NUMBER_NEEDED)

    def shown(self, value: tuple[VitalEntry, ...], code: str, language: str) -> str:
        """Return the text in the sign's field of the page, with the decimal mark of the language."""
        entered = {entry.kind: entry.value for entry in value}.get(code, "")
        return entered.replace(".", ",") if language == "ru" else entered

    def unit_of(self, code: str) -> str:
        return unit_of(code)


def unit_of(code: str) -> str:
    """Return the code of the unit a sign is entered in; empty if none is known."""
    return UNIT_OF.get(code, "")


def _vital_sign(entry: VitalEntry, rows: Rows) -> VitalSign:
    kind = rows.get_choice(SIGNS, entry.kind, SIGN)
    unit = rows.get_choice(UNITS, unit_of(entry.kind), UNIT)
    return VitalSign(kind, entry.value.strip().replace(",", "."), unit)
