"""Interpret a search line: keyboard layout, look-alike letters, parts of words."""

from typing import Final

import msgspec

from trustmed.nsi.errors import LineTooLong
from trustmed.nsi.model import LONGEST_LINE
from trustmed.patient.writing import folded, other_layout, tidy

MOST_WORDS: Final = 8
TRIGRAM: Final = 3
LAST: Final = "\U0010ffff"  # sorts last: a beginning with it is the upper bound of the range
_LOOKS_RUSSIAN: Final = "авсенкмортху"
_LOOKS_LATIN: Final = str.maketrans(_LOOKS_RUSSIAN + _LOOKS_RUSSIAN.upper(), "abcehkmoptxyABCEHKMOPTXY")


class Reading(msgspec.Struct, frozen=True):
    """One way to read a line. `line`: as a person would have typed it; `words`: folded, in the order typed."""

    line: str
    words: tuple[str, ...]

    @property
    def phrase(self) -> str:
        return " ".join(self.words)

    @property
    def word_beginnings(self) -> tuple[str, ...]:
        """Return LIKE patterns in which every word begins a word."""
        return tuple(f"% {word}%" for word in self.words)

    @property
    def patterns(self) -> tuple[str, ...]:
        """Return LIKE patterns of the required words, longest first; a word of one or two letters must begin a word."""
        longest = sorted(self.words, key=len, reverse=True)
        return tuple(f"%{word}%" if len(word) >= TRIGRAM else f"% {word}%" for word in longest)

    @property
    def code_beginnings(self) -> tuple[str, ...]:
        """Return the beginnings of codes the line can mean: a single word, its letters of either alphabet and case."""
        if len(self.words) != 1:
            return ()
        line = self.line.strip()
        latin = line.translate(_LOOKS_LATIN)
        as_latin = (latin.upper(), latin.lower()) if latin.isascii() else ()
        return tuple(dict.fromkeys((line, *as_latin, line.upper())))


def readings_of(line: str) -> tuple[Reading, ...]:
    """Return the ways to read a line, the likelier first: as typed, then as the same keys of the other layout.

    A line of punctuation alone has no readings. Raises LineTooLong.
    """
    typed = tidy(line)
    if len(typed) > LONGEST_LINE:
        raise LineTooLong(len(typed))
    by_words: dict[tuple[str, ...], Reading] = {}
    for read_as in (typed, other_layout(typed)):
        words = tuple(folded(read_as).split())[:MOST_WORDS]
        if words:
            by_words.setdefault(words, Reading(read_as, words))
    return tuple(by_words.values())
