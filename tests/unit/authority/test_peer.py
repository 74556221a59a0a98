"""A certificate proves who its bearer is, or the reason why not is named."""

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.authority_stand import ensure_authority, ensure_identity, revoke_all
from trustmed.authority.errors import (
    IdentityBroken,
    IdentityMissing,
    PeerDamaged,
    PeerExpired,
    PeerNameless,
    PeerNotYetValid,
    PeerRefused,
    PeerRevocationUnknown,
    PeerRevoked,
    PeerUntrusted,
    PeerWrongUsage,
    RequestDamaged,
    SignatureWrong,
    TrustMissing,
)
from trustmed.authority.identity import install, prepare_request, site_identity
from trustmed.authority.keys import make_key, make_request, public_key_of_request
from trustmed.authority.names import Names, find_names, uris_of
from trustmed.authority.peer import Peer, check_signature, verify_peer
from trustmed.authority.trust import load_peer_trust, trust_folder, trust_of
from trustmed.region.authority.errors import AuthorityExists, AuthorityLocked, RootExpired
from trustmed.region.authority.folder import LIST, create_authority, open_authority
from trustmed.region.authority.issuing import Authority, Wish, issue, make_list
from trustmed.topology.file.load import load
from trustmed.topology.file.spec import Topology

DEMO = Path(__file__).parents[3] / "topologies" / "demo.toml"
SHA256 = hashes.SHA256()
SITE = Names("site", "hospital", (101,))


@pytest.fixture
def topology(tmp_path: Path) -> Topology:
    """The demo's topology in a folder of the test's own."""
    file = tmp_path / "region.toml"
    file.write_bytes(DEMO.read_bytes())
    return load(file)


def now() -> datetime:
    return datetime.now(UTC)


def verify(topology: Topology, certificate: x509.Certificate, at: datetime | None = None) -> Peer:
    return verify_peer((certificate,), trust_of(topology), at or now())


def test_a_site_proves_itself_and_signs(topology: Topology) -> None:
    identity = ensure_identity(topology, "hospital")
    peer = verify_peer(identity.chain_der, trust_of(topology), now(), "client")
    assert peer.label == "site:hospital"
    assert set(peer.names.organizations) == {one.id for one in topology.site_named("hospital").organization}
    check_signature(peer, b"a statement", identity.sign(b"a statement"))
    with pytest.raises(SignatureWrong, match="site:hospital"):
        check_signature(peer, b"another", identity.sign(b"a statement"))


