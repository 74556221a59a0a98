"""Whose certificates are believed: roots, intermediates and revocation lists in one folder of the deployment."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from trustmed.authority.errors import TrustMissing
from trustmed.topology.file.spec import Topology

FOLDER: Final = "region-authority"
_SUFFIXES: Final = {".crt", ".cer", ".pem", ".crl"}

FileVersion = tuple[Path, int, int, int]


class PeerTrust(msgspec.Struct, frozen=True):
    """Roots name themselves as issuer. `lists` holds what was published, the newest first."""

    folder: Path
    roots: tuple[x509.Certificate, ...] = ()
    intermediates: tuple[x509.Certificate, ...] = ()
    lists: tuple[x509.CertificateRevocationList, ...] = ()

    def list_of(self, issuer: x509.Certificate, *, for_authority: bool) -> x509.CertificateRevocationList | None:
        """Return the issuer's newest list that covers all its certificates of a sort."""
        key = issuer.public_key()
        if not isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
            return None
        own = (one for one in self.lists if one.issuer == issuer.subject and _covers_all(one, for_authority))
        return next((one for one in own if _is_signed(one, key)), None)


_STORES: dict[Path, tuple[tuple[FileVersion, ...], PeerTrust]] = {}


def trust_folder(topology: Topology) -> Path:
    """Return the folder of the setting `region.authority`; by default that of `trustmed authority`."""
    named = topology.region.authority
    return topology.folder / (named if named is not None else Path(topology.region.secrets) / FOLDER)


def trust_of(topology: Topology) -> PeerTrust:
    """Return whom this deployment believes. Files are read again only when they change. Raises TrustMissing."""
    return load_peer_trust(trust_folder(topology))


def load_peer_trust(folder: Path) -> PeerTrust:
    """Load a folder of *.crt, *.cer, *.pem and *.crl, PEM or DER. Raises TrustMissing if there is no root in it."""
    state = _state(folder)
    known = _STORES.get(folder)
    if known is None or known[0] != state:
        known = _STORES[folder] = (state, _load(folder, state))
    return known[1]


def is_strong(algorithm: hashes.HashAlgorithm | None) -> bool:
    """Whether a signature by this digest is believed."""
    return isinstance(algorithm, hashes.SHA256 | hashes.SHA384 | hashes.SHA512)


def days_left(certificate: x509.Certificate, at: datetime) -> int:
    """Return how many whole days the certificate has left; negative once it is over."""
    return (certificate.not_valid_after_utc - at) // timedelta(days=1)


def read_certificates(data: bytes) -> tuple[x509.Certificate, ...]:
    """Read certificates from PEM or one from DER. Raises ValueError."""
    if data.lstrip().startswith(b"-----"):
        return tuple(x509.load_pem_x509_certificates(data))
    return (x509.load_der_x509_certificate(data),)


def _state(folder: Path) -> tuple[FileVersion, ...]:
    try:
        files = sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES)
        return tuple((path, stat.st_mtime_ns, stat.st_size, stat.st_ino) for path in files for stat in [path.stat()])
    except OSError as error:
        raise TrustMissing(folder) from error


def _load(folder: Path, state: tuple[FileVersion, ...]) -> PeerTrust:
    certificates: list[x509.Certificate] = []
    lists: list[x509.CertificateRevocationList] = []
    for path, *_ in state:
        data = path.read_bytes()
        try:
            if b"X509 CRL" in data[:64] or path.suffix.lower() == ".crl":
                is_pem = data.lstrip().startswith(b"-----")
                crl = x509.load_pem_x509_crl(data) if is_pem else x509.load_der_x509_crl(data)
                _ = crl.extensions  # they are read late: damaged ones are to be found here
                lists.append(crl)
            else:
                certificates += read_certificates(data)
        except (ValueError, UnsupportedAlgorithm, x509.DuplicateExtension):
            continue  # a damaged file harms no other: what it should have held is then missing, and that is said
    roots = tuple(one for one in certificates if one.subject == one.issuer)
    if not roots:
        raise TrustMissing(folder)
    newest = sorted(lists, key=lambda one: one.last_update_utc, reverse=True)
    return PeerTrust(folder, roots, tuple(one for one in certificates if one not in roots), tuple(newest))


def _covers_all(crl: x509.CertificateRevocationList, for_authority: bool) -> bool:
    """Whether who is not on the list is not revoked: it is neither a difference nor partial."""
    for extension in crl.extensions:
        value = extension.value
        if isinstance(value, x509.IssuingDistributionPoint):
            wrong_sort = value.only_contains_user_certs if for_authority else value.only_contains_ca_certs
            if wrong_sort or value.only_contains_attribute_certs or value.indirect_crl or value.only_some_reasons:
                return False
        elif extension.critical:  # a delta's indicator, or what nobody here understands
            return False
    return True


def _is_signed(crl: x509.CertificateRevocationList, key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey) -> bool:
    if not is_strong(crl.signature_hash_algorithm):
        return False
    try:
        return crl.is_signature_valid(key)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False
