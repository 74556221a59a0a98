"""Errors that people read: each has a Russian and an English text.

TrustMedError
├── InputRefused        the input cannot be accepted; nothing was changed
├── NotFound            the thing does not exist (or the asker may not see it)
├── Forbidden           the asker may not do this
├── Unavailable         a part of the system cannot be reached now; trying later may help
└── Broken              a part of the system is in a state that needs an engineer's action

Each room derives its own named errors from these five; the web layer maps the five to HTTP statuses. Clients see the
name of the class as the error's code, so a class of errors is never renamed.
"""

from typing import Any, ClassVar


class TrustMedError(Exception):
    """An error with a Russian and an English text; each says what went wrong, where, and what to do."""

    status: ClassVar[int] = 500

    def __init__(self, ru: str, en: str) -> None:
        super().__init__(en)
        self.ru = ru
        self.en = en

    @property
    def code(self) -> str:
        """Return the name of the class: the stable code that clients match on."""
        return type(self).__name__

    def __reduce__(self) -> tuple[Any, ...]:
        """Let errors pass between processes, whatever arguments their constructors take."""
        return _restore, (type(self), self.args, self.__dict__)

    def text(self, language: str) -> str:
        """Return the text in `language` ("ru" or "en"; any other language gets Russian)."""
        return self.en if language == "en" else self.ru


class InputRefused(TrustMedError):
    status = 422


class NotFound(TrustMedError):
    status = 404


class Forbidden(TrustMedError):
    status = 403


class Unavailable(TrustMedError):
    status = 503


class Broken(TrustMedError):
    status = 500


def _restore(kind: type[TrustMedError], args: tuple[Any, ...], state: dict[str, Any]) -> TrustMedError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error
