"""Patients to look for, with known truth: people of the register as a clerk enters them, and people who look like them.

Shares: 70 % of the register, 16 % new, 12.5 % new but hard (brothers and sisters, twins, parents of one name,
namesakes, namesakes of one birth date), 1 % newborns, 0.5 % unknown. "typical" makes every error at its own rate;
"hard" 2.2 times as often, and has neither СНИЛС nor ЕНП nor document at all.
"""

import datetime as dt
import random
from collections.abc import Callable, Sequence
from typing import Final, Literal

import msgspec

from benchmarks.population import slips
from benchmarks.population.people import Someone, block, dwelling, given_name, mobile, surname, with_identifiers
from benchmarks.population.vocabulary import patronymic_of, surname_of
from trustmed.matching.card import Card

Difficulty = Literal["typical", "hard"]
HARDER: Final = 2.2
NEW_BLOCK: Final = 100_000  # blocks from here on are of people whom the register does not have
_HARD_KINDS: Final = ("sibling", "twin", "parent", "namesake", "double")
_HARD_SHARES: Final = (36, 24, 16, 22, 2)  # doubles are far rarer in life; nothing but a number tells them apart


class Query(msgspec.Struct, frozen=True):
    """`truth` is the person's number, None if the register does not have them. `kind` tells mistakes apart."""

    card: Card
    truth: int | None
    kind: str


def queries(
    seed: int, register: Callable[[int], Someone], persons: int, count: int, difficulty: Difficulty
) -> list[Query]:
    """Make `count` queries; `register` gives the person of a number below `persons`."""
    chance = random.Random(f"queries:{seed}:{difficulty}")
    fresh = block(seed, NEW_BLOCK + (difficulty == "hard"), count)
    noise = Noise(chance, 1.0 if difficulty == "typical" else HARDER, difficulty == "hard")
    found: list[Query] = []
    for _ in range(count):
        kind = chance.choices(("known", "new", "hard", "newborn", "unknown"), (70, 16, 12.5, 1, 0.5))[0]
        stranger = next(fresh)
        if kind == "new":
            found.append(Query(noise(stranger.card), None, kind))
            continue
        someone = register(chance.randrange(persons))
        if kind == "known":
            found.append(Query(noise(someone.card), someone.truth, kind))
        elif kind == "hard":
            which = chance.choices(_HARD_KINDS, _HARD_SHARES)[0]
            card = with_identifiers(chance, look_alike(chance, someone.card, which), stranger.truth)
            found.append(Query(noise(card), None, which))
        else:
            found.append(Query(nameless_card(chance, someone.card, kind, noise), None, kind))
    return found


def look_alike(chance: random.Random, card: Card, kind: str) -> Card:
    """Return a person other than `card`'s, alike in the way of `kind`, without identifiers."""
    bare = msgspec.structs.replace(
        card, snils=None, enp=None, identity_kind=None, identity_series=None, identity_number=None
    )
    if kind == "namesake":
        return msgspec.structs.replace(
            bare, birth_date=_other_date(chance), phone=mobile(chance, 0.75), address=dwelling(chance)
        )
    if kind == "double":
        return msgspec.structs.replace(bare, phone=mobile(chance, 0.75), address=dwelling(chance))
    phone = card.phone if chance.random() < 0.5 else mobile(chance, 0.75)
    if kind == "parent":
        years = chance.randint(19, 38)
        date = card.birth_date - dt.timedelta(days=int(years * 365.25) + chance.randrange(-180, 180))
        if date.year < 1926:
            date = card.birth_date + dt.timedelta(days=int(years * 365.25))
        date = min(date, dt.date(2025, 12, 20))
        father = patronymic_of(given_name(chance, 1), card.sex, False)
        name = card.given_name if chance.random() < 0.6 else given_name(chance, card.sex)
        return msgspec.structs.replace(bare, given_name=name, patronymic=father, birth_date=date, phone=phone)
    sex = chance.choice((1, 2))
    base = _man_surname(card)
    name = given_name(chance, sex)
    while name == card.given_name:
        name = given_name(chance, sex)
    date = card.birth_date
    if kind == "sibling":
        date += dt.timedelta(days=chance.choice((-1, 1)) * chance.randrange(330, 3300))
    return msgspec.structs.replace(
        bare,
        surname=surname_of(base, sex),
        given_name=name,
        patronymic=_patronymic_for_sex(card.patronymic, card.sex, sex),
        birth_date=min(date, dt.date(2025, 12, 20)),
        sex=sex,
        phone=phone,
    )


