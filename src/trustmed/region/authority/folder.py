"""The folder of the authority: `root.key` (its owner's only), `root.crt`, `root.crl` and the journal.

It is the folder of trust too (`authority.trust`), unless the key is kept elsewhere: then certificate and list are
copied there.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from trustmed.authority.keys import key_pem, read_key, write_private
from trustmed.authority.trust import read_certificates, trust_folder
from trustmed.region.authority import journal
from trustmed.region.authority.errors import AuthorityExists, AuthorityLocked, AuthorityMissing
from trustmed.region.authority.issuing import Authority, make_list, make_root
from trustmed.topology.file.spec import Topology
from trustmed.topology.secrets import SecretMissing, secret

KEY: Final = "root.key"
ROOT: Final = "root.crt"
LIST: Final = "root.crl"

Revoked = tuple[int, datetime]


def create_authority(topology: Topology, folder: Path, passphrase: str = "", zones: tuple[str, ...] = ()) -> Authority:
    """Make the root in the folder, with an empty revocation list. Raises AuthorityExists."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with journal.hold(folder):
        for place in (folder, trust_folder(topology)):
            if (place / ROOT).exists():
                raise AuthorityExists(place)
        authority = make_root(topology.region.name, datetime.now(UTC).replace(microsecond=0), zones)
        write_private(folder / KEY, key_pem(authority.key, passphrase.encode()))
        write_private(folder / ROOT, authority.root.public_bytes(serialization.Encoding.PEM))
    publish_list(topology, folder, authority, [])
    return authority


def open_authority(topology: Topology, folder: Path | None = None, passphrase: str | None = None) -> Authority:
    """Return the authority of the folder (by default the deployment's). Raises AuthorityMissing, AuthorityLocked."""
    folder = folder or trust_folder(topology)
    try:
        pem, root = (folder / KEY).read_bytes(), read_certificates((folder / ROOT).read_bytes())[0]
    except OSError as error:
        raise AuthorityMissing(folder) from error
    words = passphrase if passphrase is not None else _stored_passphrase(topology)
    try:
        key = read_key(pem, words.encode() if b"ENCRYPTED" in pem else b"")
    except ValueError as error:
        raise AuthorityLocked from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != root.public_key():
        raise AuthorityMissing(folder)
    return Authority(key, root)


def publish_list(topology: Topology, folder: Path, authority: Authority, revoked: list[Revoked]) -> bytes:
    """Write a list with a higher number than any before, and return it (DER).

    Numbers follow the clock, so a folder restored from a backup does not repeat one.
    """
    with journal.hold(folder):
        now = datetime.now(UTC).replace(microsecond=0)
        number = max(int(now.timestamp()), _last_number(folder / LIST) + 1)
        content = make_list(authority, revoked, number, now).public_bytes(serialization.Encoding.DER)
        write_private(folder / LIST, content)
    trust = trust_folder(topology)
    if trust.resolve() != folder.resolve():
        write_private(trust / ROOT, (folder / ROOT).read_bytes())
        write_private(trust / LIST, content)
    return content


def _last_number(path: Path) -> int:
    try:
        known = x509.load_der_x509_crl(path.read_bytes())
        return known.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    except (OSError, ValueError, x509.ExtensionNotFound):
        return 0


def _stored_passphrase(topology: Topology) -> str:
    try:
        return secret(topology, "authority", "passphrase")
    except SecretMissing:
        return ""
