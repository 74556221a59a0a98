"""What people type and paste, as it is kept and looked for."""

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
    """One line of what is seen: composed letters (NFC), single spaces, nothing invisible.

    Texts pasted from other programs carry soft hyphens and zero-width spaces; macOS writes й as two characters.
    """
    spaced = (" " if c.isspace() else c for c in text)
    seen = "".join(c for c in spaced if unicodedata.category(c) not in _INVISIBLE)
    return " ".join(unicodedata.normalize("NFC", seen).split())


def ungrouped(number: str) -> str:
    """A number without the spaces and dashes, of whatever kind, that part its groups."""
    return "".join(c for c in tidy(number) if c != " " and c not in _DASHES)


def folded(text: str) -> str:
    """One spelling of what is written in several, to be looked for: the same as `nsi.folded` of the schema.

    Small letters, ё as е, Latin letters that look like Russian capitals as Russian ones, signs as single spaces (the
    full stop stays: codes have it), invisible characters away.
    """
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text).lower().translate(_ONE_SPELLING))


def other_layout(text: str) -> str:
    """The same keys pressed with the keyboard's other language on; itself where both languages are in it, or neither.

    «rfhlbjkju» is «кардиолог», «ф00» is «a00».
    """
    has_latin = any("a" <= c <= "z" for c in text.lower())
    has_russian = any("а" <= c <= "я" or c == "ё" for c in text.lower())
    if has_latin == has_russian:
        return text
    return text.translate(_TO_LATIN if has_russian else _TO_RUSSIAN)