def test_openssl_agrees(topology: Topology) -> None:
    """Name constraints and purposes are such that TLS libraries accept them, and refuse another region's names."""
    identity, folder = ensure_identity(topology, "hospital"), trust_folder(topology)
    command = ("openssl", "verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", folder / "root.crt")
    assert subprocess.run([*command, identity.files.pem], capture_output=True, check=False).returncode == 0
    foreign = signed_by_hand(ensure_authority(topology), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")]))
    identity.files.pem.write_bytes(foreign.public_bytes(serialization.Encoding.PEM))
    assert subprocess.run([*command, identity.files.pem], capture_output=True, check=False).returncode != 0
    with pytest.raises(PeerUntrusted):
        verify(topology, foreign)


def test_dates(topology: Topology) -> None:
    certificate = ensure_identity(topology, "hospital").certificate
    assert verify(topology, certificate, now() - timedelta(minutes=15)), "a clock may be behind"
    with pytest.raises(PeerNotYetValid):
        verify(topology, certificate, now() - timedelta(hours=1))
    with pytest.raises(PeerExpired, match="expired"):
        verify(topology, certificate, now() + timedelta(days=366))


def test_revocation(topology: Topology) -> None:
    identity = ensure_identity(topology, "hospital")
    revoke_all(topology, identity)
    with pytest.raises(PeerRevoked, match="revoked"):
        verify(topology, identity.certificate)
    revoke_all(topology)
    with pytest.raises(PeerRevocationUnknown, match="over on"):
        verify(topology, identity.certificate, now() + timedelta(days=8))
    (trust_folder(topology) / LIST).unlink()
    with pytest.raises(PeerRevocationUnknown, match="no revocation list"):
        verify(topology, identity.certificate)


def test_another_regions_certificate_is_refused(topology: Topology, tmp_path: Path) -> None:
    ensure_identity(topology, "hospital")
    with pytest.raises(AuthorityExists):
        create_authority(topology, tmp_path / "other")
    other = ensure_authority(placed(topology, "other"))  # of the same name: only its key differs
    with pytest.raises(PeerUntrusted, match="not from the region's authority"):
        verify(topology, issue(other, Wish(SITE), make_key().public_key(), now()))


def test_purposes(topology: Topology) -> None:
    authority, trust = ensure_authority(topology), trust_of(topology)
    client = issue(authority, Wish(SITE), make_key().public_key(), now())
    with pytest.raises(PeerWrongUsage, match="serverAuth"):
        verify_peer((client,), trust, now(), "server")
    server = issue(authority, Wish(SITE, ("server",), 30, ("localhost", "127.0.0.1")), make_key().public_key(), now())
    assert verify_peer((server,), trust, now(), "server").label == "site:hospital"
    with pytest.raises(PeerRefused):
        verify(topology, authority.root)


def test_who_is_no_participant_is_refused(topology: Topology) -> None:
    authority = ensure_authority(topology)
    subject = x509.Name([*authority.root.subject.rdns[:1]])
    with pytest.raises(PeerNameless):
        verify(topology, signed_by_hand(authority, subject, "urn:trustmed:site:a", "urn:trustmed:site:b"))
    with pytest.raises(PeerNameless):
        verify(topology, signed_by_hand(authority, subject, "https://hospital.example"))


def test_a_leaf_may_not_issue(topology: Topology) -> None:
    identity = ensure_identity(topology, "hospital")
    assert not isinstance(identity.key, int)
    below = Authority(identity.key, identity.certificate)  # ty: ignore[invalid-argument-type]
    forged = issue(below, Wish(Names("site", "polyclinic")), make_key().public_key(), now())
    with pytest.raises(PeerUntrusted):
        verify_peer((forged, identity.certificate), trust_of(topology), now())


@pytest.mark.parametrize(
    "damaged", [b"", b"x", b"-----BEGIN CERTIFICATE-----\nAA==\n", b"\x30\x03\x02\x01\x01", b"a" * 20_000]
)
def test_a_damaged_certificate_is_refused_in_words(topology: Topology, damaged: bytes) -> None:
    ensure_authority(topology)
    with pytest.raises(PeerDamaged):
        verify_peer((damaged,), trust_of(topology), now())


def test_an_own_pki_takes_the_place(topology: Topology) -> None:
    """Certificates of another authority need only the names, and its list."""
    ensure_identity(topology, "hospital")
    elsewhere = placed(topology, "own")
    root = ensure_authority(elsewhere)
    with pytest.raises(PeerUntrusted):
        verify(elsewhere, site_identity(topology, "hospital").certificate)
    leaf = issue(root, Wish(SITE), make_key().public_key(), now())
    assert verify(elsewhere, leaf).names == SITE


def test_an_intermediate_stands_between(topology: Topology) -> None:
    """It may come with the leaf or lie in the folder; its own list vouches for the leaf, the root's for it."""
    elsewhere = placed(topology, "own")
    folder, key, root = trust_folder(elsewhere), make_key(), make_root_of_two()
    middle = authority_below(root, key)
    leaf = issue(Authority(key, middle), Wish(SITE), make_key().public_key(), now())
    folder.mkdir()
    write(folder / "root.pem", root.root)
    write(folder / "root.crl", make_list(root, [], 1, now()))
    with pytest.raises(PeerRevocationUnknown):
        verify_peer((leaf, middle), trust_of(elsewhere), now())
    of_middle = Authority(key, middle)
    write(folder / "middle.crl", make_list(of_middle, [], 1, now()))
    assert verify_peer((leaf, middle), trust_of(elsewhere), now()).names == SITE
    with pytest.raises(PeerUntrusted):
        verify(elsewhere, leaf)
    write(folder / "middle.pem", middle)
    assert verify(elsewhere, leaf).names == SITE
    write(folder / "root.crl", make_list(root, [(middle.serial_number, now())], 2, now()))
    with pytest.raises(PeerRevoked):
        verify(elsewhere, leaf)


def test_a_difference_is_no_list(topology: Topology) -> None:
    identity = ensure_identity(topology, "hospital")
    authority, folder = ensure_authority(topology), trust_folder(topology)
    whole = make_list(authority, [(identity.certificate.serial_number, now())], 5, now() - timedelta(hours=1))
    difference = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.root.subject)
        .last_update(now())
        .next_update(now() + timedelta(days=1))
        .add_extension(x509.DeltaCRLIndicator(5), critical=True)
        .sign(authority.key, hashes.SHA256())
    )
    write(folder / LIST, whole)
    write(folder / "difference.crl", difference)
    with pytest.raises(PeerRevoked):
        verify(topology, identity.certificate)


