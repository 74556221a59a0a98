"""How typed and pasted text is cleaned for storing and for searching."""

import re
import unicodedata
from typing import Final

_DASHES: Final = frozenset("-\u2010\u2011\u2012\u2013\u2014\u2015\u2212")
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs"})

_LATIN_KEYS: Final = "`qwertyuiop[]asdfghjkl;'zxcvbnm,." + '~QWERTYUIOP{}ASDFGHJKL:"ZXCVBNM<>'
_RUSSIAN_KEYS: Final = "ёйцукенгшщзхъфывапролджэячсмитьбю" + "ЁЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ"
_TO_RUSSIAN: Final = str.maketrans(_LATIN_KEYS, _RUSSIAN_KEYS)
_TO_LATIN: Final = str.maketrans(_RUSSIAN_KEYS, _LATIN_KEYS)

_SIGNS: Final = (
    "()[]{}<>«»„“”‘’\"'`´,;:!?/\\|+*=–—-№%_&#@^~$§°…·•‰×†≤≥¬"
    "\N{MINUS SIGN}\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{HORIZONTAL BAR}"
    "\u00a0\u2002\u2003\u2007\u2008\u2009\u202f\t\r\n"
)
_UNSEEN: Final = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_ONE_SPELLING: Final = str.maketrans("ёabcehkmoptxy" + _SIGNS, "еавсенкмортху" + " " * len(_SIGNS), _UNSEEN)
_SPACES: Final = re.compile(" {2,}")


def tidy(text: str) -> str:
    """Return the visible text in one line: composed letters (NFC), single spaces, nothing invisible.

    Texts pasted from other programs carry soft hyphens and zero-width spaces; macOS writes й as two characters.
    """
    spaced = (" " if c.isspace() else c for c in text)
    seen = "".join(c for c in spaced if unicodedata.category(c) not in _INVISIBLE)
    return " ".join(unicodedata.normalize("NFC", seen).split())


def ungrouped(number: str) -> str:
    """Return a number without the spaces and dashes, of any kind, between its groups of digits."""
    return "".join(c for c in tidy(number) if c != " " and c not in _DASHES)


def folded(text: str) -> str:
    """Return the spelling under which text is searched for: the same as the schema's function `nsi.folded`.

    Letters become small, ё becomes е, Latin letters that look like Russian ones become Russian, punctuation becomes a
    single space (but full stops stay: codes have them), and invisible characters are removed.
    """
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text).lower().translate(_ONE_SPELLING))


def other_layout(text: str) -> str:
    """Return what the same keys give in the other keyboard layout, Russian or Latin: «кардиолог» for «rfhlbjkju».

    Text with letters of both languages, or of neither, is returned as it is.
    """
    has_latin = any("a" <= c <= "z" for c in text.lower())
    has_russian = any("а" <= c <= "я" or c == "ё" for c in text.lower())
    if has_latin == has_russian:
        return text
    return text.translate(_TO_LATIN if has_russian else _TO_RUSSIAN)
