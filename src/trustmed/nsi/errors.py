"""Refusals of a lookup."""

import datetime as dt

from trustmed.errors import InputRefused, NotFound
from trustmed.nsi.model import LONGEST_LINE


class DictionaryUnknown(NotFound):
    """There is no dictionary with this OID."""

    def __init__(self, oid: str) -> None:
        super().__init__(
            f"Справочника {oid[:100]} здесь нет. Выберите справочник из списка или проверьте OID.",
            f"There is no dictionary {oid[:100]} here. Choose one from the list or check the OID.",
        )


class NoVersionThen(NotFound):
    """The dictionary has no version in force on this day."""

    def __init__(self, oid: str, on: dt.date | None) -> None:
        when = (f" на {on:%d.%m.%Y}", f" on {on.isoformat()}") if on else ("", "")
        super().__init__(
            f"У справочника {oid} нет действующей версии{when[0]}. Укажите другой день или опубликуйте версию.",
            f"Dictionary {oid} has no version in force{when[1]}. Name another day or publish a version.",
        )


class EntryUnknown(NotFound):
    """This version of the dictionary has no such row."""

    def __init__(self, oid: str, version: str, key: str) -> None:
        super().__init__(
            f"В справочнике {oid} версии {version} нет записи «{key[:100]}». Найдите её поиском.",
            f"Dictionary {oid}, version {version}, has no row {key[:100]!r}. Search for it.",
        )


class LineTooLong(InputRefused):
    """The query is longer than a search accepts."""

    def __init__(self, length: int) -> None:
        super().__init__(
            f"Слишком длинный запрос: символов {length}, допускается до {LONGEST_LINE}. Оставьте главные слова.",
            f"The query is too long: {length} characters, at most {LONGEST_LINE}. Keep the words that matter.",
        )


class ParentWithoutDictionary(InputRefused):
    """Rows under a row are asked for without naming the dictionary."""

    def __init__(self) -> None:
        super().__init__(
            "Записи под записью ищут в одном справочнике: укажите его OID.",
            "Rows under a row are looked up within one dictionary: name its OID.",
        )
