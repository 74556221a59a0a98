"""Private keys of all accepted families, with one interface."""

import base64
from typing import Protocol

from cryptography.exceptions import UnsupportedAlgorithm as LibraryUnsupported
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from trustmed.signature import algorithms, gost_engine
from trustmed.signature.errors import KeyRefused
from trustmed.signature.gost import require_gost


class PrivateKey(Protocol):
    """A key that signs with its family's default digest (SHA-256, or Streebog of the key's size)."""

    @property
    def family(self) -> str: ...

    @property
    def spki(self) -> bytes: ...

    def sign(self, data: bytes) -> bytes: ...

    def pem(self, passphrase: bytes) -> bytes:
        """Return the key as PKCS#8 PEM, encrypted unless the passphrase is empty."""
        ...


class ClassicKey:
    """An ECDSA or RSA key, by the package `cryptography`."""

    def __init__(self, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> None:
        self._key = key
        self.family = "rsa" if isinstance(key, rsa.RSAPrivateKey) else "ec"
        encoding, shape = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        self.spki = key.public_key().public_bytes(encoding, shape)

    def sign(self, data: bytes) -> bytes:
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        return self._key.sign(data, ec.ECDSA(hashes.SHA256()))

    def pem(self, passphrase: bytes) -> bytes:
        encryption = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
        return self._key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


class GostKey:
    """A GOST R 34.10-2012 key, by OpenSSL's engine; `plain_pem` is an unencrypted PKCS#8 PEM."""

    def __init__(self, plain_pem: bytes) -> None:
        self._pem = plain_pem
        self.spki = base64.b64decode(b"".join(gost_engine.public_pem(plain_pem).splitlines()[1:-1]))
        self.family = algorithms.family(self.spki)

    def sign(self, data: bytes) -> bytes:
        return gost_engine.sign(512 if self.family == "gost512" else 256, self._pem, data)

    def pem(self, passphrase: bytes) -> bytes:
        return gost_engine.recode(self._pem, b"", passphrase) if passphrase else self._pem


def generate_key(algorithm: str) -> PrivateKey:
    """Make a key: "ecdsa-p256", "rsa-2048", "gost2012-256" or "gost2012-512". Raises GostEngineMissing, ValueError."""
    if algorithm == "ecdsa-p256":
        return ClassicKey(ec.generate_private_key(ec.SECP256R1()))
    if algorithm == "rsa-2048":
        return ClassicKey(rsa.generate_private_key(65537, 2048))
    if algorithm in ("gost2012-256", "gost2012-512"):
        require_gost()
        return GostKey(gost_engine.generate(int(algorithm[-3:])))
    raise ValueError(f"unknown algorithm {algorithm}")


def read_key(pem: bytes, passphrase: bytes, family: str) -> PrivateKey:
    """Read the key in a PEM file; `family` is its certificate's. Raises KeyRefused, GostEngineMissing."""
    try:
        if family.startswith("gost"):
            require_gost()
            return GostKey(gost_engine.recode(pem, passphrase, b""))
        key = serialization.load_pem_private_key(pem, passphrase or None)
    except (ValueError, TypeError, LibraryUnsupported, gost_engine.EngineError) as error:
        raise KeyRefused(
            f"Закрытый ключ не читается: {error}. Проверьте файл и пароль к нему.",
            f"The private key cannot be read: {error}. Check the file and its passphrase.",
        ) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise KeyRefused(
            "Закрытый ключ не ECDSA и не RSA. Выпустите ключ другого вида.",
            "The private key is neither ECDSA nor RSA. Issue a key of another kind.",
        )
    return ClassicKey(key)
