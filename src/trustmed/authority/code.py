"""A code of enrolment: who holds it may have one request certified. It is never sent.

The code is the seed of a signing key (Ed25519): the region keeps the public half, the site signs its request, so
neither a thief of the region's database nor a listener on the line can enrol. It also pins the region's root: a false
region has another.
"""

import base64
import binascii
import secrets
from hashlib import sha256
from typing import Final

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from trustmed.errors import InputRefused

SEED: Final = 15
PIN: Final = 10
"""Bytes of the code's two parts: together five groups of eight letters and digits."""
_GROUP: Final = 8
_PURPOSE: Final = b"trustmed enrol 1\0"


class CodeMistyped(InputRefused):
    """What was given has not the form of a code."""

    def __init__(self) -> None:
        super().__init__(
            "Это не код: в нём 40 букв и цифр (пять групп по восемь). Проверьте, не пропущен ли знак.",
            "This is no code: it has 40 letters and digits (five groups of eight). Check whether a sign is missing.",
        )


class Code(msgspec.Struct, frozen=True):
    """A code as the site holds it. `pin` is the beginning of the digest of the region's root certificate."""

    seed: bytes
    pin: bytes

    @property
    def text(self) -> str:
        letters = base64.b32encode(self.seed + self.pin).decode()
        return "-".join(letters[start : start + _GROUP] for start in range(0, len(letters), _GROUP))

    @property
    def verifier(self) -> bytes:
        """Return what the region keeps: the public key."""
        return self._key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)

    def sign(self, request: bytes) -> bytes:
        """Return the proof that the holder of the code makes this request."""
        return self._key.sign(_PURPOSE + request)

    def is_pinned(self, root: x509.Certificate) -> bool:
        """Whether this is the root of the region that gave the code."""
        return self.pin == pin_of(root)

    @property
    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(sha256(_PURPOSE + self.seed).digest())


def make_code(root: x509.Certificate) -> Code:
    """Make a code of a region with this root."""
    return Code(secrets.token_bytes(SEED), pin_of(root))


def read_code(text: str) -> Code:
    """Return the code of what a person typed. Raises CodeMistyped."""
    letters = "".join(one for one in text.upper() if one.isalnum())
    try:
        data = base64.b32decode(letters)
    except (binascii.Error, ValueError) as error:
        raise CodeMistyped from error
    if len(data) != SEED + PIN:
        raise CodeMistyped
    return Code(data[:SEED], data[SEED:])


def is_signed_by_holder(verifier: bytes, request: bytes, signature: bytes) -> bool:
    """Whether the holder of the code makes this request."""
    try:
        Ed25519PublicKey.from_public_bytes(verifier).verify(signature, _PURPOSE + request)
    except (ValueError, InvalidSignature):
        return False
    return True


def pin_of(root: x509.Certificate) -> bytes:
    """Return the beginning of the digest of a root certificate."""
    return sha256(root.public_bytes(serialization.Encoding.DER)).digest()[:PIN]
