"""The ground a physician has taken for a person, kept in a signed cookie: no address and no log has the reason."""

import hmac
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from typing import Final
from uuid import UUID

import msgspec

from trustmed.region.record.grounds import Claim

MINUTES: Final = 30
DIGEST_BYTES: Final = 32


class Taken(msgspec.Struct, frozen=True):
    """A ground that an account took for a person. `until`: seconds since 1970."""

    account_id: UUID
    person_id: UUID
    claim: Claim
    until: float


def sign_taken(secret: str, account_id: UUID, person_id: UUID, claim: Claim) -> str:
    """Return the value of the cookie: the ground, signed."""
    content = msgspec.json.encode(Taken(account_id, person_id, claim, time.time() + MINUTES * 60))
    return urlsafe_b64encode(_digest(secret, content) + content).decode("ascii")


def find_taken(secret: str, value: str, account_id: UUID, person_id: UUID) -> Claim | None:
    """Return the claim if this account took it for this person and its time is not over."""
    try:
        raw = urlsafe_b64decode(value.encode("ascii"))
        content = raw[DIGEST_BYTES:]
        if not hmac.compare_digest(raw[:DIGEST_BYTES], _digest(secret, content)):
            return None
        taken = msgspec.json.decode(content, type=Taken)
    except (NotBase64, UnicodeError, ValueError, msgspec.DecodeError):
        return None
    is_theirs = taken.account_id == account_id and taken.person_id == person_id
    return taken.claim if is_theirs and taken.until > time.time() else None


def _digest(secret: str, content: bytes) -> bytes:
    return hmac.digest(secret.encode(), b"record ground" + content, "sha256")
