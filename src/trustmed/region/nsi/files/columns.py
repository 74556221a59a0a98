"""Find which columns of a dictionary are the key, the code that documents carry, the name, and the parent's key."""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec

from trustmed.region.nsi.files.passport import Field, Passport
from trustmed.region.nsi.files.refusals import ColumnUnknown, KeyColumnUnknown, Where

WORD: Final = re.compile(r"\w+")
CODELIKE: Final = re.compile(r"^(ID|CODE|KOD|.*_ID|.*_CODE|ID_.*|CODE_.*|RECID|OID)$", re.IGNORECASE)
NAMELIKE: Final = ("NAME", "FULL_NAME", "FULLNAME", "NAME_FULL", "S_NAME")
TEXT_KINDS: Final = frozenset({"VARCHAR", "TEXT", "STRING"})


class Roles(msgspec.Struct, frozen=True):
    """The names of the columns. `parent` is None in a dictionary without levels."""

    key: str
    code: str
    name: str
    parent: str | None = None


class ColumnChoice(msgspec.Struct, frozen=True):
    """The columns a person has named; they override the passport."""

    key: str | None = None
    code: str | None = None
    name: str | None = None
    parent: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.key, self.code, self.name, self.parent)))


Notes = tuple[tuple[str, str], ...]


def roles_of(passport: Passport, columns: Sequence[str], choice: ColumnChoice, where: Where) -> tuple[Roles, Notes]:
    """Return the roles, and notes on what was chosen where the passport is silent.

    Raises KeyColumnUnknown, ColumnUnknown.
    """
    for column in choice.names:
        if column not in columns:
            raise ColumnUnknown(where, column, columns)
    key = choice.key or passport.key_column("PRIMARY")
    if key is None:
        raise KeyColumnUnknown(where, columns)
    known = {passport.oid, *(code.value for code in passport.codes)}
    code = choice.code or _known_column("code", known, columns) or key
    name = choice.name or passport.key_column("VALUE")
    notes: Notes = ()
    if name is None:
        name = _known_column("name", known, columns) or likely_name_column(passport, key)
        notes = (
            (f"имя в столбце {name}: в паспорте нет ключа VALUE", f"name in {name}: the passport has no VALUE key"),
        )
    parent = choice.parent or (passport.key_column("FOREIGN") if passport.hierarchical else None)
    roles = Roles(key, code, name, parent)
    for column in (key, code, name, *((parent,) if parent else ())):
        if column not in columns:
            raise ColumnUnknown(where, column, columns)
    return roles, notes


def likely_name_column(passport: Passport, key: str) -> str:
    """Return the text column most likely to be the name, by its own name, then by its title; otherwise the key."""
    texts = [field for field in passport.fields if field.field != key and (field.dataType or "VARCHAR") in TEXT_KINDS]
    about = _words(passport.fullName, passport.shortName)
    ranked = sorted(texts, key=lambda field: _rank(field, about))
    return ranked[0].field if ranked else key


def _rank(field: Field, about: frozenset[str]) -> tuple[int, ...]:
    name, title = field.field.upper(), (field.alias or "").lower()
    return (
        NAMELIKE.index(name) if name in NAMELIKE else len(NAMELIKE),
        0 if "наименование" in title or "название" in title else 1,
        0 if "полное" in title else 1,
        -len(_words(field.alias) & about),
        1 if CODELIKE.match(name) or "код" in title else 0,
        0 if "NAME" in name else 1,
    )


def _words(*texts: str | None) -> frozenset[str]:
    """Return the words cut to their first five letters, because Russian endings vary."""
    return frozenset(word[:5] for text in texts if text for word in WORD.findall(text.lower()) if len(word) > 1)


def _known_column(kind: str, oids: Iterable[str], columns: Sequence[str]) -> str | None:
    known = _exceptions()[kind]
    return next((known[oid] for oid in oids if oid in known and known[oid] in columns), None)


@cache
def _exceptions() -> Mapping[str, Mapping[str, str]]:
    content = tomllib.loads((files("trustmed.region.nsi.files") / "columns.toml").read_text("utf-8"))
    return {kind: {one["oid"]: one["column"] for one in content[kind]} for kind in ("code", "name")}
