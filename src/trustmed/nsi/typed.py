"""Understanding the search line: keyboard layout, look-alike letters, parts of words."""

from typing import Final

import msgspec

from trustmed.nsi.errors import LineTooLong
from trustmed.nsi.model import LONGEST_LINE
from trustmed.patient.writing import folded, other_layout, tidy

MOST_WORDS: Final = 8
TRIGRAM: Final = 3
LAST: Final = "\U0010ffff"
_LOOKS_RUSSIAN: Final = "авсенкмортху"
_LOOKS_LATIN: Final = str.maketrans(_LOOKS_RUSSIAN + _LOOKS_RUSSIAN.upper(), "abcehkmoptxyABCEHKMOPTXY")


class Reading(msgspec.Struct, frozen=True):
    """One way to understand a line. `line`: as a person would have typed it; `words`: folded, in the order typed."""

    line: str
    words: tuple[str, ...]

    @property
    def phrase(self) -> str:
        return " ".join(self.words)

    @property
    def begins(self) -> tuple[str, ...]:
        """LIKE patterns: every word begins a word."""
        return tuple(f"% {word}%" for word in self.words)

    @property
    def patterns(self) -> tuple[str, ...]:
        """LIKE patterns of what has to be there, the longest word first; a word of a letter or two begins a word."""
        longest = sorted(self.words, key=len, reverse=True)
        return tuple(f"%{word}%" if len(word) >= TRIGRAM else f"% {word}%" for word in longest)

    @property
    def code_beginnings(self) -> tuple[str, ...]:
        """How a code may begin that is typed so: no code has spaces, its letters may be of either alphabet and size."""
        if len(self.words) != 1:
            return ()
        line = self.line.strip()
        latin = line.translate(_LOOKS_LATIN)
        as_latin = (latin.upper(), latin.lower()) if latin.isascii() else ()
        return tuple(dict.fromkeys((line, *as_latin, line.upper())))


def readings(line: str) -> tuple[Reading, ...]:
    """The ways to understand a line, the likelier first: as typed, then as keys of the other layout.

    None for a line of signs alone. Raises LineTooLong.
    """
    seen = tidy(line)
    if len(seen) > LONGEST_LINE:
        raise LineTooLong(len(seen))
    ways = (Reading(way, tuple(folded(way).split())[:MOST_WORDS]) for way in dict.fromkeys((seen, other_layout(seen))))
    return tuple({way.words: way for way in reversed([way for way in ways if way.words])}.values())[::-1]
