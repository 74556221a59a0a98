"""Say whose certificate it is, having checked its chain, dates, revocation and purpose (RFC 5280 §6)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from typing import Final, TypeVar

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from trustmed.authority.constraints import are_names_permitted
from trustmed.authority.errors import (
    PeerDamaged,
    PeerExpired,
    PeerNameless,
    PeerNotYetValid,
    PeerRevocationUnknown,
    PeerRevoked,
    PeerUntrusted,
    PeerWrongUsage,
    RequestDamaged,
    SignatureWrong,
)
from trustmed.authority.keys import PublicKey, accepted_key
from trustmed.authority.names import Names, Use, find_names
from trustmed.authority.trust import PeerTrust, is_strong

CLOCK_SKEW: Final = timedelta(minutes=10)
"""How far ahead the clock of who issued a certificate or a list may be."""
LONGEST_CHAIN: Final = 4
"""Certificates, the root included."""
LARGEST_CERTIFICATE: Final = 16_384
Wanted = TypeVar("Wanted", bound=x509.ExtensionType)
_UNDERSTOOD: Final = {
    *(
        "2.5.29.15",
        "2.5.29.17",
        "2.5.29.19",
        "2.5.29.30",
        "2.5.29.32",
        "2.5.29.37",
    ),  # usage, names, constraints, policy
}
_PURPOSES: Final = {"client": ExtendedKeyUsageOID.CLIENT_AUTH, "server": ExtendedKeyUsageOID.SERVER_AUTH}


class Peer(msgspec.Struct, frozen=True):
    """Whose certificate it is. `serial` and `sha256` are lower-case hex; `key` is what checks signatures."""

    names: Names
    serial: str
    sha256: str
    not_after: datetime
    key: PublicKey

    @property
    def label(self) -> str:
        return self.names.label


def verify_peer(
    chain: Sequence[bytes | x509.Certificate], trust: PeerTrust, at: datetime, use: Use | None = None
) -> Peer:
    """Return whose the first certificate is, the others being intermediates, at the moment `at` (normally now).

    `use`: the purpose it must be meant for in TLS; None asks only that its key may sign. Raises a kind of PeerRefused.
    """
    given = tuple(_read(one) for one in chain[:LONGEST_CHAIN])
    if not given:
        raise PeerDamaged("нет ни одного / none was given")
    leaf = given[0]
    path = _find_path(leaf, (*trust.intermediates, *given[1:]), trust.roots)
    if path is None:
        raise PeerUntrusted(_name_line(leaf.subject), _name_line(leaf.issuer))
    for one in path:
        _check_dates(one, at)
    for certificate, issuer in pairwise(path):
        _check_revocation(certificate, issuer, trust, at)
    _check_usage(leaf, use)
    return Peer(
        names=names_of(leaf),
        serial=f"{leaf.serial_number:x}",
        sha256=sha256(leaf.public_bytes(serialization.Encoding.DER)).hexdigest(),
        not_after=leaf.not_valid_after_utc,
        key=_key_of(leaf),
    )


def names_of(certificate: x509.Certificate) -> Names:
    """Return what a certificate says of its bearer, unchecked. Raises PeerNameless."""
    try:
        alternative = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names = find_names(alternative.get_values_for_type(x509.UniformResourceIdentifier))
    except (x509.ExtensionNotFound, ValueError):
        names = None
    if names is None:
        raise PeerNameless(_name_line(certificate.subject))
    return names


def check_signature(peer: Peer, data: bytes, signature: bytes) -> None:
    """Raise SignatureWrong unless the peer's key signed exactly these bytes (ECDSA or RSA PKCS#1, SHA-256)."""
    try:
        if isinstance(peer.key, rsa.RSAPublicKey):
            peer.key.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
        else:
            peer.key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise SignatureWrong(peer.label) from error


def _read(one: bytes | x509.Certificate) -> x509.Certificate:
    if isinstance(one, x509.Certificate):
        return one
    if len(one) > LARGEST_CERTIFICATE:
        raise PeerDamaged("слишком велик / too large")
    try:
        is_pem = one.lstrip().startswith(b"-----")
        certificate = x509.load_pem_x509_certificate(one) if is_pem else x509.load_der_x509_certificate(one)
        _ = certificate.extensions  # they are read late: a damaged one is to be found here
    except (ValueError, UnsupportedAlgorithm, x509.DuplicateExtension) as error:
        raise PeerDamaged(type(error).__name__) from error
    return certificate


