"""Text that PostgreSQL cannot keep at all, told as what it is: somebody's input and not a fault."""

import psycopg

from trustmed.errors import InputRefused

_NOT_A_CHARACTER = ("22021", "22P05")


class NotStorable(InputRefused):
    """A character that no database keeps, U+0000 above all."""

    def __init__(self) -> None:
        super().__init__(
            "В тексте есть служебный символ (U+0000), который нельзя сохранить. Уберите его и отправьте снова.",
            "The text has a control character (U+0000) that cannot be kept. Remove it and send again.",
        )


def not_storable(error: psycopg.DataError) -> NotStorable | None:
    """The refusal, if the error is about such a character: the server's own, or psycopg's before sending."""
    is_psycopgs = error.sqlstate is None and "NUL" in str(error)
    return NotStorable() if is_psycopgs or error.sqlstate in _NOT_A_CHARACTER else None
