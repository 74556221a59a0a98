"""Bring the letters of names into one alphabet, whatever keyboard or passport they came from; and how names sound."""

from functools import lru_cache
from typing import Final

from trustmed.matching.spelling.names import is_known, letter_pairs

_LATIN: Final = frozenset("abcdefghijklmnopqrstuvwxyz")
_CYRILLIC: Final = frozenset("абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґўәғқңөұүһ")
_OTHER_CYRILLIC: Final = str.maketrans("ёіїєґўәғқңөұүһ", "еииегуагкноуух")
_TWINS: Final = str.maketrans("abcehkmoptxyu", "авсенкмортхуи")  # Latin letters that look Cyrillic
_KEYBOARD: Final = str.maketrans("qwertyuiop[]asdfghjkl;'zxcvbnm,.`", "йцукенгшщзхъфывапролджэячсмитьбюё")
_KEYS: Final = _LATIN | frozenset("[];',.`")
_ROMAN: Final[dict[str, str]] = {
    key: value
    for pair in (
        "shch=щ sch=щ iia=ия iya=ия ija=ия kh=х zh=ж ts=ц ch=ч sh=ш yu=ю iu=ю ju=ю ya=я ia=я ja=я yo=е io=е jo=е "
        "ye=е ie=ие je=е iy=ий ii=ий ij=ий yy=ый yi=ый ay=ай ai=ай ey=ей ei=ей oy=ой oi=ой uy=уй ui=уй ph=ф th=т "
        "ck=к a=а b=б c=к d=д e=е f=ф g=г h=х i=и j=й k=к l=л m=м n=н o=о p=п q=к r=р s=с t=т u=у v=в w=в x=кс y=ы z=з"
    ).split()
    for key, value in [pair.split("=")]
}
_SIMPLE: Final = str.maketrans("абвгдежзийклмнопрстуфхцчшщыэюяё", "абвгдижзииклмнапрстуфхцчшщииуаи")
_DEAF: Final = dict(zip("бвгджз", "пфктшс", strict=True))
_VOICELESS: Final = frozenset("кпстфхцчшщ")
_CLUSTERS: Final = (("тс", "ц"), ("дс", "ц"), ("сч", "щ"), ("зч", "щ"), ("жч", "щ"), ("стн", "сн"), ("здн", "зн"))


@lru_cache(1 << 16)
def russian_word(raw: str) -> str:
    """Return a word in Russian letters only: typed in the other layout, in Latin, with look-alikes or foreign letters.

    `raw` is a lower-case word, with those marks that stand for letters on the other keyboard.
    """
    latin = not _LATIN.isdisjoint(raw)
    if latin and _CYRILLIC.isdisjoint(raw):
        roman = from_latin("".join(c for c in raw if c in _LATIN))
        typed = raw.translate(_KEYBOARD).translate(_OTHER_CYRILLIC) if _KEYS.issuperset(raw) else ""
        return typed if _name_likelihood(typed) > _name_likelihood(roman) else roman
    if latin:
        raw = raw.translate(_TWINS)
    return "".join(c for c in raw.translate(_OTHER_CYRILLIC) if c in _CYRILLIC)


def from_latin(latin: str) -> str:
    """Transcribe a name from Latin letters, by the tables of passports (ICAO's and older) and by people's habits."""
    letters: list[str] = []
    at = 0
    while at < len(latin):
        size = next(n for n in (4, 3, 2, 1) if latin[at : at + n] in _ROMAN)
        letters.append(_ROMAN[latin[at : at + size]])
        at += size
    text = "".join(letters)
    return text[:-1] + "ий" if text.endswith("ы") and text[-2:-1] not in "аеоу" else text


@lru_cache(1 << 16)
def sound(text: str) -> str:
    """Return roughly how a word sounds: unstressed vowels, voiceless ends, no doubles, no soft or hard signs."""
    if not text:
        return ""
    letters = [c for c in text.translate(_SIMPLE) if c not in "ъь "]
    for place, letter in enumerate(letters):
        after = letters[place + 1] if place + 1 < len(letters) else ""
        if letter in _DEAF and (not after or after in _VOICELESS):
            letters[place] = _DEAF[letter]
    flat = "".join(letters)
    for cluster, one in _CLUSTERS:
        if cluster in flat:
            flat = flat.replace(cluster, one)
    return "".join(c for place, c in enumerate(flat) if not place or c != flat[place - 1])


@lru_cache(1 << 16)
def surname_sound(surname: str) -> str:
    """Return how a surname sounds, the same for a man and a woman: Белая as Белый, Иванова as Иванов."""
    if surname.endswith(("ова", "ева", "ина", "ына")):
        surname = surname[:-1]
    elif surname.endswith(("ая", "яя", "ий", "ый", "ой")) and len(surname) > 4:
        surname = surname[:-2] + "и"
    return sound(surname)


def _name_likelihood(text: str) -> float:
    """Return how much a word looks like a Russian name: 2 for a known one, else the share of its pairs names have."""
    if len(text) < 2:
        return 0.0
    if is_known(text):
        return 2.0
    marked = f"^{text}$"
    pairs = [marked[at : at + 2] for at in range(len(marked) - 1)]
    return sum(pair in letter_pairs() for pair in pairs) / len(pairs)
