"""Errors a person reads.

TrustMedError
├── InputRefused        what was given cannot be taken; nothing was changed
├── NotFound            what was asked for is not here (or not visible to the asker)
├── Forbidden           the asker may not do this
├── Unavailable         a part of the system cannot be reached now; trying later may help
└── Broken              a part of the system is in a state that needs an engineer's action

Rooms derive their own named errors from these five; the web layer maps the five to HTTP statuses.
"""

from typing import Any, ClassVar


class TrustMedError(Exception):
    """An error with a Russian and an English text; each says what, where, and what to do."""

    status: ClassVar[int] = 500

    def __init__(self, ru: str, en: str) -> None:
        super().__init__(en)
        self.ru = ru
        self.en = en

    @property
    def code(self) -> str:
        """Stable machine name: the class name."""
        return type(self).__name__

    def __reduce__(self) -> tuple[Any, ...]:
        """Errors pass between processes, whatever their constructors take."""
        return _as_it_was, (type(self), self.args, self.__dict__)

    def text(self, language: str) -> str:
        """The text in `language` ("ru" or "en"; anything else reads as Russian)."""
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


def _as_it_was(kind: type[TrustMedError], args: tuple[Any, ...], state: dict[str, Any]) -> TrustMedError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error
