"""Keys: hashes of what two records of one person most likely share. Records without a common key are never compared.

A row stores its keys and locks them while it is linked. A search looks up probes: the keys, and the keys that the row
would have if a clerk had swapped day and month, or surname and given name. A key's low bits hold its kind.
"""

from enum import IntEnum
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from trustmed.matching.profile import Profile
from trustmed.matching.spelling.letters import sound, surname_sound

_KIND_BITS: Final = 4
_HIGH: Final = (1 << 64) - (1 << _KIND_BITS)
_MOST_BASES: Final = 4  # full names that a short form may stand for


class KeyKind(IntEnum):
    """What a key is made of. The values are stored: never renumber them."""

    SNILS = 1
    ENP = 2
    DOCUMENT = 3
    DATE_SURNAME = 4
    DATE_GIVEN = 5
    NAME_YEAR = 6
    FULL_NAME = 7
    PHONE = 8
    ADDRESS_GIVEN = 9
    DATE = 10


_SNILS, _ENP, _DOCUMENT, _DATE_SURNAME, _DATE_GIVEN, _NAME_YEAR, _FULL_NAME, _PHONE, _ADDRESS_GIVEN, _DATE = map(
    int, KeyKind
)


def kind_of(key: int) -> KeyKind:
    """Return the kind of a key. Raises ValueError if the number is not a key."""
    return KeyKind(kind_bits(key))


def kind_bits(key: int) -> int:
    """Return the kind as a bare number, for loops over millions of keys."""
    return key & ((1 << _KIND_BITS) - 1)


def keys_of(profile: Profile) -> tuple[int, ...]:
    """Return the keys by which a row is found: signed 64-bit, sorted, distinct; empty if the row tells nothing."""
    found = _names_and_dates(profile)
    found |= _identifiers(profile) | _contacts(profile, _given_sounds(profile))
    if profile.born:
        found.add(_key(_DATE, profile.born))
    return tuple(sorted(found))


def probes_of(profile: Profile) -> tuple[int, ...]:
    """Return what to look up first: all keys except the bare birth date's, and the keys of likely slips."""
    given = _given_sounds(profile)
    found = _names_and_dates(profile) | _identifiers(profile) | _contacts(profile, given)
    swapped = _day_month_swapped(profile.born)
    if swapped:
        found |= _dated(swapped, _surname_sounds(profile), given)
    if profile.surname and profile.given:
        as_given = (surname_sound(profile.given),)
        as_surname = tuple(sound(part) for part in profile.surname_parts or (profile.surname,))
        if profile.born:
            found |= _dated(profile.born, as_given, as_surname)
        found |= _named(profile, as_given, as_surname)
    if profile.born and profile.patronymic:
        found.add(_key(_DATE_GIVEN, profile.born, _hash(profile.patronymic_sound)))
    return tuple(sorted(found))


def deep_probes_of(profile: Profile) -> tuple[int, ...]:
    """Return what to look up if the probes linked nobody: the birth date alone, also with day and month swapped."""
    dates = {profile.born, _day_month_swapped(profile.born)} - {0}
    return tuple(sorted(_key(_DATE, date) for date in dates))


def _names_and_dates(profile: Profile) -> set[int]:
    surnames, given = _surname_sounds(profile), _given_sounds(profile)
    found = _named(profile, surnames, given)
    if profile.born:
        found |= _dated(profile.born, surnames, given)
    return found


def _dated(born: int, surnames: tuple[str, ...], given: tuple[str, ...]) -> set[int]:
    found = {_key(_DATE_SURNAME, born, _hash(surname)) for surname in surnames}
    found.update(_key(_DATE_GIVEN, born, _hash(name)) for name in given)
    return found


def _named(profile: Profile, surnames: tuple[str, ...], given: tuple[str, ...]) -> set[int]:
    found: set[int] = set()
    year = profile.born // 10000
    father = profile.father
    for surname in surnames:
        for name in given:
            both = _hash(surname) * 31 + _hash(name)
            if year:
                found.add(_key(_NAME_YEAR, both, year))
            if father:
                found.add(_key(_FULL_NAME, both, _hash(sound(father))))
    return found


def _identifiers(profile: Profile) -> set[int]:
    found: set[int] = set()
    if profile.snils_valid:
        found.add(_key(_SNILS, int(profile.snils)))
    if profile.enp_valid:
        found.add(_key(_ENP, int(profile.enp)))
    if len(profile.document) >= 8:
        found.add(_key(_DOCUMENT, _hash(profile.document)))
    return found


def _contacts(profile: Profile, given: tuple[str, ...]) -> set[int]:
    """Make the keys of phones, each alone, and of the address, with a given name.

    An address alone is too unsure: nobody knows which of its words is the town.
    """
    found = {_key(_PHONE, _hash(phone)) for phone in profile.phones}
    if profile.street and profile.house:
        longest = max(profile.street.split(), key=lambda one: (len(one), one))
        place = _hash(f"{longest} {profile.house}")
        found.update(_key(_ADDRESS_GIVEN, place, _hash(name)) for name in given)
    return found


def _surname_sounds(profile: Profile) -> tuple[str, ...]:
    if profile.surname_parts:
        return tuple(surname_sound(part) for part in profile.surname_parts)
    return (profile.surname_sound,) if profile.surname else ()


def _given_sounds(profile: Profile) -> tuple[str, ...]:
    if profile.given_bases:
        return tuple(sound(base) for base in profile.given_bases[:_MOST_BASES])
    return (profile.given_sound.partition(" ")[0],) if profile.given else ()


def _day_month_swapped(born: int) -> int:
    year, month, day = born // 10000, born // 100 % 100, born % 100
    if not born or day > 12 or day == month:
        return 0
    return year * 10000 + day * 100 + month


@lru_cache(1 << 16)
def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())


def _key(kind: int, first: int, second: int = 0) -> int:
    """Hash the two values by multiply-shift, put the kind into the low bits, and read the result as signed.

    The multipliers are odd 64-bit constants of splitmix64 and xxHash. Keys are stored: never change them.
    """
    mixed = ((first * 0x9E3779B97F4A7C15 + second * 0xC2B2AE3D27D4EB4F) >> 36) & _HIGH | kind
    return mixed - (1 << 64) if mixed >> 63 else mixed