def nameless_card(chance: random.Random, card: Card, kind: str, noise: "Noise") -> Card:
    """Return a newborn under the mother's surname and, often, policy; or a patient whom nobody knows."""
    if kind == "unknown":
        year = chance.randrange(1945, 2000)
        return Card(
            surname=chance.choice(("Неизвестный", "Неизвестная", "НЕИЗВ", "Неустановлен", "Бомж", "unknown")),
            given_name=chance.choice(("Неизвестный", "-", "Неизвестно", "Не установлено", "X")),
            birth_date=dt.date(year, 1, 1),
            sex=chance.choice((1, 2, 3)),
        )
    sex = chance.choice((1, 2))
    return Card(
        surname=noise.surname(card.surname, 2),
        given_name=chance.choice(
            ("Новорожденный", "новорожд.", "Мальчик" if sex == 1 else "Девочка", "Ребёнок", "Плод 1")
        ),
        birth_date=dt.date(2025, 1, 1) + dt.timedelta(days=chance.randrange(360)),
        sex=sex,
        enp=card.enp if chance.random() < 0.5 and not noise.bare else None,
        phone=card.phone,
        address=card.address,
    )


class Noise:
    """Makes a clerk's card of a true one. `bare`: no identifiers at all."""

    def __init__(self, chance: random.Random, times: float, bare: bool) -> None:
        self.chance, self.times, self.bare = chance, times, bare

    def happens(self, share: float) -> bool:
        return self.chance.random() < share * self.times

    def __call__(self, card: Card) -> Card:
        chance = self.chance
        surname, name = self.surname(card.surname, card.sex), self.name(card.given_name)
        patronymic = self.patronymic(card.patronymic)
        if self.happens(0.006):
            surname, name = name, surname
        elif patronymic and self.happens(0.003):
            name, patronymic = patronymic, name
        elif patronymic and self.happens(0.003):
            name, patronymic = f"{name} {patronymic}", None
        if self.happens(0.008):
            free = chance.random() < 0.5
            surname, name, patronymic = (slips.latin(one, free) if one else one for one in (surname, name, patronymic))
        elif self.happens(0.005):
            surname, name, patronymic = (slips.layout(one) if one else one for one in (surname, name, patronymic))
        number = self.number
        document = not self.bare and chance.random() > 0.35 * min(self.times, 1.5)
        return msgspec.structs.replace(
            card,
            surname=surname,
            given_name=name,
            patronymic=patronymic,
            birth_date=self.date(card.birth_date),
            sex=self.sex(card.sex),
            snils=None if self.bare else number(card.snils),
            enp=None if self.bare else number(card.enp),
            identity_kind=card.identity_kind if document else None,
            identity_series=card.identity_series if document else None,
            identity_number=number(card.identity_number, 0.0, 0.06) if document else None,
            phone=self.phone(card.phone),
            address=self.address(card.address),
        )

    def surname(self, text: str, sex: int) -> str:
        chance = self.chance
        if sex == 2 and self.happens(0.04):
            text = surname_of(surname(chance), 2)
        if sex == 2 and self.happens(0.01):
            other = surname_of(surname(chance), 2)
            text = chance.choice((f"{text}-{other}", f"{other}-{text}", f"{text} {other}"))
        elif self.happens(0.002):
            text = surname_of(text, 2) if sex == 1 else text.removesuffix("а")
        if "ё" in text and self.happens(0.5):
            text = text.replace("ё", "е")
        if self.happens(0.05):
            text = slips.slip(chance, text)
            if self.happens(0.03):
                text = slips.slip(chance, text)
        if self.happens(0.01):
            text = chance.choice((text.upper(), f" {text}", text.lower()))
        return text

    def name(self, text: str) -> str:
        chance = self.chance
        if self.happens(0.03):
            text = slips.other_form(chance, text)
        if "ё" in text and self.happens(0.5):
            text = text.replace("ё", "е")
        if self.happens(0.035):
            text = slips.slip(chance, text)
        if self.happens(0.002):
            text = f"{text[0]}."
        return text

    def patronymic(self, text: str | None) -> str | None:
        if text is None or self.happens(0.03):
            return None
        if self.happens(0.01):
            text = slips.other_patronymic(self.chance, text)
        if self.happens(0.04):
            text = slips.slip(self.chance, text)
        if self.happens(0.002):
            text = f"{text[0]}."
        return text

    def date(self, date: dt.date) -> dt.date:
        for kind, share in (("swap", 0.006), ("digit", 0.012), ("round", 0.004), ("year", 0.006)):
            if self.happens(share):
                return slips.date_slip(self.chance, date, kind)
        return _other_date(self.chance) if self.happens(0.0015) else date

    def sex(self, sex: int) -> int:
        if self.happens(0.003):
            return 3 - sex
        return 3 if self.happens(0.005) else sex

    def number(self, text: str | None, missing: float = 0.3, other: float = 0.0) -> str | None:
        if text is None or self.happens(missing):
            return None
        if self.happens(0.005):
            return slips.number_slip(self.chance, text)
        if other and self.happens(other):  # a new passport
            return f"{self.chance.randrange(1_000_000):06}"
        return text

    def phone(self, text: str | None) -> str | None:
        chance = self.chance
        if text is None or self.happens(0.12):
            return mobile(chance, 0.7)
        if self.happens(0.15):
            return mobile(chance, 0.9)
        if self.happens(0.01):
            return chance.choice(("+79999999999", "0", "111111", "+71111111111", "нет"))
        if self.happens(0.004):
            text = slips.number_slip(chance, text[1:])
        digits = "".join(letter for letter in text if letter.isdigit())[-10:]
        code, first, second, third = digits[:3], digits[3:6], digits[6:8], digits[8:]
        forms = (
            f"+7{digits}",
            f"8{digits}",
            f"8 ({code}) {first}-{second}-{third}",
            f"+7 {code} {first} {second} {third}",
        )
        form = chance.choice(forms)
        return f"{form}, 8(843){chance.randrange(2_000_000, 2_999_999)}" if self.happens(0.03) else form

    def address(self, text: str | None) -> str | None:
        chance = self.chance
        if text is None or self.happens(0.08):
            return dwelling(chance) if chance.random() < 0.5 else None
        if self.happens(0.15):
            return dwelling(chance)
        if self.happens(0.005):
            return chance.choice(("нет", "б/о", "БОМЖ", "не указан"))
        if self.happens(0.03):
            text = slips.slip(chance, text)
        return restyle(chance, text)


