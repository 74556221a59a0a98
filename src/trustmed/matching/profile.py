"""Profiles: cards made ready to compare, with every value in one form, and sounds and names looked up once."""

import re
from functools import lru_cache
from typing import Final

import msgspec

from trustmed.errors import Broken
from trustmed.matching.card import Card
from trustmed.matching.spelling import contacts, names, patronymics
from trustmed.matching.spelling.letters import russian_word, sound, surname_sound
from trustmed.matching.spelling.names import plain
from trustmed.matching.spelling.placeholders import is_dummy_number, is_nameless
from trustmed.patient.identifiers import is_valid_enp, is_valid_snils
from trustmed.patient.writing import tidy, ungrouped

FORMAT: Final = 1  # stored with every profile: raise it when the fields of `Profile` or their meaning change
_MARKS: Final = re.compile(r"[^\w\[\];',.`/]+|_")
_MADE_UP_DATES: Final = frozenset({19000101, 18000101, 11111111, 10101})  # what programs write for an unknown date


class ProfileFormat(Broken):
    """A stored profile was made by another version of the program."""


class Profile(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What comparing needs of a card. Text is lower-case Russian without ё; an empty string, tuple or zero is unknown.

    `surname_parts`: the halves of a double surname, else empty. `given_bases`: full names that the given name may stand
    for. `father`: stem of the patronymic. `born`: yyyymmdd. `sex`: 0 unknown, 1 man, 2 woman. `placeholder`: the card
    says «Новорождённый», «Неизвестный» or nothing where a name belongs.
    """

    format: int
    surname: str
    surname_sound: str
    surname_parts: tuple[str, ...]
    given: str
    given_sound: str
    given_bases: tuple[str, ...]
    patronymic: str
    patronymic_sound: str
    father: str
    born: int
    sex: int
    placeholder: bool
    snils: str
    snils_valid: bool
    enp: str
    enp_valid: bool
    document: str
    document_kind: str
    phones: tuple[str, ...]
    street: str
    house: str


_DECODER: Final = msgspec.msgpack.Decoder(Profile)
_ENCODER: Final = msgspec.msgpack.Encoder()


def profile_of(card: Card) -> Profile:
    """Make the profile of a card. Any card will do: a value that cannot be used counts as unknown."""
    surname_words, surname_less = _words(card.surname)
    given_words, given_less = _words(card.given_name)
    patronymic_words, _ = _words(card.patronymic or "")
    surname_words, given_words, patronymic_words = _take_apart(surname_words, given_words, patronymic_words)
    surname, given, patronymic = " ".join(surname_words), " ".join(given_words), " ".join(patronymic_words)
    born = card.birth_date.year * 10000 + card.birth_date.month * 100 + card.birth_date.day
    snils, enp = _number(card.snils), _number(card.enp)
    snils_valid, enp_valid = is_valid_snils(snils), is_valid_enp(enp)
    street, house = contacts.address(card.address)
    document = contacts.document(card.identity_series, card.identity_number)
    return Profile(
        FORMAT,
        surname,
        surname_sound(surname) if len(surname_words) < 2 else " ".join(map(surname_sound, surname_words)),
        surname_words if len(surname_words) > 1 else (),
        given,
        sound(given),
        _bases(given_words),
        patronymic,
        sound(patronymic),
        patronymics.stem(patronymic),
        0 if born in _MADE_UP_DATES else born,
        _sex(card.sex, given_words, patronymic),
        surname_less or given_less or not given or not surname,
        snils if snils_valid or not is_dummy_number(snils) else "",
        snils_valid,
        enp if enp_valid or not is_dummy_number(enp) else "",
        enp_valid,
        document,
        (card.identity_kind or "") if document else "",
        contacts.phones(card.phone),
        street,
        house,
    )


def pack(profile: Profile) -> bytes:
    """Encode a profile for storing."""
    return _ENCODER.encode(profile)


def unpack(data: bytes) -> Profile:
    """Decode a profile that `pack` encoded. Raises ProfileFormat if another version of the program did it."""
    try:
        profile = _DECODER.decode(data)
    except msgspec.MsgspecError as error:
        raise _other_format(str(error)) from error
    if profile.format != FORMAT:
        raise _other_format(f"format {profile.format}")
    return profile


def _other_format(seen: str) -> ProfileFormat:
    return ProfileFormat(
        f"Профиль пациента сохранён другой версией программы ({seen}; нужен формат {FORMAT}). Пересчитайте индекс.",
        f"The patient's profile was stored by another version of the program ({seen}; format {FORMAT} is needed). "
        "Rebuild the index.",
    )


@lru_cache(1 << 16)
def _words(text: str) -> tuple[tuple[str, ...], bool]:
    """Return the words of a name, and whether they say that there is no name."""
    raw = [plain(text)] if text.isalpha() else _MARKS.sub(" ", plain(tidy(text))).split()
    less = bool(raw) and any(is_nameless(one.strip(".,;'`[]/") or "-") for one in raw)
    if less:
        return (), True
    found = tuple(filter(None, (russian_word(part) for one in raw for part in _split(one))))
    return found, False


def _split(token: str) -> list[str]:
    """Split a token at its marks, except in Latin words, where marks stand for letters of the other keyboard."""
    if any("a" <= c <= "z" for c in token):
        return [token.replace("/", "")] if not token.endswith(".") or len(token) > 2 else [token[:-1]]
    return re.split(r"[\[\];',.`/]+", token)


def _take_apart(
    surname: tuple[str, ...], given: tuple[str, ...], patronymic: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Take apart a full name that was put into one field, or a patronymic put into the given name's."""
    if not patronymic and len(given) > 1 and patronymics.looks_like_patronymic(given[-1]):
        given, patronymic = given[:-1], given[-1:]
    if len(surname) == 3 and patronymics.looks_like_patronymic(surname[2]) and (not given or given == surname[1:2]):
        surname, given, patronymic = surname[:1], surname[1:2], surname[2:]
    return surname, given, patronymic


@lru_cache(1 << 14)
def _bases(given: tuple[str, ...]) -> tuple[str, ...]:
    return names.bases(given[0]) if given else ()


def _sex(recorded: int, given: tuple[str, ...], patronymic: str) -> int:
    """Return the recorded sex, 0 if name and patronymic both contradict it; if none is recorded, what they say."""
    by_name = names.sex_of(given[0]) if given else 0
    by_patronymic = patronymics.sex_of(patronymic)
    if recorded in (1, 2):
        return 0 if by_name and by_name == by_patronymic != recorded else recorded
    return by_patronymic or by_name


def _number(text: str | None) -> str:
    if not text:
        return ""
    if text.isascii() and text.isdigit():
        return text
    digits = ungrouped(text)
    return digits if digits.isascii() else ""
