"""Passwords, stored as argon2id hashes. A check takes the same time whether or not the account exists."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from trustmed.common_passwords import is_common
from trustmed.errors import InputRefused

_hasher = PasswordHasher()
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 1000
"""Characters: a longer one only costs time."""


class PasswordTooShort(InputRefused):
    """A new password below the shortest permitted length."""


class PasswordTooLong(InputRefused):
    """A new password above the longest permitted length."""


class PasswordTooCommon(InputRefused):
    """A new password that is guessed among the first."""


def hash_password(password: str) -> str:
    """Return the argon2id hash with its parameters. Raises PasswordTooShort, PasswordTooLong, PasswordTooCommon."""
    if len(password) < SHORTEST_PASSWORD:
        raise PasswordTooShort(
            f"Пароль короче {SHORTEST_PASSWORD} знаков. Придумайте более длинный.",
            f"The password is shorter than {SHORTEST_PASSWORD} characters. Choose a longer one.",
        )
    if len(password) > LONGEST_PASSWORD:
        raise PasswordTooLong(
            f"Пароль длиннее {LONGEST_PASSWORD} знаков. Придумайте более короткий.",
            f"The password is longer than {LONGEST_PASSWORD} characters. Choose a shorter one.",
        )
    if is_common(password):
        raise PasswordTooCommon(
            "Такой пароль подбирают одним из первых. Придумайте другой: лучше всего несколько несвязанных слов.",
            "This password is among the first to be guessed. Choose another; several unrelated words are best.",
        )
    return _hasher.hash(password)


def is_right(password: str, stored: str | None) -> bool:
    """Whether `password` matches the `stored` hash, None where there is no account. Takes about 50 ms: use a thread."""
    if len(password) > LONGEST_PASSWORD:
        password, stored = "", None
    try:
        # Without an account a dummy hash is verified all the same: a quick answer would tell which logins exist.
        return _hasher.verify(stored or _dummy_hash(), password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _dummy_hash() -> str:
    return _hasher.hash("the password of nobody")
