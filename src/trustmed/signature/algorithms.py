"""The accepted algorithms by their object identifiers, with one interface to all families of keys.

Families: "rsa" (PKCS #1 v1.5), "ec" (ECDSA), "gost256" and "gost512" (GOST R 34.10-2012, RFC 9215 and 9337).
"""

import hashlib
from functools import lru_cache
from typing import TypeVar

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.exceptions import UnsupportedAlgorithm as LibraryUnsupported
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import load_der_public_key

from trustmed.signature import der, gost_engine
from trustmed.signature.der import DerError, Element
from trustmed.signature.gost import require_gost

SHA1 = "1.3.14.3.2.26"
SHA256, SHA384, SHA512 = (f"2.16.840.1.101.3.4.2.{n}" for n in (1, 2, 3))
GOST256, GOST512 = "1.2.643.7.1.1.2.2", "1.2.643.7.1.1.2.3"
_GOST_BITS = {GOST256: 256, GOST512: 512, "gost256": 256, "gost512": 512}
_SHA2: dict[str, hashes.HashAlgorithm] = {SHA256: hashes.SHA256(), SHA384: hashes.SHA384(), SHA512: hashes.SHA512()}
LEAST_RSA_BITS = 2048
DIGEST_NAMES = {SHA256: "sha256", SHA384: "sha384", SHA512: "sha512", GOST256: "256", GOST512: "512"}

_KEY_FAMILIES = {
    "1.2.840.113549.1.1.1": "rsa",
    "1.2.840.10045.2.1": "ec",
    "1.2.643.7.1.1.1.1": "gost256",
    "1.2.643.7.1.1.1.2": "gost512",
}
_WEAK = {
    SHA1: "SHA-1",
    "1.2.840.113549.2.5": "MD5",
    "1.2.840.113549.1.1.5": "RSA + SHA-1",
    "1.2.840.113549.1.1.4": "RSA + MD5",
    "1.2.840.113549.1.1.10": "RSA-PSS",
    "1.2.840.10045.4.1": "ECDSA + SHA-1",
    "1.2.643.2.2.9": "ГОСТ Р 34.11-94",
    "1.2.643.2.2.19": "ГОСТ Р 34.10-2001",
    "1.2.643.2.2.3": "ГОСТ Р 34.10-2001",
    "1.3.101.112": "Ed25519",
}


T = TypeVar("T")


class NotAccepted(Exception):
    """The algorithm or the size of the key is not accepted; the text names it."""


class Scheme(msgspec.Struct, frozen=True):
    """A family of keys and the digest it signs; the digest is None where the container names it elsewhere."""

    family: str
    digest: str | None


_SCHEMES = {
    "1.2.840.113549.1.1.1": Scheme("rsa", None),
    "1.2.840.113549.1.1.11": Scheme("rsa", SHA256),
    "1.2.840.113549.1.1.12": Scheme("rsa", SHA384),
    "1.2.840.113549.1.1.13": Scheme("rsa", SHA512),
    "1.2.840.10045.4.3.2": Scheme("ec", SHA256),
    "1.2.840.10045.4.3.3": Scheme("ec", SHA384),
    "1.2.840.10045.4.3.4": Scheme("ec", SHA512),
    "1.2.643.7.1.1.1.1": Scheme("gost256", GOST256),
    "1.2.643.7.1.1.1.2": Scheme("gost512", GOST512),
    "1.2.643.7.1.1.3.2": Scheme("gost256", GOST256),
    "1.2.643.7.1.1.3.3": Scheme("gost512", GOST512),
}
DEFAULT_DIGESTS = {"rsa": SHA256, "ec": SHA256, "gost256": GOST256, "gost512": GOST512}
# The identifiers written with the default digest: in certificates and lists, and in containers, where the OID of a GOST
# key stands for the signature's (RFC 9215).
CERTIFICATE_SIGNATURE_OIDS = {
    "rsa": "1.2.840.113549.1.1.11",
    "ec": "1.2.840.10045.4.3.2",
    "gost256": "1.2.643.7.1.1.3.2",
    "gost512": "1.2.643.7.1.1.3.3",
}
CMS_SIGNATURE_OIDS = CERTIFICATE_SIGNATURE_OIDS | {
    "rsa": "1.2.840.113549.1.1.1",
    "gost256": "1.2.643.7.1.1.1.1",
    "gost512": "1.2.643.7.1.1.1.2",
}


