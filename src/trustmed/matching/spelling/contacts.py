"""Bring phones, addresses and documents into one form, however they were written."""

import re
from functools import lru_cache
from typing import Final

from trustmed.matching.spelling.names import plain
from trustmed.matching.spelling.placeholders import is_dummy_address, is_dummy_number

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
    """Return the phones of a field, sorted, ten digits of each full number, without made-up ones."""
    if not text:
        return ()
    if text[0] == "+" and len(text) == 12 and text[1:].isdigit():
        return () if is_dummy_number(text[2:]) else (text[2:],)
    found: set[str] = set()
    for part in _PARTED.split(text.casefold()):
        digits = "".join(c for c in part if "0" <= c <= "9")
        if len(digits) in (20, 21, 22):  # two numbers of ten or eleven digits, with nothing between them
            half = len(digits) // 2
            pieces = [digits[:half], digits[half:]]
        else:
            pieces = [digits]
        found.update(piece[-10:] for piece in pieces)  # without 8, +7 or another country's code
    return tuple(sorted(one for one in found if len(one) >= 6 and not is_dummy_number(one)))[:_MOST_PHONES]


@lru_cache(1 << 14)
def address(text: str | None) -> tuple[str, str]:
    """Return the words of town and street, sorted, and "house block flat"; both empty if the address is unusable."""
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
    if is_dummy_address(tuple(words)):
        return "", ""
    return " ".join(sorted(set(words))), " ".join(slots.get(slot, "-") for slot in ("house", "block", "flat"))


def _names_street(tokens: list[str], place: int) -> bool:
    """Whether a number begins a street's name («8 Марта», «50 лет Октября»): the next word marks no house or flat."""
    after = tokens[place + 1] if place + 1 < len(tokens) else ""
    marks = _HOUSE | _BLOCK | _FLAT | _KINDS
    return len(after) > 2 and after[0].isalpha() and after not in marks


def document(series: str | None, number: str | None) -> str:
    """Return series and number in capitals with nothing between; empty if they are made up."""
    head, tail = _written(series), _written(number)
    if len(tail) < 4 or is_dummy_number(tail if tail.isdigit() else "".join(c for c in tail if c.isdigit())):
        return ""
    return head + tail


def _written(part: str | None) -> str:
    if not part:
        return ""
    if part.isascii() and part.isdigit():
        return part
    return "".join(c for c in part.upper() if c.isalnum()).translate(_LOOKALIKE)
