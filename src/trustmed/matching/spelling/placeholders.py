"""Recognise what people write where a name, a number or an address is not known."""

from typing import Final

from trustmed.matching.spelling.names import plain

_WORDS: Final = frozenset(
    plain(
        "новорожденный новорожденная новорожд новорожденый новорожденая мальчик девочка ребенок ребёнок дитя младенец "
        "плод малыш сын дочь неизвестный неизвестная неизвестно неизв неизвестен неустановленный неустановленная "
        "неустановлен неопознанный бомж бомжа unknown noname nobody anonymous аноним инкогнито безымянный безымянная "
        "нет отсутствует указано указан указана имя фамилия отчество фио пациент больной больная тест test тестов "
        "тестовый тестовая тестович тестовна нд xxx ххх xx хх x н/д б/и б/о б/ф"
    ).split()
)
_STARTS: Final = ("новорож", "неизвест", "неустанов", "неопозн")
_SEQUENCE: Final = "01234567890123456789"


def is_nameless(raw: str) -> bool:
    """Whether a plain word of a name says that there is no name."""
    return raw in _WORDS or raw.startswith(_STARTS) or not any(c.isalpha() for c in raw)


def is_dummy_number(digits: str) -> bool:
    """Whether a number is plainly made up: one digit repeated, or digits in their order, at least in the last seven."""
    if not digits:
        return True
    if len(set(digits)) == 1 or digits in _SEQUENCE or digits[::-1] in _SEQUENCE:
        return True
    return len(digits) >= 10 and (len(set(digits[-7:])) == 1 or digits[-7:] in _SEQUENCE)


def is_dummy_address(words: tuple[str, ...]) -> bool:
    """Whether the words of an address say that there is none: «нет», «б/о», «не указан», «БОМЖ»."""
    return all(word in _WORDS or word in ("не", "без", "адреса", "адрес", "определенного", "места") for word in words)
