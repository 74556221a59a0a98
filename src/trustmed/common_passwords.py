"""Passwords that are guessed first: the commonest of leaks, words of this place, keys in a row, on either keyboard.

`common_passwords.txt.gz` holds passwords of at least ten characters from known leaks, and words that stand in leaked
passwords beside digits. It was made of the frequency lists of zxcvbn (MIT) and Django (BSD), in small letters.
"""

import gzip
import string
from functools import cache
from importlib.resources import files
from typing import Final

EDGES: Final = string.digits + string.punctuation + "№ "
"""What people add to a word to make a password of it."""
OWN_WORDS: Final = frozenset(
    "trustmed medical medicine hospital clinic polyclinic doctor physician nurse registrar registry patient region "
    "engineer steward operator administrator password welcome secret "
    "трастмед медицина больница поликлиника клиника диспансер врач доктор медсестра регистратура регистратор пациент "
    "регион инженер стюард оператор администратор руководитель пароль секрет добропожаловать здоровье минздрав".split()
)
LEAST_DIFFERENT: Final = 5
"""Different characters of a password, at least: fewer are one key pressed again and again."""
CYRILLIC_KEYS: Final = "ёйцукенгшщзхъфывапролджэячсмитьбю"
LATIN_KEYS: Final = "`qwertyuiop[]asdfghjkl;'zxcvbnm,."
TO_LATIN: Final = str.maketrans(CYRILLIC_KEYS, LATIN_KEYS)
TO_CYRILLIC: Final = str.maketrans(LATIN_KEYS, CYRILLIC_KEYS)


def is_common(password: str) -> bool:
    """Return whether somebody who guesses would try this password, or the same keys on the other keyboard, early."""
    small = password.casefold()
    written = (small, small.translate(TO_LATIN), small.translate(TO_CYRILLIC))
    return len(set(small)) < LEAST_DIFFERENT or any(_is_listed(one) or _is_listed(one.strip(EDGES)) for one in written)


def _is_listed(text: str) -> bool:
    return text in OWN_WORDS or text in _leaked()


@cache
def _leaked() -> frozenset[str]:
    packed = (files("trustmed") / "common_passwords.txt.gz").read_bytes()
    return frozenset(gzip.decompress(packed).decode("ascii").split())
