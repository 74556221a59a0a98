"""Households of the invented population: seeded, made in independent blocks, and always the same.

Everybody has a number, called their truth. Identifiers pass their check digits and never repeat.
"""

import datetime as dt
import random
from bisect import bisect
from collections.abc import Iterator, Sequence
from itertools import accumulate

import msgspec

from benchmarks.population.vocabulary import MEN, STREETS, SURNAMES, TOWNS, WOMEN, patronymic_of, surname_of
from trustmed.demo.content.people import luhn, snils
from trustmed.matching.card import Card

BLOCK = 20_000
_TODAY = dt.date(2026, 1, 1).toordinal()


def _steps(values: Sequence[str], power: float, offset: float) -> list[float]:
    return list(accumulate(1 / (rank + offset) ** power for rank in range(len(values))))


_SURNAME_STEPS = _steps(SURNAMES, 0.95, 12)
_MEN_STEPS = _steps(MEN, 1.15, 6)
_WOMEN_STEPS = _steps(WOMEN, 1.15, 6)


class Someone(msgspec.Struct, frozen=True):
    truth: int
    card: Card


def pick(chance: random.Random, values: Sequence[str], steps: list[float]) -> str:
    """Pick one of `values` by its share."""
    return values[bisect(steps, chance.random() * steps[-1])]


def surname(chance: random.Random) -> str:
    return pick(chance, SURNAMES, _SURNAME_STEPS)


def given_name(chance: random.Random, sex: int) -> str:
    return pick(chance, MEN, _MEN_STEPS) if sex == 1 else pick(chance, WOMEN, _WOMEN_STEPS)


def block(seed: int, number: int, size: int = BLOCK) -> Iterator[Someone]:
    """Yield `size` people of block `number`; their truths start at number * BLOCK."""
    chance = random.Random(f"{seed}:{number}")
    truth, last = number * BLOCK, number * BLOCK + size
    while truth < last:
        for card in household(chance):
            if truth == last:
                return
            yield Someone(truth, with_identifiers(chance, card, truth))
            truth += 1


def household(chance: random.Random) -> list[Card]:
    """Return people of one address, without identifiers: one alone, a couple, parents and children, an older one."""
    address = dwelling(chance)
    kind = chance.random()
    age = int(chance.triangular(22, 92, 40))
    family = surname(chance)
    head = adult(chance, 1 if kind > 0.3 or chance.random() < 0.45 else 2, family, age, address)
    members = [head]
    if kind <= 0.3:
        return members
    wife = adult(chance, 2, family if chance.random() < 0.85 else surname(chance), age - chance.randint(-4, 8), address)
    members.append(wife)
    if kind > 0.6:
        members += children(chance, head, wife, age, family, address)
    if kind > 0.92:
        older = adult(chance, 2, family, min(age + chance.randint(20, 34), 96), address)
        members.append(older)
    return members


def children(chance: random.Random, father: Card, mother: Card, age: int, family: str, address: str) -> list[Card]:
    born = _TODAY - int((age - chance.randint(20, 30)) * 365.25) + chance.randrange(-170, 170)
    eastern = chance.random() < 0.3
    found: list[Card] = []
    for _ in range(chance.choices((1, 2, 3, 4), (45, 38, 13, 4))[0]):
        if born > _TODAY - 5:
            break
        twin = bool(found) and chance.random() < 0.025
        if not twin and found:
            born += chance.randrange(400, 2200)
            if born > _TODAY - 5:
                break
        sex = chance.choice((1, 2))
        taken = {one.given_name for one in found}
        name = father.given_name if sex == 1 and chance.random() < 0.03 else given_name(chance, sex)
        while name in taken:
            name = given_name(chance, sex)
        grown = _TODAY - born > 18 * 365
        card = Card(
            surname=surname_of(family, sex),
            given_name=name,
            patronymic=patronymic_of(father.given_name, sex, eastern),
            birth_date=dt.date.fromordinal(born),
            sex=sex,
            phone=mobile(chance, 0.8) if grown else (mother.phone or father.phone),
            address=dwelling(chance) if grown and chance.random() < 0.6 else address,
        )
        found.append(card)
    return found


def adult(chance: random.Random, sex: int, family: str, age: int, address: str) -> Card:
    born = _TODAY - int(max(age, 18) * 365.25) - chance.randrange(365)
    date = dt.date.fromordinal(born)
    if chance.random() < 0.004:  # nobody knew the day
        date = date.replace(month=1, day=1)
    return Card(
        surname=surname_of(family, sex),
        given_name=given_name(chance, sex),
        patronymic=patronymic_of(given_name(chance, 1), sex, chance.random() < 0.3) if chance.random() < 0.98 else None,
        birth_date=date,
        sex=sex,
        phone=mobile(chance, 0.78),
        address=address if chance.random() < 0.92 else None,
    )


def with_identifiers(chance: random.Random, card: Card, truth: int) -> Card:
    """Return the card with its own numbers: СНИЛС and ЕНП for nearly all, a passport or a birth certificate."""
    years = (_TODAY - card.birth_date.toordinal()) / 365.25
    number = truth * 123_456_791 % 900_000_000
    if years >= 14:
        kind, series = "1", f"{92 if chance.random() < 0.8 else chance.randrange(10, 99)}{chance.randrange(100):02}"
    else:
        kind, series = "6", f"{chance.choice(('I', 'II', 'III'))}-{chance.choice(('КБ', 'АГ', 'БА', 'МЮ'))}"
    has_document = chance.random() < 0.85
    return msgspec.structs.replace(
        card,
        snils=snils(2_000_000 + number) if chance.random() < (0.97 if years >= 18 else 0.8) else None,
        enp=policy(card, number) if chance.random() < 0.98 else None,
        identity_kind=kind if has_document else None,
        identity_series=series if has_document else None,
        identity_number=f"{(truth * 7_919 + chance.randrange(7)) % 1_000_000:06}" if has_document else None,
    )


def policy(card: Card, number: int) -> str:
    born = card.birth_date
    month = born.month + (20 if born.year <= 1950 else 40 if born.year <= 2000 else 0)
    packed = f"{month:02}{born.year}{born.day + (50 if card.sex == 1 else 0):02}"
    body = f"{10 + number // 100_000 % 89:02}{packed}{number % 100_000:05}"
    return body + luhn(body)


def mobile(chance: random.Random, share: float) -> str | None:
    if chance.random() >= share:
        return None
    return f"+79{chance.randrange(1_000_000_000):09}"


def dwelling(chance: random.Random) -> str:
    """Return an address as the register writes it."""
    town = TOWNS[min(int(chance.expovariate(0.35)), len(TOWNS) - 1)]
    street = STREETS[chance.randrange(len(STREETS))]
    house = f"{chance.randint(1, 140)}{chance.choice('абв') if chance.random() < 0.06 else ''}"
    block = f", корп. {chance.randint(1, 4)}" if chance.random() < 0.07 else ""
    flat = f", кв. {chance.randint(1, 180)}" if chance.random() < 0.85 else ""
    return f"г. {town}, ул. {street}, д. {house}{block}{flat}"