def identifier(element: Element) -> str:
    """Return the OID of an AlgorithmIdentifier; an accepted algorithm has no parameters, or NULL. Raises DerError."""
    fields = der.Fields(element)
    oid = der.to_oid(fields.take(der.OID))
    if oid in _SCHEMES or oid in DIGEST_NAMES:
        if (null := fields.maybe(der.NULL)) and null.content:
            raise DerError("NULL with content")
        fields.end()
    return oid


def scheme(oid: str) -> Scheme:
    """Return the family and the digest of a signature algorithm. Raises NotAccepted."""
    return _known(_SCHEMES, oid)


def require_accepted_digest(oid: str) -> str:
    """Return `oid` if it is an accepted digest. Raises NotAccepted."""
    _known(DIGEST_NAMES, oid)
    return oid


def family(spki: bytes) -> str:
    """Return the family of a SubjectPublicKeyInfo. Raises DerError, NotAccepted."""
    return _known(_KEY_FAMILIES, key_oid(spki))


def key_oid(spki: bytes) -> str:
    """Return the OID of a SubjectPublicKeyInfo's algorithm. Raises DerError."""
    fields = der.Fields(der.read(spki))
    named = der.Fields(fields.take(der.SEQUENCE))
    der.to_bits(fields.take())
    fields.end()
    return der.to_oid(named.take(der.OID))


def _known(table: dict[str, T], oid: str) -> T:
    if oid not in table:
        raise NotAccepted(_WEAK.get(oid, f"OID {oid}"))
    return table[oid]


def digest(oid: str, data: bytes) -> bytes:
    """Return the digest of `data`. Raises GostEngineMissing; NotAccepted for an unknown algorithm."""
    name = _known(DIGEST_NAMES, oid)
    if oid in _GOST_BITS:
        require_gost()
        return gost_engine.digest(_GOST_BITS[oid], data)
    return hashlib.new(name, data).digest()


def is_signed_by(spki: bytes, digest_oid: str, signature: bytes, data: bytes) -> bool:
    """Whether `signature` over `data` was made with the key of `spki`.

    Raises NotAccepted for a key that is too short, damaged or on a foreign curve; GostEngineMissing.
    """
    kind = family(spki)
    if kind in _GOST_BITS:
        require_gost()
        bits = _GOST_BITS[kind]
        try:
            return len(signature) == bits // 4 and gost_engine.verify(bits, spki, signature, data)
        except gost_engine.EngineError as error:
            raise NotAccepted(str(error)) from error
    key, algorithm = _public_key(spki), _known(_SHA2, digest_oid)
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, data, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, data, ec.ECDSA(algorithm))
        else:
            return False
    except InvalidSignature:
        return False
    return True


def algorithm_name(kind: str, digest_oid: str) -> str:
    """Return the algorithm's name as people write it: "ecdsa-sha256", "gost2012-256"."""
    return {"ec": "ecdsa", "rsa": "rsa"}.get(kind, "gost2012") + "-" + DIGEST_NAMES[digest_oid]


@lru_cache(maxsize=1024)
def _public_key(spki: bytes) -> PublicKeyTypes:
    try:
        key = load_der_public_key(spki)
    except (ValueError, LibraryUnsupported) as error:
        raise NotAccepted(f"public key: {error}") from error
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < LEAST_RSA_BITS:
        raise NotAccepted(f"RSA {key.key_size}")
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name not in ("secp256r1", "secp384r1", "secp521r1"):
        raise NotAccepted(f"curve {key.curve.name}")
    return key
