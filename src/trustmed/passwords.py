"""Passwords, kept as argon2id. Checking takes the same time whether the account exists or not."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from trustmed.errors import InputRefused

_hasher = PasswordHasher()
SHORTEST = 10


class PasswordTooShort(InputRefused):
    """A new password below the shortest permitted length."""


def hash_password(password: str) -> str:
    """The argon2id hash with its parameters. Raises PasswordTooShort."""
    if len(password) < SHORTEST:
        raise PasswordTooShort(
            f"Пароль короче {SHORTEST} знаков. Придумайте более длинный.",
            f"The password is shorter than {SHORTEST} characters. Choose a longer one.",
        )
    return _hasher.hash(password)


def is_right(password: str, kept: str | None) -> bool:
    """Whether `password` fits the hash; `kept` is None where there is no account. Takes about 50 ms: use a thread."""
    try:
        return _hasher.verify(kept or _nobodys(), password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    return _hasher.hash("the password of nobody")
