"""Slips of clerks and patients in names, dates and numbers, by tables of the generator's own, not the matcher's."""

import datetime as dt
import random
from collections.abc import Sequence
from typing import Final

_ROWS: Final = ("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю")
NEIGHBOURS: Final = {
    letter: (row[at - 1] if at else "") + (row[at + 1] if at + 1 < len(row) else "")
    for row in _ROWS
    for at, letter in enumerate(row)
}
_HEARD: Final = (
    "о:а а:о е:и и:е я:е и:ы в:ф ф:в б:п п:б д:т т:д з:с с:з г:к ж:ш нн:н н:нн лл:л сс:с тс:ц дц:ц сч:щ ш:щ щ:ш ь: ъ: "
    "ье:ие ия:ья ей:ий ю:у й:и э:е чн:шн стн:сн ого:ово"
).split(" ")
_SEEN: Final = "ш:щ и:н н:п л:п е:с т:г а:о м:ш".split()  # misread from a written card
_LAYOUT: Final = dict(zip("йцукенгшщзхъфывапролджэячсмитьбюё", "qwertyuiop[]asdfghjkl;'zxcvbnm,.`", strict=True))
_PASSPORT: Final = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        "a b v g d e e zh z i i k l m n o p r s t u f kh ts ch sh shch ie y _ e iu ia".split(),
        strict=True,
    )
)
_FREE: Final = {
    **_PASSPORT,
    "й": "y",
    "ю": "yu",
    "я": "ya",
    "ё": "yo",
    "х": "h",
    "ц": "c",
    "ъ": "",
    "щ": "sch",
    "ы": "y",
}
# Short, fond and other forms; several names may share one.
_FORMS: Final = """
Александр:Саша,Саня,Шура,Алекс,Сашок,Шурик,Санька,Саныч,Искандер
Дмитрий:Дима,Митя,Димон,Димитрий,Димочка,Дмитро
Сергей:Серёжа,Серёга,Серж,Сергий,Серёженька
Андрей:Андрюша,Дрон,Андрюшка,Эндрю
Алексей:Лёша,Алёша,Лёха,Алексий,Лёшенька
Максим:Макс,Максимка,Максимилиан
Иван:Ваня,Ванюша,Иванушка,Иоанн
Михаил:Миша,Мишаня,Михайло,Мишенька
Евгений:Женя,Жека,Евген,Женечка
Владимир:Вова,Володя,Вовка,Вовочка
Артём:Тёма,Артемий,Артёмка,Тёмочка
Николай:Коля,Николаша,Колян,Колюня
Кирилл:Кирюша,Кирил,Кирюха
Егор:Георгий,Егорушка,Гоша,Егорка
Илья:Илюша,Ильюша,Илюшенька
Роман:Рома,Ромка,Ромочка
Никита:Никитка,Ник,Никитушка
Павел:Паша,Павлик,Пашенька
Антон:Антоша,Тоша,Тоня,Антошка
Виктор:Витя,Витёк,Витенька
Денис:Дениска,Дэн,Деня
Олег:Олежка,Олежа,Лега
Игорь:Игорёк,Гарик,Игорёша
Юрий:Юра,Юрик,Юрочка,Георгий
Даниил:Данил,Даня,Данила,Данечка,Данька
Матвей:Матюша,Мотя,Матвейка
Тимофей:Тима,Тимоша,Тимка
Анатолий:Толя,Толик,Толян
Валерий:Валера,Валерик,Лера
Василий:Вася,Василёк,Васенька
Константин:Костя,Костик,Костян
Вадим:Вадик,Вадя,Вадимка
Владислав:Влад,Владик,Слава
Виталий:Виталик,Виталя,Виталька
Вячеслав:Слава,Славик,Славян
Станислав:Стас,Стасик,Слава
Григорий:Гриша,Гришаня,Гриня
Пётр:Петя,Петруша,Петро,Петенька
Леонид:Лёня,Лёнчик,Лёнька
Борис:Боря,Борька,Боренька
Геннадий:Гена,Генаша,Геша
Фёдор:Федя,Федюня,Теодор
Семён:Сёма,Сеня,Симеон
Георгий:Гоша,Жора,Егор,Гога,Гера
Степан:Стёпа,Степаша,Стёпушка
Арсений:Арсен,Сеня,Арсюша
Святослав:Слава,Свят,Светик
Ярослав:Ярик,Слава,Ярый
Эдуард:Эдик,Эдя,Эд
Тимур:Тима,Тимурчик,Темур
Марат:Маратик,Мара
Рустам:Рустем,Рустик
Ринат:Ренат,Риня
Магомед:Мухаммад,Мага,Магомет
Елена:Лена,Леночка,Алёна,Ленуся,Еленочка
Анна:Аня,Анечка,Нюра,Анюта,Нюся,Ганна
Ольга:Оля,Оленька,Олюшка,Лёля
Татьяна:Таня,Танечка,Танюша,Татиана
Наталья:Наташа,Наталия,Ната,Натуля,Наталочка
Екатерина:Катя,Катюша,Катерина,Катенька,Катрин
Мария:Маша,Машенька,Маруся,Марья,Маня,Мэри
Анастасия:Настя,Настенька,Ася,Стася,Настасья,Настюша
Ирина:Ира,Ирочка,Иришка,Арина
Светлана:Света,Светочка,Лана,Светик
Юлия:Юля,Юленька,Юльча,Юлиана
Александра:Саша,Шура,Сашенька,Алекса
Дарья:Даша,Дашенька,Дария,Дашуня
Виктория:Вика,Викуся,Виктория-Анна,Тори
Ксения:Ксюша,Оксана,Ксеня,Аксинья
Марина:Мариша,Маринка,Мара
Галина:Галя,Галочка,Галюся
Людмила:Люда,Люся,Мила,Людочка
Надежда:Надя,Наденька,Надюша
Валентина:Валя,Валечка,Валюша
Евгения:Женя,Женечка,Евгеша
Любовь:Люба,Любаша,Любушка
Нина:Ниночка,Нинуля
Полина:Поля,Полинка,Полюшка,Аполлинария
Алина:Аля,Алинка,Линочка
Елизавета:Лиза,Лизонька,Лизавета,Елизавет
Кристина:Кристя,Кристи,Христина
Вера:Верочка,Веруня
Оксана:Ксана,Оксанка,Ксения,Аксана
Алёна:Елена,Алёнка,Лёна,Алёнушка
Лариса:Лара,Ларочка,Лорик
София:Софья,Соня,Софа,Сонечка,Софочка
Тамара:Тома,Томочка,Тамарочка
Вероника:Ника,Вера,Вероничка
Валерия:Лера,Лерочка,Валера
Диана:Дианочка,Ди,Диночка
Лидия:Лида,Лидочка,Лидуша
Антонина:Тоня,Тонечка,Антося
Варвара:Варя,Варенька,Варюша
Арина:Ариша,Ира,Иришка
Ульяна:Уля,Ульяша,Юлиана
Маргарита:Рита,Марго,Ритуля
Раиса:Рая,Раечка
Зинаида:Зина,Зинуля
Таисия:Тася,Таисья,Тая
Василиса:Вася,Лиса,Васёна
Лилия:Лиля,Лиля,Лилечка
Мадина:Мадиночка,Мади
Гульнара:Гуля,Гульнур,Гулечка
Айгуль:Гуля,Айгулька
Патимат:Фатима,Пати
Мариам:Мария,Марьям,Мариаша
"""
FORMS: Final = {
    full: forms.split(",") for full, _, forms in (line.partition(":") for line in filter(None, _FORMS.splitlines()))
}
_PATRONYMIC_FORMS: Final = (
    ("инична", "инишна"),
    ("ьевич", "иевич"),
    ("иевич", "ьевич"),
    ("ьевна", "иевна"),
    ("иевна", "ьевна"),
    ("ович", "ыч"),
    ("евич", "ич"),
    ("овна", "вна"),
    ("евна", "вна"),
    (" оглы", "ович"),
    (" кызы", "овна"),
)


