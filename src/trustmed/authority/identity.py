"""The certificate and key of a participant, in one file of the deployment's secrets: `identity/<kind>-<name>.pem`.

The key is made where it is used and never leaves: only a request with its public half is sent to the region. Both are
in one file, so a renewal replaces them together.
"""

import re
from pathlib import Path
from typing import Final

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from trustmed.authority.errors import IdentityBroken, IdentityMissing
from trustmed.authority.keys import PrivateKey, key_pem, make_key, make_request, read_key, spki, write_private
from trustmed.authority.names import Kind, Names
from trustmed.authority.peer import names_of
from trustmed.authority.trust import read_certificates
from trustmed.errors import TrustMedError
from trustmed.topology.file.spec import Topology

FOLDER: Final = "identity"
_KEY_END: Final = re.compile(rb"-----END [A-Z ]*PRIVATE KEY-----\r?\n")


class Files(msgspec.Struct, frozen=True):
    """Where an identity is kept. `next_key` is that of a request which has not been answered yet."""

    pem: Path
    next_key: Path


class Identity(msgspec.Struct, frozen=True):
    """Who this program is. `chain` is what others verify: its certificate, then intermediates."""

    names: Names
    key: PrivateKey
    chain: tuple[x509.Certificate, ...]
    files: Files

    @property
    def certificate(self) -> x509.Certificate:
        return self.chain[0]

    @property
    def chain_der(self) -> tuple[bytes, ...]:
        return tuple(one.public_bytes(serialization.Encoding.DER) for one in self.chain)

    def sign(self, data: bytes) -> bytes:
        """Return a signature that `peer.check_signature` checks."""
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        return self.key.sign(data, ec.ECDSA(hashes.SHA256()))


_LOADED: dict[Path, tuple[tuple[int, int], Identity]] = {}


def identity_files(topology: Topology, kind: Kind, name: str) -> Files:
    """Return where the identity of this participant is kept."""
    folder = topology.folder / topology.region.secrets / FOLDER
    return Files(folder / f"{kind}-{name}.pem", folder / f"{kind}-{name}.next")


def site_identity(topology: Topology, site: str) -> Identity:
    """Return the key and certificate of a site. Raises IdentityMissing, IdentityBroken."""
    return load_identity(topology, "site", site)


def load_identity(topology: Topology, kind: Kind, name: str) -> Identity:
    """Return the key and certificate of a participant; the file is read again when it changes, as after a renewal.

    Raises IdentityMissing, IdentityBroken.
    """
    files, label = identity_files(topology, kind, name), f"{kind}:{name}"
    try:
        stat = files.pem.stat()
    except OSError as error:
        raise IdentityMissing(label, files.pem) from error
    version = (stat.st_mtime_ns, stat.st_ino)
    known = _LOADED.get(files.pem)
    if known is None or known[0] != version:
        known = _LOADED[files.pem] = (version, _read(files, label))
    return known[1]


def prepare_request(files: Files, names: Names) -> bytes:
    """Return a request (DER) for a new key; a key whose request was not answered is taken again.

    So a repeat after a kill asks for the same key, and the region answers with the same certificate.
    """
    if not files.next_key.exists():
        write_private(files.next_key, key_pem(make_key()))
    return make_request(read_key(files.next_key.read_bytes()), names)


def install(files: Files, chain_pem: bytes) -> Names:
    """Put an issued certificate in force with the key it was asked for; return whose it is.

    Raises IdentityBroken if it is for another key; then nothing changes.
    """
    label = files.pem.stem
    try:
        leaf = read_certificates(chain_pem)[0]
        names = names_of(leaf)
        keys = [_key_part(path.read_bytes()) for path in (files.next_key, files.pem) if path.exists()]
        key = next((one for one in keys if _fits(read_key(one), leaf)), None)
    except (ValueError, IndexError, TrustMedError) as error:
        raise IdentityBroken(label, "сертификат не читается", f"the certificate cannot be read: {error}") from error
    if key is None:
        raise IdentityBroken(label, "сертификат выпущен для другого ключа", "the certificate is for another key")
    write_private(files.pem, key + chain_pem)
    files.next_key.unlink(missing_ok=True)
    return names


def _read(files: Files, label: str) -> Identity:
    try:
        data = files.pem.read_bytes()
        chain, key = read_certificates(data), read_key(_key_part(data))
        names, is_pair = names_of(chain[0]), _fits(key, chain[0])
    except (OSError, ValueError, IndexError, TrustMedError) as error:
        raise IdentityBroken(label, "файл не читается", f"the file cannot be read: {error}") from error
    if not is_pair:
        raise IdentityBroken(label, "ключ и сертификат не пара", "key and certificate are not a pair")
    if names.label != label:
        raise IdentityBroken(label, f"он выдан «{names.label}»", f"it was issued to {names.label!r}")
    return Identity(names, key, chain, files)


def _key_part(data: bytes) -> bytes:
    """Return the key of a file that begins with it."""
    end = _KEY_END.search(data)
    if end is None:
        raise ValueError("no private key in it")
    return data[: end.end()]


def _fits(key: PrivateKey, leaf: x509.Certificate) -> bool:
    shape = serialization.PublicFormat.SubjectPublicKeyInfo
    return spki(key.public_key()) == leaf.public_key().public_bytes(serialization.Encoding.DER, shape)
