"""Phones, addresses and documents in one form, however they were written."""

import re
from functools import lru_cache
from typing import Final

from trustmed.matching.names import plain
from trustmed.matching.placeholders import dummy_number, dummy_words

_MOST_PHONES: Final = 3
_PARTED: Final = re.compile(r"[,;/|\n]| доб\.? ?\d*|\bи\b")
_TOKENS: Final = re.compile(r"[а-яa-z]+(?:-[а-яa-z]+)*|\d+(?:-?[а-я]{1,2}\b)?")
_HOUSE: Final = frozenset("д дом домовладение вл владение".split())
_BLOCK: Final = frozenset("к корп корпус стр строение литер лит".split())
_FLAT: Final = frozenset("кв квартира ком комната оф офис пом помещение".split())
_KINDS: Final = frozenset(
    "ул улица пр-т просп проспект пр пр-д проезд пер переулок пл площадь ш шоссе наб набережная б-р бул бульвар "
    "туп тупик аллея ал мкр м-н мкрн микрорайон квартал кв-л г гор город пос поселок п пгт рп с село дер деревня ст "
    "станица х хутор обл область респ республика край р-н район россия рф российская федерация снт тер".split()
)
_STREET_NUMBER: Final = re.compile(r"\d+-?(?:й|я|ая|ый|ой|ий|е|го|лет|ти)$")
_LOOKALIKE: Final = str.maketrans("ABCEHKMOPTXY", "АВСЕНКМОРТХУ")


@lru_cache(1 << 14)
def phones(text: str | None) -> tuple[str, ...]:
    """The phones of a field, ten digits each where the whole number is given, sorted; dummies left out."""
    if not text:
        return ()
    if text[0] == "+" and len(text) == 12 and text[1:].isdigit():
        return () if dummy_number(text[2:]) else (text[2:],)
    found: set[str] = set()
    for part in _PARTED.split(text.casefold()):
        digits = "".join(c for c in part if "0" <= c <= "9")
        if len(digits) in (20, 21, 22):  # two numbers without a mark between
            half = len(digits) // 2
            pieces = [digits[:half], digits[half:]]
        else:
            pieces = [digits]
        found.update(piece[-10:] for piece in pieces)  # without 8, +7 or another country's code
    return tuple(sorted(one for one in found if len(one) >= 6 and not dummy_number(one)))[:_MOST_PHONES]


@lru_cache(1 << 14)
def address(text: str | None) -> tuple[str, str]:
    """Words of places and streets, sorted, and "house block flat"; both empty if there is no usable address."""
    if not text:
        return "", ""
    tokens = _TOKENS.findall(plain(text))
    slots: dict[str, str] = {}
    words: list[str] = []
    loose: list[str] = []
    expected = ""
    for place, token in enumerate(tokens):
        if token[0].isdigit():
            if expected:
                slots.setdefault(expected, token.replace("-", ""))
            elif len(token) == 6 and not place:
                pass  # a postal code
            elif _STREET_NUMBER.match(token) or _names_street(tokens, place):
                words.append(token.replace("-", ""))
            else:
                loose.append(token.replace("-", ""))
            expected = ""
            continue
        expected = "house" if token in _HOUSE else "block" if token in _BLOCK else "flat" if token in _FLAT else ""
        if not expected and token not in _KINDS:
            words.append(token)
    for slot in ("house", "block", "flat") if len(loose) > 2 else ("house", "flat"):
        if slot not in slots and loose:
            slots[slot] = loose.pop(0)
    if dummy_words(tuple(words)):
        return "", ""
    return " ".join(sorted(set(words))), " ".join(slots.get(slot, "-") for slot in ("house", "block", "flat"))


def _names_street(tokens: list[str], place: int) -> bool:
    """«8 Марта», «50 лет Октября»: a number before a word that is no mark of a house or a flat."""
    after = tokens[place + 1] if place + 1 < len(tokens) else ""
    marks = _HOUSE | _BLOCK | _FLAT | _KINDS
    return len(after) > 2 and after[0].isalpha() and after not in marks


def document(series: str | None, number: str | None) -> str:
    """Series and number in capitals without marks between; empty if it is a dummy."""
    head, tail = _written(series), _written(number)
    if len(tail) < 4 or dummy_number(tail if tail.isdigit() else "".join(c for c in tail if c.isdigit())):
        return ""
    return head + tail


def _written(part: str | None) -> str:
    if not part:
        return ""
    if part.isascii() and part.isdigit():
        return part
    return "".join(c for c in part.upper() if c.isalnum()).translate(_LOOKALIKE)