def slip(chance: random.Random, word: str) -> str:
    """Make one slip of hand, ear or eye."""
    if len(word) < 3:
        return word
    kind = chance.random()
    if kind < 0.4:
        heard = _replace_alike(chance, word, _HEARD)
        if heard != word:
            return heard
    elif kind < 0.46:
        seen = _replace_alike(chance, word, _SEEN)
        if seen != word:
            return seen
    at = chance.randrange(1, len(word))
    kind = chance.random()
    if kind < 0.28 and at + 1 < len(word):
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind < 0.55:
        near = NEIGHBOURS.get(word[at].lower(), "")
        return word[:at] + (chance.choice(near) if near else "") + word[at + 1 :]
    if kind < 0.75:
        return word[:at] + word[at + 1 :]
    if kind < 0.92:
        return word[:at] + word[at] + word[at:]
    near = NEIGHBOURS.get(word[at].lower(), "")
    return word[:at] + (chance.choice(near) if near else "") + word[at:]


def _replace_alike(chance: random.Random, word: str, table: Sequence[str]) -> str:
    pairs = [pair.split(":") for pair in table]
    fitting = [(old, new) for old, new in pairs if old in word[1:]]
    if not fitting:
        return word
    old, new = chance.choice(fitting)
    at = word.index(old, 1)
    return word[:at] + new + word[at + len(old) :]


