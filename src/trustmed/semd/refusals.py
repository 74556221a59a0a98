"""Why a document cannot be built. The errors name the field, so that the person who filled it in finds it."""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from trustmed.errors import InputRefused

FIELD_NAMES: Final = {
    "patient.snils": "СНИЛС пациента",
    "patient.policy": "Полис ОМС пациента",
    "patient.address": "Адрес проживания пациента",
    "patient.phone": "Телефон пациента",
}
"""Russian names of the fields that every kind has. A kind names the fields of its own form; a field without a name is
called by its path."""

# What XML 1.0 cannot carry (https://www.w3.org/TR/xml/#charsets), even escaped.
FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class FieldRefused(InputRefused):
    """A field's value cannot go into the document; `field` is its path, as "form.complaints".

    `name` is what the page calls the field, if the caller knows it.
    """

    def __init__(self, field: str, ru: str, en: str, name: str | None = None) -> None:
        super().__init__(f"Поле «{name or FIELD_NAMES.get(field, field)}»: {ru}", f"Field {field}: {en}")
        self.field = field
        self.reason = ru, en


class DossierIncomplete(InputRefused):
    """Neither the card, the form nor the dictionaries hold something the document needs."""


def refuse_unwritable(value: msgspec.Struct) -> None:
    """Refuse `value` if any string in it is blank or holds a character that XML forbids.

    Raises FieldRefused naming the first field that is wrong.
    """
    for field, text in _strings(value, ""):
        if not text.strip():
            raise FieldRefused(field, "пусто; заполните его или не передавайте вовсе", "blank; fill it or leave it out")
        if found := FORBIDDEN.search(text):
            where = f"U+{ord(found[0]):04X}"
            raise FieldRefused(
                field,
                f"недопустимый символ {where} в позиции {found.start() + 1}; удалите его",
                f"character {where} at position {found.start() + 1} is not allowed; delete it",
            )


def _strings(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from _strings(getattr(value, name), f"{path}.{name}" if path else name)
    elif isinstance(value, tuple):
        for number, item in enumerate(value, start=1):
            yield from _strings(item, f"{path}[{number}]")
