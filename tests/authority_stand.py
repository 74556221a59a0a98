"""A region's authority without its registry, cheap to make: roots, certificates and identities for tests."""

from datetime import UTC, datetime

from cryptography.hazmat.primitives import serialization

from trustmed.authority.identity import Identity, identity_files, install, load_identity, prepare_request
from trustmed.authority.keys import public_key_of_request
from trustmed.authority.names import Kind, Names
from trustmed.authority.trust import PeerTrust, trust_folder, trust_of
from trustmed.region.authority.folder import ROOT, create_authority, open_authority, publish_list
from trustmed.region.authority.issuing import Authority, Wish, issue
from trustmed.topology.file.spec import Topology


def ensure_authority(topology: Topology) -> Authority:
    """Return the authority in the topology's secrets, made if there is none."""
    folder = trust_folder(topology)
    return open_authority(topology) if (folder / ROOT).exists() else create_authority(topology, folder)


def ensure_identity(topology: Topology, name: str, kind: Kind = "site") -> Identity:
    """Return the identity of a participant, issued now if there is none; a site's speaks for its organisations."""
    authority, files = ensure_authority(topology), identity_files(topology, kind, name)
    if not files.pem.exists():
        organizations = [one.id for one in topology.site_named(name).organization] if kind == "site" else []
        wish = Wish(Names(kind, name, tuple(organizations)))
        key = public_key_of_request(prepare_request(files, wish.names))
        install(files, issue(authority, wish, key, datetime.now(UTC)).public_bytes(serialization.Encoding.PEM))
    return load_identity(topology, kind, name)


def revoke_all(topology: Topology, *identities: Identity) -> PeerTrust:
    """Publish a list that revokes these certificates and no other; return whom to believe from now on."""
    revoked = [(one.certificate.serial_number, datetime.now(UTC)) for one in identities]
    publish_list(topology, trust_folder(topology), ensure_authority(topology), revoked)
    return trust_of(topology)
