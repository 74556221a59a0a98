"""What people type and paste, as it is kept and looked for."""

import unicodedata
from typing import Final

_DASHES: Final = frozenset("-\u2010\u2011\u2012\u2013\u2014\u2015\u2212")
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs"})


def tidy(text: str) -> str:
    """One line of what is seen: composed letters (NFC), single spaces, nothing invisible.

    Texts pasted from other programs carry soft hyphens and zero-width spaces; macOS writes й as two characters.
    """
    spaced = (" " if c.isspace() else c for c in text)
    seen = "".join(c for c in spaced if unicodedata.category(c) not in _INVISIBLE)
    return " ".join(unicodedata.normalize("NFC", seen).split())


def ungrouped(number: str) -> str:
    """A number without the spaces and dashes, of whatever kind, that part its groups."""
    return "".join(c for c in tidy(number) if c != " " and c not in _DASHES)
