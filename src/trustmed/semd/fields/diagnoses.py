"""Diagnoses: a code of ICD-10, the doctor's words, the kind and the character of each."""

from collections.abc import Iterator, Mapping
from typing import ClassVar, Final

import msgspec

from trustmed.semd.cda.vocabulary import FORM_DICTIONARIES, Key
from trustmed.semd.document import Diagnosis
from trustmed.semd.fields.field import Field, Lack
from trustmed.semd.refusals import DossierIncomplete
from trustmed.semd.rows import Rows
from trustmed.semd.words import Words

ICD: Final = FORM_DICTIONARIES["icd"]
KINDS: Final = FORM_DICTIONARIES["diagnosis_kind"]
CHARACTERS: Final = FORM_DICTIONARIES["diagnosis_character"]

CODE: Final = Words("Код МКБ-10", "ICD-10 code")
KIND: Final = Words("Вид диагноза", "Diagnosis kind")
CHARACTER: Final = Words("Характер заболевания", "Character of the illness")
CODE_NEEDED: Final = Words("Укажите код МКБ-10.", "Enter an ICD-10 code.")
CODE_UNKNOWN: Final = Words("Такого кода нет в справочнике МКБ-10.", "The dictionary of ICD-10 has no such code.")


class DiagnosisEntry(msgspec.Struct, frozen=True):
    """`icd` of 1005, `kind` of 1077, `character` of 1049 (empty: not given); `text` is the doctor's own words."""

    icd: str
    text: str = ""
    kind: str = "1"
    character: str = ""


class Diagnoses(Field, frozen=True):
    """At least one diagnosis, the leading one first; the page has `lines` of them.

    On the page a line's fields are `diagnosis<line>_<part>`, lines counted from 0.
    """

    widget: ClassVar[str] = "diagnoses"
    kinds: ClassVar[str] = KINDS
    characters: ClassVar[str] = CHARACTERS

    lines: int = 3

    def read(self, given: Mapping[str, str]) -> dict[str, object]:
        """Read the lines of the page, dropping those with neither code nor words."""
        lines = (_line(given, number) for number in range(self.lines))
        return {self.name: [line for line in lines if line["icd"] or line["text"]]}

    def shown_lists(self) -> tuple[str, ...]:
        return KINDS, CHARACTERS

    def chosen(self, value: tuple[DiagnosisEntry, ...]) -> Iterator[Key]:
        for entry in value:
            yield ICD, entry.icd
            yield KINDS, entry.kind
            yield CHARACTERS, entry.character

    def document_value(self, value: tuple[DiagnosisEntry, ...], rows: Rows) -> tuple[Diagnosis, ...]:
        if not value:
            raise DossierIncomplete(
                "Укажите хотя бы один диагноз с кодом МКБ-10.", "Enter at least one diagnosis with an ICD-10 code."
            )
        return tuple(_diagnosis(entry, rows) for entry in value)

    def lacks(self, value: tuple[DiagnosisEntry, ...], rows: Rows) -> Iterator[Lack]:
        if not value:
            yield Lack("diagnosis0_icd", CODE_NEEDED)
        for number, entry in enumerate(value):
            if not entry.icd:
                yield Lack(f"diagnosis{number}_icd", CODE_NEEDED)
            elif rows.find(ICD, entry.icd) is None:
                yield Lack(f"diagnosis{number}_icd", CODE_UNKNOWN)


def _line(given: Mapping[str, str], number: int) -> dict[str, str]:
    parts = {part: given.get(f"diagnosis{number}_{part}", "").strip() for part in DiagnosisEntry.__struct_fields__}
    return {**parts, "icd": parts["icd"].upper()}


def _diagnosis(entry: DiagnosisEntry, rows: Rows) -> Diagnosis:
    icd = rows.get_choice(ICD, entry.icd, CODE)
    return Diagnosis(
        icd,
        rows.get_choice(KINDS, entry.kind, KIND),
        entry.text.strip() or icd.display,
        rows.get_choice_or_none(CHARACTERS, entry.character, CHARACTER),
    )
