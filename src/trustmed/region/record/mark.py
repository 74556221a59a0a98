"""Where a page of a timeline ended, as a word the caller hands back."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from trustmed.region.record.event import LAST_DAY, Event
from trustmed.region.registry.cursor import CursorRefused

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST: Final = 100


class Mark(msgspec.Struct, frozen=True):
    """The last event given out: the next page starts after it. The empty key is before every event of its moment."""

    at: datetime = LAST_DAY
    key: str = ""


def encode_mark(event: Event) -> str:
    """Return the text of a mark: microseconds since 1970 (8 bytes) and the key, base64url."""
    microseconds = (event.at - EPOCH) // timedelta(microseconds=1)
    return urlsafe_b64encode(microseconds.to_bytes(8, "big", signed=True) + event.key.encode()).decode("ascii")


def decode_mark(word: str) -> Mark:
    """Return the mark of a text that `encode_mark` made. Raises CursorRefused."""
    try:
        raw = urlsafe_b64decode(word.encode("ascii"))
        if not 8 <= len(raw) <= LONGEST:
            raise CursorRefused
        moment = EPOCH + timedelta(microseconds=int.from_bytes(raw[:8], "big", signed=True))
        key = raw[8:].decode("ascii")
    except (NotBase64, UnicodeError, OverflowError) as error:
        raise CursorRefused from error
    if not key.isprintable():
        raise CursorRefused
    return Mark(moment, key)
