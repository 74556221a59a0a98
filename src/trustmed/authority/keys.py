"""Private keys of participants (EC P-256), certificate requests, and the files they are kept in."""

import os
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from trustmed.authority.errors import RequestDamaged
from trustmed.authority.names import Names

SMALLEST_RSA: Final = 2048
LARGEST_REQUEST: Final = 8192
"""Bytes of a certificate request."""

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey


def make_key() -> ec.EllipticCurvePrivateKey:
    """Make a private key."""
    return ec.generate_private_key(ec.SECP256R1())


def key_pem(key: PrivateKey, passphrase: bytes = b"") -> bytes:
    """Return the key as PKCS#8 PEM, encrypted unless the passphrase is empty."""
    encryption = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


def read_key(pem: bytes, passphrase: bytes = b"") -> PrivateKey:
    """Read a private key from PEM. Raises ValueError with the cause."""
    try:
        key = serialization.load_pem_private_key(pem, passphrase or None)
    except (TypeError, UnsupportedAlgorithm) as error:
        raise ValueError(str(error)) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise ValueError("neither EC nor RSA")
    return key


def spki(key: PublicKey) -> bytes:
    """Return the encoded public key (SubjectPublicKeyInfo), by which two keys are compared."""
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def make_request(key: PrivateKey, names: Names) -> bytes:
    """Return a certificate request (PKCS#10, DER). Its subject is for people: the region decides on the names."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names.label)])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.DER)


def public_key_of_request(raw: bytes) -> PublicKey:
    """Return the key of a request (PEM or DER) that proves to have the private one. Raises RequestDamaged."""
    if len(raw) > LARGEST_REQUEST:
        raise RequestDamaged("он слишком велик", "it is too large")
    try:
        is_pem = raw.lstrip().startswith(b"-----")
        request = x509.load_pem_x509_csr(raw) if is_pem else x509.load_der_x509_csr(raw)
        key, is_own = request.public_key(), request.is_signature_valid
    except (ValueError, TypeError, UnsupportedAlgorithm, InvalidSignature) as error:
        raise RequestDamaged("он не читается", f"it cannot be read ({type(error).__name__})") from error
    if not is_own:
        raise RequestDamaged("он подписан не своим ключом", "it is not signed by its own key")
    return accepted_key(key)


def accepted_key(key: object) -> PublicKey:
    """Return a public key if it is strong enough. Raises RequestDamaged."""
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1 | ec.SECP384R1):
        return key
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= SMALLEST_RSA:
        return key
    raise RequestDamaged(
        "нужен ключ EC P-256, P-384 или RSA от 2048 бит", "a key of EC P-256, P-384 or RSA of 2048 bits is needed"
    )


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only its owner can read; a kill leaves the old one or the new one, whole and on disk."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
