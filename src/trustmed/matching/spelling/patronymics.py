"""Patronymics: the father's name in them, and the sex they tell."""

from functools import lru_cache
from typing import Final

_PARTICLES: Final = frozenset("оглы оглу углы угли улы уулу кызы гызы кизы заде ибн".split())
_WOMAN_PARTICLES: Final = frozenset("кызы гызы кизы".split())
_SHORT: Final = frozenset("ильич кузьмич лукич фомич никитич саввич ильинична".split())
_FULL_ENDINGS: Final = ("ович", "евич", "овна", "евна", "инична", "инишна", "ична")
_MAN_ENDINGS: Final = ("ович", "евич", "ич", "ыч")
_WOMAN_ENDINGS: Final = ("овна", "евна", "инична", "инишна", "ична", "ишна", "вна")


def looks_like_patronymic(word: str) -> bool:
    """Whether a plain word has the ending of a patronymic; short endings do not count, for names have them too."""
    return word in _SHORT or (len(word) > 5 and word.endswith(_FULL_ENDINGS))


def sex_of(patronymic: str) -> int:
    """Return 1 or 2 by the ending or the particle, 0 if they do not tell. `patronymic` is plain words."""
    if not patronymic:
        return 0
    last = patronymic.rpartition(" ")[2]
    if last in _PARTICLES:
        return 2 if last in _WOMAN_PARTICLES else 1 if last != "заде" else 0
    if last.endswith(("вич", "ьич", "мич", "тич", "кич", "ныч")):
        return 1
    return 2 if last.endswith(("вна", "ична", "ишна")) else 0


@lru_cache(1 << 15)
def stem(patronymic: str) -> str:
    """Return the father's name without its ending: the same of Ильинична and Ильинишна, of Алиевич and Али оглы."""
    words = [word for word in patronymic.split() if word not in _PARTICLES]
    if not words:
        return ""
    word = words[0]
    for ending in (*_WOMAN_ENDINGS, *_MAN_ENDINGS):
        if word.endswith(ending) and len(word) - len(ending) >= 2:
            word = word[: -len(ending)]
            break
    return word.rstrip("ьийе") or word
