"""Fetching dictionaries from the service: pages, failures of the line, resumption, keys, certificates."""

import datetime as dt
import ipaddress
import json
import logging
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.nsi_samples import ROWS, new_oid, page, passport, raw
from tests.nsi_service import (
    KEY,
    Emulator,
    answer_body,
    answer_status,
    break_off,
    cut_body,
    hang_up,
    run_emulator,
)
from trustmed.errors import TrustMedError
from trustmed.region.nsi.files import refusals
from trustmed.region.nsi.files.bundle import open_bundle
from trustmed.region.nsi.files.reading import ImportRequest, read_pages
from trustmed.region.nsi.importing.live import (
    CertificateRefused,
    KeyRejected,
    Service,
    ServiceSays,
    ServiceUnreachable,
    delete_pages,
    fetch_version,
)


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with run_emulator() as running:
        yield running


@pytest.fixture(autouse=True)
def _without_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


def service(emulator: Emulator, **more: object) -> Service:
    usual = Service(emulator.address, KEY, page_size=2, attempts=4, pause=0.01, timeout=2)
    return msgspec.structs.replace(usual, **more)


def add_versions(emulator: Emulator, *versions: str) -> str:
    oid = new_oid()
    for version in versions:
        emulator.add(passport(oid, version), list(ROWS))
    return oid


def test_the_newest_version_comes_page_by_page(emulator: Emulator, tmp_path: Path) -> None:
    oid = add_versions(emulator, "7.9", "7.10")
    seen: list[tuple[str, int, int]] = []
    target = fetch_version(service(emulator), ImportRequest(oid), tmp_path, lambda *progress: seen.append(progress))
    table = read_pages(open_bundle(target), ImportRequest(oid))
    assert (table.heading.oid, table.heading.version, tuple(table.rows)) == (oid, "7.10", ROWS)
    assert seen == [(f"{oid} 7.10", number, 3) for number in (1, 2, 3)]
    assert emulator.requests == [
        ("passport", oid, None, None),
        *(("data", oid, "7.10", number) for number in (1, 2, 3)),
    ]
    delete_pages(target)
    assert list(tmp_path.iterdir()) == []


def test_a_named_version_is_fetched(emulator: Emulator, tmp_path: Path) -> None:
    oid = add_versions(emulator, "7.9", "7.10")
    assert fetch_version(service(emulator), ImportRequest(oid, "7.9"), tmp_path).name == f"{oid}_7.9"
    with pytest.raises(refusals.ServiceRefused, match="не найден"):
        fetch_version(service(emulator), ImportRequest(oid, "9.9"), tmp_path)


@pytest.mark.parametrize(
    "fault",
    [answer_status(500), answer_status(503), answer_status(429), break_off, cut_body, hang_up],
    ids=["500", "503", "429", "broken off", "cut body", "hung up"],
)
def test_a_passing_failure_is_retried(emulator: Emulator, tmp_path: Path, fault) -> None:
    oid = add_versions(emulator, "1.1")
    emulator.faults.extend([fault, None, fault, fault, None])
    target = fetch_version(service(emulator), ImportRequest(oid), tmp_path)
    assert tuple(read_pages(open_bundle(target), ImportRequest(oid)).rows) == ROWS
    assert len(emulator.requests) == 4 + 3


def test_an_interrupted_run_continues_from_the_missing_page(emulator: Emulator, tmp_path: Path) -> None:
    oid = add_versions(emulator, "1.1")
    emulator.faults.extend([None, None, *[hang_up] * 4])
    with pytest.raises(ServiceUnreachable, match="4 attempts"):
        fetch_version(service(emulator), ImportRequest(oid), tmp_path)
    emulator.requests.clear()
    target = fetch_version(service(emulator), ImportRequest(oid), tmp_path)
    assert [one.page for one in emulator.requests if one.what == "data"] == [2, 3]
    assert tuple(read_pages(open_bundle(target), ImportRequest(oid)).rows) == ROWS


def test_a_page_spoiled_on_disk_is_fetched_again(emulator: Emulator, tmp_path: Path) -> None:
    oid = add_versions(emulator, "1.1")
    target = fetch_version(service(emulator), ImportRequest(oid), tmp_path)
    (target / "part2.json").write_bytes((target / "part2.json").read_bytes()[:30])
    emulator.requests.clear()
    fetch_version(service(emulator), ImportRequest(oid), tmp_path)
    assert [one.page for one in emulator.requests if one.what == "data"] == [2]