def other_form(chance: random.Random, name: str) -> str:
    """Return another form of a given name; the name itself if it has none."""
    forms = FORMS.get(name)
    return chance.choice(forms) if forms else name


def other_patronymic(chance: random.Random, patronymic: str) -> str:
    fitting = [(old, new) for old, new in _PATRONYMIC_FORMS if patronymic.endswith(old)]
    if not fitting:
        return patronymic
    old, new = chance.choice(fitting)
    return patronymic[: -len(old)] + new


def layout(word: str) -> str:
    """Return the word as typed with the other keyboard layout on."""
    typed = "".join(_LAYOUT.get(letter, letter) for letter in word.lower())
    return typed[:1].upper() + typed[1:]


def latin(word: str, free: bool) -> str:
    """Return the word in Latin letters, as in a travel passport or, if `free`, as people write it themselves."""
    table = _FREE if free else _PASSPORT
    text = "".join(table.get(letter, letter) for letter in word.lower()).replace("_", "")
    if free and text.endswith("iy"):
        text = text[:-2] + "y"
    return text[:1].upper() + text[1:]


def date_slip(chance: random.Random, date: dt.date, kind: str) -> dt.date:
    """Mistake a date in one way: "swap", "digit", "round", "year"; return the same one if that gives no date."""
    try:
        if kind == "swap":
            return dt.date(date.year, date.day, date.month)
        if kind == "round":
            return dt.date(date.year, 1, 1)
        if kind == "year":
            return date.replace(year=date.year + chance.choice((-2, -1, -1, 1, 1, 2, 10, -10)))
        text = list(f"{date:%d%m%Y}")
        text[chance.choice((0, 1, 1, 1, 2, 3, 3, 6, 7, 7))] = str(chance.randrange(10))
        digits = "".join(text)
        return dt.date(int(digits[4:]), int(digits[2:4]), int(digits[:2]))
    except ValueError:
        return date


def number_slip(chance: random.Random, number: str) -> str:
    """Change one digit or swap two; the length stays."""
    at = chance.randrange(len(number) - 1)
    if chance.random() < 0.4:
        return number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    return number[:at] + str((int(number[at]) + chance.randint(1, 9)) % 10) + number[at + 1 :]
