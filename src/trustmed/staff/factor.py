"""The second factor: codes by time (TOTP, RFC 6238), their secret sealed at rest, recovery codes.

The secret lies in the database encrypted by a secret of the deployment, bound to the account: a stolen backup gives no
codes, and a row copied into another account's opens nothing.
"""

import base64
import io
import secrets
import time
from collections.abc import Sequence
from hashlib import sha256
from typing import Final
from uuid import UUID

import segno
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from trustmed import sealing

STEP_SECONDS: Final = 30
DIGITS: Final = 6
DRIFT: Final = (-1, 0, 1)
"""Steps by which the clock of a phone may be off."""
SECRET_BYTES: Final = 20
RECOVERY_CODES: Final = 8
RECOVERY_CHARACTERS: Final = "23456789abcdefghjkmnpqrstuvwxyz"  # none that looks like another
RECOVERY_LENGTH: Final = 24
"""So many that a stolen backup does not let them be tried out: a digest without salt is enough for 112 bits."""


def new_secret() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)


def code_at(secret: bytes, step: int) -> str:
    """Return the code of a step (30 seconds of Unix time)."""
    return TOTP(secret, DIGITS, SHA1(), STEP_SECONDS).generate(step * STEP_SECONDS).decode()  # noqa: S303


def step_now() -> int:
    return int(time.time()) // STEP_SECONDS


def step_of(secret: bytes, code: str, now: int) -> int | None:
    """Return the step whose code this is, within DRIFT of `now`; None if it is no code of theirs."""
    found = None
    for drift in DRIFT:
        if secrets.compare_digest(code_at(secret, now + drift).encode(), code.encode()):
            found = now + drift
    return found


def seal(key: str, account_id: UUID, secret: bytes) -> bytes:
    """Encrypt an account's secret."""
    return sealing.seal(_key(key), secret, account_id.bytes)


def unseal(key: str, account_id: UUID, sealed: bytes) -> bytes | None:
    """Return the secret; None if it was sealed for another account or by another key."""
    return sealing.unseal(_key(key), sealed, account_id.bytes)


def secret_text(secret: bytes) -> str:
    """Return the secret as a person types it into an application: groups of four."""
    text = base64.b32encode(secret).decode()
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def qr_code(secret: bytes, login: str, issuer: str) -> str:
    """Return the picture that an application on a phone reads, as inline SVG."""
    address = TOTP(secret, DIGITS, SHA1(), STEP_SECONDS).get_provisioning_uri(login, issuer)  # noqa: S303
    picture = io.BytesIO()
    segno.make(address, error="l").save(
        picture, kind="svg", scale=5, xmldecl=False, svgns=True, omitsize=True, light="#fff", title="QR"
    )
    return picture.getvalue().decode()


def new_recovery_codes() -> list[str]:
    """Return codes that let in once each instead of a code of the phone: six groups of four."""
    return [_recovery_code() for _ in range(RECOVERY_CODES)]


def recovery_sha256(code: str) -> str:
    """Return what is stored of a recovery code, however it was typed."""
    return sha256("".join(one for one in code.lower() if one.isalnum()).encode()).hexdigest()


def recovery_hashes(codes: Sequence[str]) -> list[str]:
    return [recovery_sha256(code) for code in codes]


def is_code_by_time(code: str) -> bool:
    """Return whether it may be a code of the phone, not a recovery code."""
    return len(code) == DIGITS and code.isascii() and code.isdecimal()


def tidy_code(code: str) -> str:
    return "".join(code.split())[: RECOVERY_LENGTH * 2]


def _recovery_code() -> str:
    text = "".join(secrets.choice(RECOVERY_CHARACTERS) for _ in range(RECOVERY_LENGTH))
    return "-".join(text[at : at + 4] for at in range(0, RECOVERY_LENGTH, 4))


def _key(text: str) -> bytes:
    return sealing.sealing_key("second factor", text)
