"""Lists are fetched from where authorities publish them; a worse one never replaces a better."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.integration.signature.crl_server import Shelf, serve_lists
from tests.signature_stand import NOW, crl_of, stand
from trustmed.signature import refresh as refreshing
from trustmed.signature.refresh import Fetched, refresh
from trustmed.signature.software.authority import Revoked, create_root
from trustmed.signature.software.signing import certificate_pem
from trustmed.signature.trust import load_trust


@pytest.fixture(scope="module")
def shelf() -> Iterator[Shelf]:
    with serve_lists() as serving:
        yield serving


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A trust folder with one root and no list."""
    (tmp_path / "root.crt").write_bytes(certificate_pem(stand().root.chain[0]))
    return tmp_path


def numbers(folder: Path) -> list[int]:
    lists = load_trust(folder).crls.get(stand().root.certificate.subject, ())
    return sorted(one.number or 0 for one in lists)


def crl(number: int, age: timedelta = timedelta(hours=1)) -> bytes:
    return crl_of(stand().root, number=number, age=age)


def fetch(folder: Path, *urls: str) -> list[Fetched]:
    return refresh(folder, urls)


def test_a_newer_list_replaces_an_older_one_and_never_the_reverse(folder: Path, shelf: Shelf) -> None:
    url = shelf.put("/a.crl", crl(5))
    assert [one.verdict for one in fetch(folder, url)] == ["taken"]
    assert [one.verdict for one in fetch(folder, url)] == ["known"]
    newer = crl_of(stand().root, Revoked(7, NOW), number=6, age=timedelta(minutes=5))
    assert [one.verdict for one in fetch(folder, shelf.put("/a.crl", newer))] == ["taken"]
    for worse in (crl(5), crl(4, timedelta(minutes=1)), crl(9, timedelta(hours=2)), crl(6)):
        assert [one.verdict for one in fetch(folder, shelf.put("/a.crl", worse))] == ["known"]
    assert numbers(folder) == [6]
    assert [path.suffix for path in folder.iterdir() if "part" in path.name] == []


def test_a_list_put_by_hand_counts_too(folder: Path, shelf: Shelf) -> None:
    (folder / "by-hand.crl").write_bytes(crl(8))
    assert fetch(folder, shelf.put("/b.crl", crl(7, timedelta(hours=2))))[0].verdict == "known"


def test_pem_is_taken(folder: Path, shelf: Shelf) -> None:
    assert fetch(folder, shelf.put("/pem", certificate_pem(crl(1), "X509 CRL")))[0].verdict == "taken"


def test_each_address_fails_alone_and_says_why(folder: Path, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refreshing, "LARGEST", 5_000)
    foreign = create_root("Тестовый УЦ")  # the same name, another key
    forged = bytearray(crl(3))
    forged[-1] ^= 1
    urls = [
        shelf.put("/foreign", crl_of(foreign)),
        shelf.put("/forged", bytes(forged)),
        shelf.put("/page", b"<html>no list</html>"),
        shelf.put("/large", b"x" * 6_000),
        shelf.put("/hangs-up", crl(2)[:50]),
        f"{shelf.address}/absent",
        "http://127.0.0.1:9/nobody",
        "ftp://127.0.0.1/list",
        shelf.put("/good", crl(1)),
    ]
    found = fetch(folder, *urls)
    assert [one.url for one in found] == urls
    assert [one.verdict for one in found] == ["failed"] * 8 + ["taken"]
    assert all(one.ru and one.en for one in found[:8])
    assert "not signed by an issuer" in found[0].en
    assert "404" in found[5].en
    assert numbers(folder) == [1]


def test_certificates_name_where_lists_are(shelf: Shelf, tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Корень с адресом")])
    point = x509.DistributionPoint([x509.UniformResourceIdentifier(shelf.address + "/named")], None, None, None)
    usage = dict.fromkeys(
        "digital_signature content_commitment key_encipherment data_encipherment key_agreement encipher_only"
        " decipher_only".split(),
        False,
    )
    root = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(key_cert_sign=True, crl_sign=True, **usage), critical=True)
        .add_extension(x509.CRLDistributionPoints([point]), critical=False)
        .sign(key, hashes.SHA256())
    )
    issued = datetime.now(UTC) - timedelta(hours=1)
    listed = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(name)
        .last_update(issued)
        .next_update(issued + timedelta(days=1))
        .add_extension(x509.CRLNumber(1), critical=False)
        .sign(key, hashes.SHA256())
    )
    (tmp_path / "root.pem").write_bytes(root.public_bytes(serialization.Encoding.PEM))
    shelf.put("/named", listed.public_bytes(serialization.Encoding.DER))
    assert [(one.url, one.verdict) for one in refresh(tmp_path)] == [(shelf.address + "/named", "taken")]


def test_a_proxy_is_asked_where_one_is_set(folder: Path, shelf: Shelf) -> None:
    shelf.put("/through.crl", crl(1))
    found = refresh(folder, ["http://lists.example/through.crl"], shelf.address)
    assert [one.verdict for one in found] == ["taken"]
    assert shelf.asked[-1] == "http://lists.example/through.crl"
