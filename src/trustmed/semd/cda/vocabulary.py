"""The dictionary rows that the template of kind 119 names by itself.

A site that issues consultation protocols must hold `REQUIRED_ENTRIES`; what a doctor or a registrar chooses
(positions, ICD-10, sex, regions…) comes with the data and is listed in `FORM_DICTIONARIES`.
"""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import msgspec

from trustmed.errors import Broken
from trustmed.semd.model import Coded, Consultation

_RUSSIA: Final = "1.2.643.5.1.13.13"

DOCUMENTS: Final = f"{_RUSSIA}.11.1522"
CONFIDENTIALITY: Final = f"{_RUSSIA}.99.2.285"
PAYMENT_GROUNDS: Final = f"{_RUSSIA}.99.2.724"
EVENTS: Final = f"{_RUSSIA}.99.2.726"
SECTIONS: Final = f"{_RUSSIA}.99.2.197"
FIELDS: Final = f"{_RUSSIA}.99.2.166"

CONSULTATION: Final = (DOCUMENTS, "5")
CONFIDENTIALITY_NORMAL: Final = (CONFIDENTIALITY, "N")
"""Column CODE, which is HL7's own value, as documents in use have it; not the primary key."""
GROUND_OMS: Final = (PAYMENT_GROUNDS, "1")
EVENT_CONSULTATION: Final = (EVENTS, "1")

SECTION_CODES: Final = ("DOCINFO", "ANAM", "LANAM", "VITALPARAM", "RESCONS", "DGN", "REGIME")
"""Column CODE of dictionary 99.2.197 (the rules want it, not the primary key)."""

FIELD_CODES: Final = ("800", "801", "804", "805", "806", "807", "808", "809", "810", "7006")

REQUIRED_ENTRIES: Final[tuple[tuple[str, str], ...]] = (
    CONSULTATION,
    CONFIDENTIALITY_NORMAL,
    GROUND_OMS,
    EVENT_CONSULTATION,
    *((SECTIONS, code) for code in SECTION_CODES),
    *((FIELDS, code) for code in FIELD_CODES),
)
"""(OID of the dictionary, code) of every row that `build` looks up in `Consultation.dictionaries`."""

FORM_DICTIONARIES: Final[Mapping[str, str]] = {
    "visit": f"{_RUSSIA}.11.1007",
    "place": f"{_RUSSIA}.11.1008",
    "condition": f"{_RUSSIA}.11.1006",
    "referral": f"{_RUSSIA}.11.1009",
    "icd": f"{_RUSSIA}.11.1005",
    "diagnosis_kind": f"{_RUSSIA}.11.1077",
    "diagnosis_character": f"{_RUSSIA}.11.1049",
    "vital_sign": f"{_RUSSIA}.99.2.262",
    "unit": f"{_RUSSIA}.11.1358",
    "sex": f"{_RUSSIA}.11.1040",
    "region": f"{_RUSSIA}.99.2.206",
    "address_kind": f"{_RUSSIA}.11.1504",
    "identity_document": f"{_RUSSIA}.99.2.48",
    "policy": f"{_RUSSIA}.11.1035",
    "position": f"{_RUSSIA}.11.1002",
    "payment_source": f"{_RUSSIA}.11.1039",
    "payment_ground": PAYMENT_GROUNDS,
    "card_kind": f"{_RUSSIA}.99.2.723",
    "card_form": DOCUMENTS,
    "help_form": f"{_RUSSIA}.11.1551",
    "care": f"{_RUSSIA}.11.1034",
    "conditions": f"{_RUSSIA}.99.2.322",
}
"""The name of a choice on the page -> the dictionary it is made from."""


class EntryMissing(Broken):
    """The template needs a dictionary row that the site does not hold."""

    def __init__(self, oid: str, code: str) -> None:
        super().__init__(
            f"В справочнике {oid} нет кода «{code}», без него протокол консультации не собрать; загрузите справочник",
            f"Dictionary {oid} has no code {code!r}, which a consultation protocol needs; load the dictionary",
        )


def entry(c: Consultation, key: tuple[str, str]) -> Coded:
    """The row that the template names. Raises EntryMissing."""
    for coded in c.dictionaries:
        if (coded.system, coded.code) == key:
            return coded
    raise EntryMissing(*key)


def required(lookup: Callable[[str, str], Coded | None]) -> tuple[Coded, ...]:
    """All of `REQUIRED_ENTRIES` from `lookup(oid, code)`. Raises EntryMissing for the first that is not there."""
    found = []
    for oid, code in REQUIRED_ENTRIES:
        entry = lookup(oid, code)
        if entry is None:
            raise EntryMissing(oid, code)
        found.append(entry)
    return tuple(found)


def form_codes(rows: Callable[[str], Iterable[Coded]]) -> dict[str, tuple[Coded, ...]]:
    """For each name of `FORM_DICTIONARIES`, the rows of its dictionary that a person may choose: `rows(oid)`.

    ICD-10 is large at a working site: there a page searches it and asks `rows` for the rest.
    """
    return {
        name: tuple(coded for coded in rows(oid) if (oid, coded.code) != CONSULTATION)
        for name, oid in FORM_DICTIONARIES.items()
    }


class _Dictionary(msgspec.Struct, frozen=True):
    oid: str
    title: str
    version: str
    rows: tuple[tuple[str, str], ...]


class _Dictionaries(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    dictionary: tuple[_Dictionary, ...]


class DictionariesBroken(Broken):
    """A file of dictionary rows cannot be read."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"Файл справочников не читается: {reason}. Восстановите его из поставки.",
            f"The file of dictionaries cannot be read: {reason}. Restore it from the distribution.",
        )


def read_dictionaries(toml: str) -> tuple[Coded, ...]:
    """Rows of a file like `trustmed/embedded/dictionaries.toml`: [[dictionary]] oid, title, version, rows [code, name].

    Raises DictionariesBroken.
    """
    try:
        read = msgspec.convert(tomllib.loads(toml), _Dictionaries)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise DictionariesBroken(str(error)) from error
    return tuple(Coded(code, name, d.oid, d.title, d.version) for d in read.dictionary for code, name in d.rows)
