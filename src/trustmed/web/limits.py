"""How much a request may bring. Every limit holds before anything is parsed, and on the routes the test lists alone."""

from typing import Final

from trustmed.errors import InputRefused

FORM_BODY: Final = 64 * 1024
"""Bytes of a page's form, the limit of every route that states no other."""
LONG_FORM_BODY: Final = 512 * 1024
"""Bytes of a form with a doctor's prose: a form writes a Russian letter in six bytes."""
JSON_BODY: Final = 1024 * 1024
"""Bytes of what a program sends."""
LARGEST_BODY: Final = 64_000_000
"""Bytes of an upload: more than twice a document of 20 MB in Base64."""
MOST_FIELDS: Final = 1000
"""Fields of a form or of a query string."""
LONGEST_PATH: Final = 1000
LONGEST_QUERY: Final = 8 * 1024


class TooLarge(InputRefused):
    """The body is larger than its address takes."""

    status = 413

    def __init__(self, most: int) -> None:
        grouped = f"{most:,}".replace(",", " ")
        super().__init__(
            f"Запрос больше {grouped} байт: столько этот адрес не принимает. Сократите текст или уменьшите файлы; "
            "Base64 увеличивает их на треть.",
            f"The request has more than {grouped} bytes, which this address does not take. Shorten the text or make "
            "the files smaller; Base64 adds a third.",
        )


class TooManyFields(InputRefused):
    """A form has more fields than any of our pages."""

    status = 413

    def __init__(self) -> None:
        super().__init__(
            f"В форме больше {MOST_FIELDS} полей, и она не принята. Откройте страницу заново и повторите.",
            f"The form has more than {MOST_FIELDS} fields and was not taken. Open the page again and repeat.",
        )


def is_address_too_long(path: str, query: bytes) -> bool:
    """Return whether an address is longer, or asks more, than any of ours."""
    return len(path) > LONGEST_PATH or len(query) > LONGEST_QUERY or query.count(b"&") >= MOST_FIELDS
