"""Where a page of documents ended, as a word the caller hands back."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from trustmed.errors import InputRefused
from trustmed.region.registry.model import Document

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BYTES = 24


class CursorRefused(InputRefused):
    """The text was not made by this service."""

    def __init__(self) -> None:
        super().__init__(
            "Параметр after неверен: передайте его таким, каким он пришёл в ответе, или начните с первой страницы.",
            "Parameter after is wrong: hand it back as it came in the answer, or start from the first page.",
        )


class Cursor(msgspec.Struct, frozen=True):
    """The last document given out: the next page starts after it."""

    created_at: datetime
    id: UUID


def cursor_of(document: Document) -> str:
    """Return the cursor that starts after this document."""
    return encode_cursor(document.created_at, document.id)


def encode_cursor(at: datetime, identifier: UUID) -> str:
    """Return the text of a cursor: microseconds since 1970 (8 bytes) and the id, base64url."""
    microseconds = (at - EPOCH) // timedelta(microseconds=1)
    return urlsafe_b64encode(microseconds.to_bytes(8, "big", signed=True) + identifier.bytes).decode("ascii")


def decode_cursor(word: str) -> Cursor:
    """Return the cursor of a text that `encode_cursor` made. Raises CursorRefused."""
    try:
        raw = urlsafe_b64decode(word.encode("ascii"))
        if len(raw) != BYTES:
            raise CursorRefused
        moment = EPOCH + timedelta(microseconds=int.from_bytes(raw[:8], "big", signed=True))
    except (NotBase64, UnicodeEncodeError, OverflowError) as error:
        raise CursorRefused from error
    return Cursor(moment, UUID(bytes=raw[8:]))