@pytest.mark.parametrize("change", [{"page_size": 3}, {}], ids=["other pages", "issued again"])
def test_pages_of_another_release_are_not_used(emulator: Emulator, tmp_path: Path, change: dict[str, int]) -> None:
    oid = add_versions(emulator, "1.1")
    fetch_version(service(emulator), ImportRequest(oid), tmp_path)
    if not change:
        emulator.add(passport(oid, "1.1", ROWS[:3], publishDate="04.11.2023 10:00"), list(ROWS[:3]))
    emulator.requests.clear()
    target = fetch_version(service(emulator, **change), ImportRequest(oid), tmp_path)
    assert [one.page for one in emulator.requests if one.what == "data"] == [1, 2]
    assert len(read_pages(open_bundle(target), ImportRequest(oid)).rows) == (5 if change else 3)


@pytest.mark.parametrize(
    ("fault", "kind", "message"),
    [
        (answer_body(b"<html>sign in</html>"), refusals.PageInsteadOfData, "page 2"),
        (answer_body(raw(page(ROWS[2:3], 5))), refusals.PagesCut, "page 2: .*1 rows instead of 2"),
        (answer_body(raw(page(ROWS[2:4], 4))), refusals.PagesCut, "page 2: .* tells of 4 rows"),
        (answer_body(raw({"result": "ERROR", "resultText": "Сбой"})), refusals.ServiceRefused, "page 2: .*Сбой"),
        (answer_status(404), ServiceSays, "404"),
        (answer_status(403), KeyRejected, "403"),
    ],
)
def test_a_lasting_failure_is_refused(emulator: Emulator, tmp_path: Path, fault, kind, message: str) -> None:
    oid = add_versions(emulator, "1.1")
    emulator.faults.extend([None, None, fault])
    with pytest.raises(kind, match=message):
        fetch_version(service(emulator), ImportRequest(oid), tmp_path)
    assert not (tmp_path / f"{oid}_1.1" / "part2.json").exists()


def test_an_unknown_key_is_refused_and_printed_nowhere(
    emulator: Emulator, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    oid = add_versions(emulator, "1.1")
    caplog.set_level(logging.DEBUG)
    with pytest.raises(refusals.ServiceRefused) as caught:
        fetch_version(service(emulator, key="a-key-of-somebody"), ImportRequest(oid), tmp_path)
    emulator.faults.extend([hang_up] * 4)
    with pytest.raises(ServiceUnreachable) as unreachable:
        fetch_version(service(emulator, key="a-key-of-somebody"), ImportRequest(oid), tmp_path)
    errors: list[TrustMedError] = [caught.value, unreachable.value]
    texts = [caplog.text, repr(service(emulator, key="a-key-of-somebody")), *(one.ru + one.en for one in errors)]
    assert not [text for text in texts if "a-key-of-somebody" in text]


def test_a_service_that_does_not_listen_is_unreachable(tmp_path: Path) -> None:
    with run_emulator() as gone:
        pass
    with pytest.raises(ServiceUnreachable, match="ConnectError"):
        fetch_version(service(gone), ImportRequest(new_oid()), tmp_path)


def test_an_own_root_certificate_is_accepted_when_named(tmp_path: Path) -> None:
    certificate = _certificate(tmp_path)
    with run_emulator(certificate) as emulator:
        oid = add_versions(emulator, "1.1")
        with pytest.raises(CertificateRefused, match="--ca"):
            fetch_version(service(emulator), ImportRequest(oid), tmp_path)
        assert emulator.requests == []
        assert fetch_version(service(emulator, ca=certificate), ImportRequest(oid), tmp_path).is_dir()


@pytest.mark.nsi
def test_a_real_dictionary_of_many_pages_is_fetched_whole(emulator: Emulator, tmp_path: Path) -> None:
    folder = Path(os.environ.get("TRUSTMED_NSI_DIR", "/nowhere"))
    if not folder.is_dir():
        pytest.skip("TRUSTMED_NSI_DIR does not name a folder with dictionaries")
    oid = "1.2.643.5.1.13.13.11.1473"
    (path,) = folder.glob(f"{oid}_*.zip")
    whole = read_pages(open_bundle(path), ImportRequest())
    with zipfile.ZipFile(path) as archive:
        emulator.add(json.loads(archive.read("passport.json")), list(whole.rows))
    emulator.faults.extend([None, break_off, None, cut_body])
    target = fetch_version(service(emulator, page_size=500), ImportRequest(oid), tmp_path)
    assert list(read_pages(open_bundle(target), ImportRequest(oid)).rows) == list(whole.rows)


def _certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "service.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path
