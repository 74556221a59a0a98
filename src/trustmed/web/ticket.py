"""The step between a right password and the code: a signed note of who gave the password, for five minutes."""

import base64
import hmac
import time
from hashlib import sha256
from typing import Final

import msgspec

LIFE_SECONDS: Final = 300


class Ticket(msgspec.Struct, frozen=True, array_like=True):
    """Whoever holds it gave the right password of this login. It opens nothing without a code."""

    login: str
    next: str
    until: int


def write_ticket(secret: str, login: str, target: str) -> str:
    ticket = Ticket(login, target, int(time.time()) + LIFE_SECONDS)
    said = base64.urlsafe_b64encode(msgspec.json.encode(ticket)).decode()
    return f"{said}.{_mark(secret, said)}"


def read_ticket(secret: str, value: str | None) -> Ticket | None:
    """Return the ticket; None if it is over, not ours or absent."""
    said, _, mark = (value or "").partition(".")
    if not value or not value.isascii() or not hmac.compare_digest(mark, _mark(secret, said)):
        return None
    ticket = msgspec.json.decode(base64.urlsafe_b64decode(said), type=Ticket)
    return ticket if ticket.until > time.time() else None


def _mark(secret: str, said: str) -> str:
    return hmac.new(secret.encode(), f"ticket\0{said}".encode(), sha256).hexdigest()
