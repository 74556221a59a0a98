"""Who of a site's staff asks the region, as the site says under its signature: in one header beside the question.

The statement names the question by address and digest, so it serves no other one, and bears a moment and a number, so
it serves once. Three parts in base64url, joined by dots: the statement (JSON), the signature of CONTEXT and the first
part, the site's certificates (DER, joined by "~"), its own first.
"""

import datetime as dt
import secrets
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Annotated, Final
from uuid import UUID

import msgspec

HEADER: Final = "X-Staff-Statement"
CONTEXT: Final = b"trustmed staff statement\n"
"""What is signed before the statement, so that a signature made for something else is none of a statement."""
LASTS_SECONDS: Final = 60
"""How far the statement's moment may be from the region's clock."""
LONGEST: Final = 16_384
MOST_CERTIFICATES: Final = 4

Words = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A member of staff asks this question now. `at`: seconds since 1970.

    `visit_day`: of the organisation's last visit of the patient, if there was one lately; `visit_is_of_another`:
    another doctor began it, or somebody else confirmed it.
    """

    path: Annotated[str, msgspec.Meta(max_length=200)]
    body_sha256: str
    account: Words
    employee_id: UUID
    name: Words
    position: Words
    at: int
    nonce: Annotated[str, msgspec.Meta(min_length=16, max_length=64)]
    visit_day: dt.date | None = None
    visit_is_of_another: bool = False


class Sealed(msgspec.Struct, frozen=True):
    """A statement whose signature has not been checked yet. `signed`: the bytes that are to be signed."""

    statement: Statement
    signed: bytes
    signature: bytes
    chain: tuple[bytes, ...]


class NotAStatement(Exception):
    """The text is no statement; `args` say why, in Russian and English."""


def digest(body: bytes) -> str:
    """Return what names a question's body."""
    return sha256(body).hexdigest()


def new_nonce() -> str:
    return secrets.token_urlsafe(18)


def now() -> int:
    return int(time.time())


def seal(statement: Statement, sign: Callable[[bytes], bytes], chain: Sequence[bytes]) -> str:
    """Return the header's value."""
    first = _encode(msgspec.json.encode(statement))
    signature = sign(CONTEXT + first.encode("ascii"))
    return ".".join((first, _encode(signature), "~".join(map(_encode, chain))))


def unseal(text: str) -> Sealed:
    """Return what a header says, unchecked. Raises NotAStatement."""
    parts = text.split(".")
    if len(text) > LONGEST or len(parts) != 3:
        raise NotAStatement("это не три части", "it has not three parts")
    first, signature, chain = parts
    certificates = chain.split("~")
    if len(certificates) > MOST_CERTIFICATES:
        raise NotAStatement("слишком много сертификатов", "there are too many certificates")
    try:
        statement = msgspec.json.decode(_decode(first), type=Statement)
        return Sealed(statement, CONTEXT + first.encode("ascii"), _decode(signature), tuple(map(_decode, certificates)))
    except (ValueError, msgspec.DecodeError) as error:
        raise NotAStatement("она не читается", "it cannot be read") from error


def _encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _decode(text: str) -> bytes:
    return urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
