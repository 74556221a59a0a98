"""Given names: full names of short and other forms, and the sex they tell."""

from functools import cache, lru_cache
from typing import Final

from trustmed.matching.spelling.given_names import MEN, WOMEN

# Surnames and patronymics that only serve to show which letters follow which.
_SAMPLES: Final = (
    "Абрамов Агапов Аксёнов Андреев Багров Беляев Бобылёв Быков Власов Воробьёв Гаврилюк Голубев Гришин Гущин Дьяков "
    "Ершов Жданов Журавлёв Зайцев Зуев Ибрагимов Игнатьев Казаков Кириченко Киселёв Козлов Крюков Кузьмин Лаптев "
    "Лукьянов Львов Мамедов Мельниченко Мясников Нечаев Никифоров Овчинников Павлюк Пащенко Полякова Пшеничный "
    "Рябинин Сафиуллин Свиридов Синицын Соболевский Соловьёва Тихонов Трубецкая Уваров Фомичёв Хабибуллин Хохлов "
    "Цветков Чайковский Черных Шевчук Шишкин Щербаков Щукин Юсупов Якушев Яшин Петренко Гречко Шульц Вагнер Оганесян "
    "Иванович Сергеевич Юрьевич Ильич Кузьмич Никитична Андреевна Ильинична Фёдоровна Геннадьевна Яковлевич Львовна"
).split()

_FOND_ENDINGS: Final = (
    "ушенька юшенька очек ечек ышко ушка юшка очка ечка енька онька анька инька уська юська улька юлька ушок юшок "
    "уня юня уля юля уся юся уша юша аша яша ёша оша ика ик ок ек ёк чик ка уха юха иня аня яня ей ян ул ша ня"
).split()


def plain(text: str) -> str:
    """Return text in lower case, with ё as е."""
    return text.casefold().replace("ё", "е")


def is_known(name: str) -> bool:
    """Whether the table has the name in any form; `name` is plain."""
    return name in _table()


def bases(name: str) -> tuple[str, ...]:
    """Return the full names that a plain name may stand for, sorted; empty if the table has neither it nor its stem."""
    found = _table().get(name)
    return found[0] if found else _fond(name)


@lru_cache(1 << 14)
def _fond(name: str) -> tuple[str, ...]:
    """Return the full names of a fond form that is not in the table, by its stem: Дашуня as Даша, Витенька as Витя."""
    table = _table()
    for ending in _FOND_ENDINGS:
        stem = name.removesuffix(ending)
        if stem != name and len(stem) >= 2:
            shorts = [short for short in (stem + "а", stem + "я", stem, stem + "ь") if short in table]
            if shorts:
                return tuple(sorted({base for short in shorts for base in table[short][0]}))
    return ()


def sex_of(name: str) -> int:
    """Return 1 if only men have a plain name, 2 if only women have it, else 0."""
    return _table().get(name, ((), 0))[1]


@cache
def letter_pairs() -> frozenset[str]:
    """Return the pairs of letters that occur in names; ^ and $ stand for the beginning and the end."""
    marked = [f"^{name}$" for name in (*_table(), *(plain(surname) for surname in _SAMPLES))]
    return frozenset(name[at : at + 2] for name in marked for at in range(len(name) - 1))


@cache
def _table() -> dict[str, tuple[tuple[str, ...], int]]:
    """Return, for every plain form of a name, its full names and the sex it tells (0 if both)."""
    found: dict[str, tuple[set[str], set[int]]] = {}
    for sex, lines in ((1, MEN), (2, WOMEN)):
        for line in filter(None, lines.splitlines()):
            full, _, short = plain(line).partition(":")
            usual, *others = full.replace("=", " ").split()
            for form in (usual, *others, *short.split()):
                of, sexes = found.setdefault(form, (set(), set()))
                of.add(usual)
                sexes.add(sex)
    return {
        form: (tuple(sorted(of)), next(iter(sexes)) if len(sexes) == 1 else 0) for form, (of, sexes) in found.items()
    }