def _find_path(
    leaf: x509.Certificate, offered: tuple[x509.Certificate, ...], roots: tuple[x509.Certificate, ...]
) -> tuple[x509.Certificate, ...] | None:
    """Return a chain from the leaf to a root, in which every certificate may issue the one before it."""
    return _extend((leaf,), offered, roots) if leaf not in roots else None


def _extend(
    path: tuple[x509.Certificate, ...], offered: tuple[x509.Certificate, ...], roots: tuple[x509.Certificate, ...]
) -> tuple[x509.Certificate, ...] | None:
    for issuer in (*roots, *offered):
        if issuer in path or not _may_issue(issuer, path):
            continue
        if issuer in roots:
            return (*path, issuer)
        if len(path) + 1 < LONGEST_CHAIN and (found := _extend((*path, issuer), offered, roots)):
            return found
    return None


def _may_issue(issuer: x509.Certificate, path: tuple[x509.Certificate, ...]) -> bool:
    """Whether the certificate issued the last one of the path, and may stand above all of it."""
    last = path[-1]
    try:
        if last.issuer != issuer.subject or not is_strong(last.signature_hash_algorithm):
            return False
        accepted_key(issuer.public_key())
        last.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm, RequestDamaged):
        return False
    basic = _find(issuer, x509.BasicConstraints)
    usage = _find(issuer, x509.KeyUsage)
    if basic is None or not basic.ca or (usage is not None and not usage.key_cert_sign):
        return False
    if basic.path_length is not None and len(path) - 1 > basic.path_length:
        return False
    return _is_understood(issuer) and all(are_names_permitted(one, issuer) for one in path)


def _is_understood(certificate: x509.Certificate) -> bool:
    return all(not one.critical or one.oid.dotted_string in _UNDERSTOOD for one in certificate.extensions)


def _check_dates(certificate: x509.Certificate, at: datetime) -> None:
    name = _name_line(certificate.subject)
    if at > certificate.not_valid_after_utc:
        raise PeerExpired(name, f"{certificate.not_valid_after_utc:%d.%m.%Y}")
    if at + CLOCK_SKEW < certificate.not_valid_before_utc:
        raise PeerNotYetValid(name, f"{certificate.not_valid_before_utc:%d.%m.%Y %H:%M} UTC")


def _check_revocation(certificate: x509.Certificate, issuer: x509.Certificate, trust: PeerTrust, at: datetime) -> None:
    basic = _find(certificate, x509.BasicConstraints)
    crl = trust.list_of(issuer, for_authority=basic is not None and basic.ca)
    issuer_name = _name_line(issuer.subject)
    if crl is None:
        raise PeerRevocationUnknown(issuer_name, trust.folder, None)
    found = crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
    if found is not None and found.revocation_date_utc <= at + CLOCK_SKEW:
        raise PeerRevoked(_name_line(certificate.subject), f"{found.revocation_date_utc:%d.%m.%Y %H:%M} UTC")
    end = crl.next_update_utc
    if end is not None and at > end:
        raise PeerRevocationUnknown(issuer_name, trust.folder, f"{end:%d.%m.%Y}")


def _check_usage(leaf: x509.Certificate, use: Use | None) -> None:
    name = _name_line(leaf.subject)
    basic, usage, purposes = (
        _find(leaf, x509.BasicConstraints),
        _find(leaf, x509.KeyUsage),
        _find(leaf, x509.ExtendedKeyUsage),
    )
    if not _is_understood(leaf):
        raise PeerWrongUsage(name, "неизвестное критическое расширение / an unknown critical extension")
    if (basic is not None and basic.ca) or usage is None or not usage.digital_signature:
        raise PeerWrongUsage(name, "digitalSignature")
    if use is not None and (purposes is None or _PURPOSES[use] not in purposes):
        raise PeerWrongUsage(name, f"{use}Auth")


def _key_of(leaf: x509.Certificate) -> PublicKey:
    try:
        return accepted_key(leaf.public_key())
    except (RequestDamaged, ValueError, UnsupportedAlgorithm) as error:
        raise PeerDamaged(str(error)) from error


def _find(certificate: x509.Certificate, kind: type[Wanted]) -> Wanted | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _name_line(name: x509.Name) -> str:
    return name.rfc4514_string()[:200]
