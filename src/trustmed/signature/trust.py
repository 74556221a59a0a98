"""The trust store of a deployment: root and intermediate certificates and revocation lists, read from one folder."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

import msgspec

from trustmed.errors import Broken
from trustmed.signature.certificate import Certificate, name_attributes, read_certificate
from trustmed.signature.der import DerError
from trustmed.signature.revocation import RevocationList, read_crl

_SUFFIXES = {".crt", ".cer", ".pem", ".der", ".crl"}
_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)


class TrustFolderMissing(Broken):
    """The folder of trusted certificates cannot be read."""


class TrustStore(msgspec.Struct, frozen=True):
    """Roots are the certificates that name themselves as issuer. `problems` names unusable files and says why.

    `by_subject` finds certificates of both kinds and `crls` finds lists, the newest first, by encoded name.
    """

    roots: tuple[Certificate, ...] = ()
    intermediates: tuple[Certificate, ...] = ()
    by_subject: dict[bytes, tuple[Certificate, ...]] = {}
    crls: dict[bytes, tuple[RevocationList, ...]] = {}
    problems: tuple[str, ...] = ()


class _File(msgspec.Struct, frozen=True):
    certificates: tuple[Certificate, ...] = ()
    crls: tuple[RevocationList, ...] = ()
    problem: str = ""


_FileVersion = tuple[Path, int, int, int]
_FILES: dict[Path, tuple[tuple[int, ...], _File]] = {}
_STORES: dict[Path, tuple[tuple[_FileVersion, ...], TrustStore]] = {}


def build_trust(
    certificates: tuple[bytes, ...], crls: tuple[bytes, ...] = (), problems: tuple[str, ...] = ()
) -> TrustStore:
    """Build a store from certificates and lists in DER. Raises DerError if one cannot be read."""
    read = [read_certificate(raw) for raw in certificates]
    for certificate in read:
        name_attributes(certificate.subject)
    return _store(read, [read_crl(raw) for raw in crls], problems)


def _store(
    certificates: Iterable[Certificate], crls: Iterable[RevocationList], problems: tuple[str, ...]
) -> TrustStore:
    known = tuple({certificate.raw: certificate for certificate in certificates}.values())
    newest = sorted(crls, key=lambda crl: (crl.issued_at, crl.number or 0), reverse=True)
    return TrustStore(
        roots=tuple(certificate for certificate in known if _is_root(certificate)),
        intermediates=tuple(certificate for certificate in known if not _is_root(certificate)),
        by_subject={c.subject: tuple(other for other in known if other.subject == c.subject) for c in known},
        crls={crl.issuer: tuple(other for other in newest if other.issuer == crl.issuer) for crl in newest},
        problems=problems,
    )


def with_lists(store: TrustStore, crls: Iterable[RevocationList]) -> TrustStore:
    """Return the store with further revocation lists: of several lists of an issuer the newest is used."""
    known = [crl for lists in store.crls.values() for crl in lists]
    added = {crl.sha256: crl for crl in (*known, *crls)}
    return _store((*store.roots, *store.intermediates), added.values(), store.problems)


def load_trust(directory: Path) -> TrustStore:
    """Load the store from a folder of *.crt, *.cer, *.pem, *.der and *.crl files, PEM or DER.

    It may be called for every signature: files are read again only when names, sizes or times change. A file that
    cannot be read is left out and named in `problems`, so that a damaged download does not stop a clinic.
    Raises TrustFolderMissing.
    """
    state = _state(directory)
    known = _STORES.get(directory)
    if known is None or known[0] != state:
        known = _STORES[directory] = (state, _load(state))
    return known[1]


def read_lists(directory: Path) -> dict[str, bytes]:
    """Return the bytes (DER) of every revocation list of the folder by their SHA-256. Raises TrustFolderMissing."""
    found: dict[str, bytes] = {}
    for path, *_ in _state(directory):
        try:
            parts = _parts(path)
        except (OSError, DerError):
            continue  # `load_trust` names it
        found.update((hashlib.sha256(raw).hexdigest(), raw) for label, raw in parts if label == "X509 CRL")
    return found


def cached_trust(directory: Path) -> TrustStore | None:
    """Return the store at once if its files have not changed since they were read; None if they must be read again.

    Raises TrustFolderMissing.
    """
    known = _STORES.get(directory)
    return known[1] if known is not None and known[0] == _state(directory) else None


def _state(directory: Path) -> tuple[_FileVersion, ...]:
    try:
        files = sorted(path for path in directory.iterdir() if path.suffix.lower() in _SUFFIXES)
        state = tuple((path, stat.st_mtime_ns, stat.st_size, stat.st_ino) for path in files for stat in [path.stat()])
    except OSError as error:
        raise TrustFolderMissing(
            f"Папка доверенных сертификатов {directory} не читается: {error}. "
            "Создайте её и положите туда сертификаты УЦ.",
            f"The trust folder {directory} cannot be read: {error}. "
            "Create it and put the authorities' certificates there.",
        ) from error
    return state


def _load(state: tuple[_FileVersion, ...]) -> TrustStore:
    files = [_cached_file(*version) for version in state]
    return _store(
        [certificate for file in files for certificate in file.certificates],
        [crl for file in files for crl in file.crls],
        tuple(file.problem for file in files if file.problem),
    )


def _cached_file(path: Path, *version: int) -> _File:
    """Return the content of a file, read again if its version differs. The old content is dropped: lists are large."""
    if path not in _FILES or _FILES[path][0] != version:
        _FILES[path] = (version, _read_file(path))
    return _FILES[path][1]


def _read_file(path: Path) -> _File:
    try:
        parts = _parts(path)
        certificates = tuple(read_certificate(raw) for label, raw in parts if label == "CERTIFICATE")
        for certificate in certificates:
            name_attributes(certificate.subject)
        return _File(certificates, tuple(read_crl(raw) for label, raw in parts if label == "X509 CRL"))
    except (OSError, DerError) as error:
        return _File(problem=f"{path.name}: {error}")


def _parts(path: Path) -> list[tuple[str, bytes]]:
    """Return the certificates and lists of one file as (PEM label, DER). Raises DerError if there are none."""
    data = path.read_bytes()
    if not data.lstrip().startswith(b"-----") and data[:1] == b"\x30":
        return [("X509 CRL" if path.suffix.lower() == ".crl" else "CERTIFICATE", data)]
    parts = [(label, raw) for label, raw in pem_parts(data) if label in ("CERTIFICATE", "X509 CRL")]
    if not parts:
        raise DerError("no certificate and no revocation list inside")
    return parts


def pem_parts(data: bytes) -> list[tuple[str, bytes]]:
    """Return the PEM blocks of `data` as (label, DER). Raises DerError."""
    try:
        return [(m[1].decode(), base64.b64decode(m[2], validate=False)) for m in _PEM.finditer(data)]
    except binascii.Error as error:
        raise DerError(f"PEM: {error}") from error


def _is_root(certificate: Certificate) -> bool:
    return certificate.subject == certificate.issuer and certificate.authority_key in (None, certificate.subject_key)