def restyle(chance: random.Random, address: str) -> str:
    """Return the same address as another program or clerk writes it."""
    style = chance.randrange(6)
    town, street, rest = address.split(", ", 2) if address.count(", ") >= 2 else (address, "", "")
    if style < 2 or not rest:
        return address
    name, house = street.removeprefix("ул. "), rest.replace("д. ", "").replace("корп. ", "к").replace("кв. ", "")
    if style == 2:
        return f"{town.removeprefix('г. ')}, {name}, {house}"
    if style == 3:
        return f"420{chance.randrange(1000):03}, Респ. Татарстан, {town.removeprefix('г. ')} г, {name} ул, {rest}"
    if style == 4:
        return f"{town.replace('г. ', 'г.')},ул.{name},{rest.replace('д. ', 'д.').replace('кв. ', 'кв.')}".replace(
            ", ", ","
        )
    return f"улица {name}, дом {rest.removeprefix('д. ').replace('корп. ', 'корпус ').replace('кв. ', 'квартира ')}"


def _other_date(chance: random.Random) -> dt.date:
    return dt.date(1930, 1, 1) + dt.timedelta(days=chance.randrange(95 * 365))


def _man_surname(card: Card) -> str:
    if card.sex == 1:
        return card.surname
    if card.surname.endswith(("ова", "ева", "ёва", "ина", "ына")):
        return card.surname[:-1]
    if card.surname.endswith("ая"):
        return card.surname[:-2] + ("ий" if card.surname.endswith(("ская", "цкая")) else "ый")
    return card.surname


def _patronymic_for_sex(patronymic: str | None, sex: int, wanted: int) -> str | None:
    """Turn a sister's patronymic into a brother's, or the other way round."""
    if patronymic is None or sex == wanted:
        return patronymic
    pairs: Sequence[tuple[str, str]] = (
        ("оглы", "кызы"), ("ович", "овна"), ("евич", "евна"), ("ильич", "ильинична"), ("Ильич", "Ильинична"),
        ("ьич", "ьинична"), ("вич", "вна"), ("ич", "ична"),
    )  # fmt: skip
    for man, woman in pairs:
        old, new = (man, woman) if wanted == 2 else (woman, man)
        if patronymic.endswith(old):
            return patronymic[: -len(old)] + new
    return patronymic
