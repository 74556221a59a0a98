"""Dictionaries that documents refer to, and the rows that a document's template always needs.

A site that issues documents of a kind must hold the kind's rows. The rows that a doctor or a registrar chooses
(positions, ICD-10, sex, regions…) come with the data; `FORM_DICTIONARIES` lists their dictionaries.
"""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import msgspec

from trustmed.errors import Broken
from trustmed.semd.document import Coded, Dossier

Key = tuple[str, str]
"""A row of a dictionary: the dictionary's OID and the row's code."""

_RUSSIA: Final = "1.2.643.5.1.13.13"

DOCUMENTS: Final = f"{_RUSSIA}.11.1522"
CONFIDENTIALITY: Final = f"{_RUSSIA}.99.2.285"
PAYMENT_GROUNDS: Final = f"{_RUSSIA}.99.2.724"
EVENTS: Final = f"{_RUSSIA}.99.2.726"
SECTIONS: Final = f"{_RUSSIA}.99.2.197"
"""Documents name its rows by column CODE, as the rules require, not by the primary key."""
FIELDS: Final = f"{_RUSSIA}.99.2.166"

CONFIDENTIALITY_NORMAL: Final = (CONFIDENTIALITY, "N")
"""Column CODE, HL7's own value, which documents in use carry; not the primary key."""
GROUND_OMS: Final = (PAYMENT_GROUNDS, "1")

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
"""Name in the code -> OID of a dictionary with rows to choose. One that a single kind uses may stand in its file."""


class EntryMissing(Broken):
    """The template needs a dictionary row that the site does not hold."""

    def __init__(self, oid: str, code: str) -> None:
        super().__init__(
            f"В справочнике {oid} нет кода «{code}», без него документ не собрать; загрузите справочник",
            f"Dictionary {oid} has no code {code!r}, which the document needs; load the dictionary",
        )


def entry(d: Dossier[Any], key: Key) -> Coded:
    """Return the row that the template names. Raises EntryMissing."""
    for coded in d.dictionaries:
        if (coded.system, coded.code) == key:
            return coded
    raise EntryMissing(*key)


def required(keys: Iterable[Key], lookup: Callable[[str, str], Coded | None]) -> tuple[Coded, ...]:
    """Look up all `keys` by `lookup(oid, code)`. Raises EntryMissing for the first row that is not there."""
    found = []
    for oid, code in keys:
        entry = lookup(oid, code)
        if entry is None:
            raise EntryMissing(oid, code)
        found.append(entry)
    return tuple(found)


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
    """Parse a file like `trustmed/embedded/dictionaries.toml`: [[dictionary]] oid, title, version, rows [code, name].

    Raises DictionariesBroken.
    """
    try:
        read = msgspec.convert(tomllib.loads(toml), _Dictionaries)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise DictionariesBroken(str(error)) from error
    return tuple(Coded(code, name, d.oid, d.title, d.version) for d in read.dictionary for code, name in d.rows)