def test_the_key_stays_and_a_request_is_taken_up_again(topology: Topology) -> None:
    identity = ensure_identity(topology, "hospital")
    assert identity.files.pem.stat().st_mode & 0o777 == 0o600
    first = prepare_request(identity.files, identity.names)
    again = prepare_request(identity.files, identity.names)
    assert public_key_of_request(first) == public_key_of_request(again), "a repeat asks for the same key"
    assert site_identity(topology, "hospital") is identity, "the present certificate stays in force meanwhile"
    strange = issue(ensure_authority(topology), Wish(SITE), make_key().public_key(), now())
    with pytest.raises(IdentityBroken, match="another key"):
        install(identity.files, strange.public_bytes(serialization.Encoding.PEM))
    renewed = issue(ensure_authority(topology), Wish(SITE), public_key_of_request(first), now())
    install(identity.files, renewed.public_bytes(serialization.Encoding.PEM))
    assert site_identity(topology, "hospital").certificate == renewed
    assert not identity.files.next_key.exists()
    with pytest.raises(IdentityMissing, match="enrol"):
        site_identity(topology, "central")


def test_requests_must_prove_their_key() -> None:
    request = make_request(make_key(), SITE)
    for damaged in (b"", request[:-1], request[:-3] + bytes(3), b"x" * 10_000):
        with pytest.raises(RequestDamaged):
            public_key_of_request(damaged)


def test_the_roots_key(topology: Topology) -> None:
    folder = trust_folder(topology)
    with pytest.raises(TrustMissing, match="authority init"):
        load_peer_trust(folder)
    made = create_authority(topology, folder, "a passphrase")
    assert (folder / "root.key").stat().st_mode & 0o777 == 0o600
    with pytest.raises(AuthorityExists):
        create_authority(topology, folder)
    for wrong in (None, "", "wrong"):
        with pytest.raises(AuthorityLocked):
            open_authority(topology, passphrase=wrong)
    opened = open_authority(topology, passphrase="a passphrase")
    assert opened.root == made.root
    with pytest.raises(RootExpired):
        issue(opened, Wish(SITE), make_key().public_key(), now() + timedelta(days=3700))
    late = issue(opened, Wish(SITE), make_key().public_key(), now() + timedelta(days=3600))
    assert late.not_valid_after_utc == made.root.not_valid_after_utc, "nothing outlives the root"


def test_zones_bind_servers(topology: Topology) -> None:
    bound = create_authority(topology, trust_folder(topology), zones=("clinic.example", "10.0.0.0/8"))
    for host, is_good in (("a.clinic.example", True), ("10.1.2.3", True), ("bank.example", False), ("8.8.8.8", False)):
        certificate = issue(bound, Wish(SITE, ("server",), 30, (host,)), make_key().public_key(), now())
        if is_good:
            assert verify(topology, certificate)
        else:
            with pytest.raises(PeerUntrusted):
                verify(topology, certificate)


def test_names_travel_as_uris() -> None:
    names = Names("gateway", "egisz-1", (7, 101))
    assert find_names(["https://other.example/", *uris_of(names)]) == names
    for strange in (
        [],
        ["urn:trustmed:site:"],
        ["urn:trustmed:king:x"],
        ["urn:trustmed:organization:x", *uris_of(names)],
    ):
        assert find_names(strange) is None


def make_root_of_two() -> Authority:
    """A root under which one more authority may stand."""
    key = make_key()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Корень над двумя")])
    return Authority(key, certified_authority(name, key.public_key(), name, key, 1))


def authority_below(root: Authority, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Выдающий")])
    return certified_authority(name, key.public_key(), root.root.subject, root.key, 0)


def certified_authority(
    subject: x509.Name,
    key: ec.EllipticCurvePublicKey,
    issuer: x509.Name,
    by: ec.EllipticCurvePrivateKey,
    below: int,
) -> x509.Certificate:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now() - timedelta(days=1))
    constraints = x509.BasicConstraints(ca=True, path_length=below)
    return builder.not_valid_after(now() + timedelta(days=9)).add_extension(constraints, critical=True).sign(by, SHA256)


def write(path: Path, content: x509.Certificate | x509.CertificateRevocationList) -> None:
    path.write_bytes(content.public_bytes(serialization.Encoding.PEM))


def placed(topology: Topology, folder: str) -> Topology:
    """The same topology with another authority's folder."""
    return msgspec.structs.replace(topology, region=msgspec.structs.replace(topology.region, authority=folder))


def signed_by_hand(authority: Authority, subject: x509.Name, *uris: str) -> x509.Certificate:
    """What a thief of the root key, or a careless operator, could sign."""
    usage = dict.fromkeys(
        "content_commitment key_encipherment data_encipherment key_agreement key_cert_sign crl_sign encipher_only"
        " decipher_only".split(),
        False,
    )
    names = [x509.UniformResourceIdentifier(uri) for uri in uris or uris_of(SITE)]
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(authority.root.subject)
        .public_key(make_key().public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now() - timedelta(minutes=1))
        .not_valid_after(now() + timedelta(days=1))
        .add_extension(x509.KeyUsage(digital_signature=True, **usage), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(authority.key, hashes.SHA256())
    )
