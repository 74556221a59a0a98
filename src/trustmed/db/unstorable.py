"""Text that PostgreSQL cannot store: reported as a fault of the input, not of the program."""

import psycopg

from trustmed.errors import InputRefused

_NOT_A_CHARACTER = ("22021", "22P05")  # character_not_in_repertoire, untranslatable_character


class NotStorable(InputRefused):
    """The text has a character that PostgreSQL cannot store, most often U+0000."""

    def __init__(self) -> None:
        super().__init__(
            "В тексте есть служебный символ (U+0000), который нельзя сохранить. Уберите его и отправьте снова.",
            "The text has a control character (U+0000) that cannot be kept. Remove it and send again.",
        )


def find_not_storable(error: psycopg.DataError) -> NotStorable | None:
    """Return the refusal if the error is about such a character: raised by the server, or by psycopg before sending."""
    found_by_psycopg = error.sqlstate is None and "NUL" in str(error)
    return NotStorable() if found_by_psycopg or error.sqlstate in _NOT_A_CHARACTER else None
