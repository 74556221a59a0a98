"""Seal bytes with a secret of the deployment: encrypted and bound to what they belong to, they open nowhere else."""

from hashlib import sha256
from secrets import token_bytes
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES: Final = 12


def sealing_key(purpose: str, secret: str) -> bytes:
    """Return the key that a secret makes for a purpose: what is sealed for one purpose opens for no other."""
    return sha256(f"{purpose}\0{secret}".encode()).digest()


def seal(key: bytes, content: bytes, bound_to: bytes) -> bytes:
    """Return the content sealed (AES-256-GCM, a random nonce before it)."""
    nonce = token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, content, bound_to)


def unseal(key: bytes, sealed: bytes, bound_to: bytes) -> bytes | None:
    """Return the content; None if it was sealed by another key, is bound to something else, or was altered."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)
    except (InvalidTag, ValueError):
        return None
