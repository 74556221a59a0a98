"""A seeded generator of invented patients and staff, whose identifiers pass their checks."""

import datetime as dt
import random
from collections.abc import Iterator

import msgspec

from trustmed.patient.identifiers import snils_check_number

MEN = (
    "Александр Алексей Андрей Антон Борис Вадим Василий Виктор Виталий Владимир Григорий Дмитрий Евгений Егор Иван "
    "Игорь Илья Кирилл Константин Максим Михаил Николай Олег Павел Пётр Роман Сергей Степан Фёдор Юрий"
).split()
WOMEN = (
    "Алёна Александра Алла Анастасия Анна Валентина Валерия Вера Галина Дарья Евгения Екатерина Елена Зоя Инна Ирина "
    "Кира Ксения Лариса Любовь Людмила Марина Мария Надежда Наталья Ольга Полина Светлана Софья Татьяна"
).split()
FATHERS = (
    "Александр Алексей Андрей Борис Виктор Владимир Григорий Евгений Иван Игорь Константин Михаил Николай Олег Павел "
    "Пётр Сергей Степан Фёдор Юрий"
).split()
SURNAMES = (
    "Абрамов Берёзов Воробьёв Гаврилов Голубев Громов Данилов Ерёмин Жуков Зайцев Захаров Киселёв Климов Ковалёв "
    "Козлов Королёв Крылов Кузьмин Лебедев Логинов Макаров Медведев Мельников Орехов Панов Поляков Романов Рябов "
    "Савельев Семёнов Соловьёв Тарасов Титов Успенцев Филатов Чернов Шестаков Щербаков Юдин Яшин"
).split()
STREETS = "Садовая Школьная Лесная Полевая Речная Мира Новая Заречная Луговая Берёзовая".split()


class Someone(msgspec.Struct, frozen=True):
    """A generated person; `sex` is 1 for a man, 2 for a woman (dictionary 1040)."""

    surname: str
    given_name: str
    patronymic: str
    sex: int
    birth_date: dt.date
    snils: str
    enp: str
    phone: str
    address: str


def people(seed: int) -> Iterator[Someone]:
    """Yield people without end, the same for the same seed; СНИЛС never repeats within a stream."""
    chance = random.Random(seed)  # noqa: S311 repeatable people, not secrets
    for number in range(seed * 100_000, 990_000_000):
        yield _someone(chance, number)


def _someone(chance: random.Random, number: int) -> Someone:
    sex = chance.choice((1, 2))
    born = dt.date(1935, 1, 1) + dt.timedelta(days=chance.randrange(85 * 365))
    surname = chance.choice(SURNAMES)
    return Someone(
        surname=surname if sex == 1 else surname + "а",
        given_name=chance.choice(MEN if sex == 1 else WOMEN),
        patronymic=patronymic(chance.choice(FATHERS), sex),
        sex=sex,
        birth_date=born,
        snils=snils(10_000_000 + number),
        enp=enp(born, sex, number),
        phone=f"+7 000 {chance.randrange(1000):03}-{chance.randrange(100):02}-{chance.randrange(100):02}",
        address=f"ул. {chance.choice(STREETS)}, д. {chance.randrange(1, 120)}, кв. {chance.randrange(1, 90)}",
    )


def patronymic(father: str, sex: int) -> str:
    """Return the patronymic of a child of `father`."""
    ending = ("ич", "на") if father[-1] in "ья" else ("ович", "овна")
    if father == "Илья":
        return "Ильич" if sex == 1 else "Ильинична"
    if father.endswith("й"):
        stem, ending = father[:-2] + ("ье" if father[-2] == "и" else father[-2] + "е"), ("вич", "вна")
    elif father.endswith("ь"):
        stem, ending = father[:-1] + "е", ("вич", "вна")
    elif father == "Пётр":
        stem = "Петр"
    elif father == "Павел":
        stem = "Павл"
    else:
        stem = father
    return stem + ending[sex - 1]


def snils(number: int) -> str:
    """Return the СНИЛС of `number` (nine digits, above 001001998) with its check number."""
    digits = f"{number:09}"
    return f"{digits}{snils_check_number(digits):02}"


def enp(born: dt.date, sex: int, number: int) -> str:
    """Return a unified policy number: sixteen digits, birth date and sex in digits 3-10, Luhn's check digit last."""
    month = born.month + (20 if born.year <= 1950 else 40 if born.year <= 2000 else 0)
    day = born.day + (50 if sex == 1 else 0)
    packed = "".join(str(9 - int(digit)) for digit in f"{month:02}{str(born.year)[::-1]}{day:02}")
    body = f"77{packed}{number % 100_000:05}"
    return body + luhn(body)


def luhn(body: str) -> str:
    """Return the check digit that makes `body` pass Luhn's test."""
    total = 0
    for index, digit in enumerate(reversed(body)):
        doubled = int(digit) * (2 if index % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)
