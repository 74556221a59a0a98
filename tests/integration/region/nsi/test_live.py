"""Taking dictionaries from the service: pages, failures of the line, resumption, keys, certificates."""

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
    body,
    cut_in_the_middle,
    emulated,
    hung_up,
    shortened,
    status,
)
from trustmed.errors import TrustMedError
from trustmed.region.nsi.files import refusals
from trustmed.region.nsi.files.bundle import open_bundle
from trustmed.region.nsi.files.reading import Asked, read_pages
from trustmed.region.nsi.importing.live import (
    CertificateRefused,
    KeyRejected,
    Service,
    ServiceSays,
    ServiceUnreachable,
    fetch,
    forget,
)


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with emulated() as running:
        yield running


@pytest.fixture(autouse=True)
def _straight(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


def service(emulator: Emulator, **more: object) -> Service:
    known = Service(emulator.address, KEY, page_size=2, attempts=4, pause=0.01, timeout=2)
    return msgspec.structs.replace(known, **more)


def given(emulator: Emulator, *versions: str) -> str:
    oid = new_oid()
    for version in versions:
        emulator.add(passport(oid, version), list(ROWS))
    return oid


def test_the_newest_version_comes_page_by_page(emulator: Emulator, tmp_path: Path) -> None:
    oid = given(emulator, "7.9", "7.10")
    seen: list[tuple[str, int, int]] = []
    target = fetch(service(emulator), Asked(oid), tmp_path, lambda *progress: seen.append(progress))
    table = read_pages(open_bundle(target), Asked(oid))
    assert (table.oid, table.version, tuple(table.rows)) == (oid, "7.10", ROWS)
    assert seen == [(f"{oid} 7.10", number, 3) for number in (1, 2, 3)]
    assert emulator.asked == [("passport", oid, None, None), *(("data", oid, "7.10", number) for number in (1, 2, 3))]
    forget(target)
    assert list(tmp_path.iterdir()) == []


def test_the_version_asked_for(emulator: Emulator, tmp_path: Path) -> None:
    oid = given(emulator, "7.9", "7.10")
    assert fetch(service(emulator), Asked(oid, "7.9"), tmp_path).name == f"{oid}_7.9"
    with pytest.raises(refusals.ServiceRefused, match="не найден"):
        fetch(service(emulator), Asked(oid, "9.9"), tmp_path)


@pytest.mark.parametrize(
    "fault",
    [status(500), status(503), status(429), cut_in_the_middle, shortened, hung_up],
    ids=["500", "503", "429", "cut in the middle", "shortened", "hung up"],
)
def test_a_failure_that_passes_is_not_noticed(emulator: Emulator, tmp_path: Path, fault) -> None:
    oid = given(emulator, "1.1")
    emulator.faults.extend([fault, None, fault, fault, None])
    target = fetch(service(emulator), Asked(oid), tmp_path)
    assert tuple(read_pages(open_bundle(target), Asked(oid)).rows) == ROWS
    assert len(emulator.asked) == 4 + 3


def test_a_run_that_was_cut_goes_on(emulator: Emulator, tmp_path: Path) -> None:
    oid = given(emulator, "1.1")
    emulator.faults.extend([None, None, *[hung_up] * 4])
    with pytest.raises(ServiceUnreachable, match="4 attempts"):
        fetch(service(emulator), Asked(oid), tmp_path)
    emulator.asked.clear()
    target = fetch(service(emulator), Asked(oid), tmp_path)
    assert [number for what, _, _, number in emulator.asked if what == "data"] == [2, 3]
    assert tuple(read_pages(open_bundle(target), Asked(oid)).rows) == ROWS


def test_a_page_spoiled_on_disk_is_taken_again(emulator: Emulator, tmp_path: Path) -> None:
    oid = given(emulator, "1.1")
    target = fetch(service(emulator), Asked(oid), tmp_path)
    (target / "part2.json").write_bytes((target / "part2.json").read_bytes()[:30])
    emulator.asked.clear()
    fetch(service(emulator), Asked(oid), tmp_path)
    assert [number for what, _, _, number in emulator.asked if what == "data"] == [2]


@pytest.mark.parametrize("change", [{"page_size": 3}, {}], ids=["other pages", "issued again"])
def test_pages_of_something_else_are_not_used(emulator: Emulator, tmp_path: Path, change: dict[str, int]) -> None:
    oid = given(emulator, "1.1")
    fetch(service(emulator), Asked(oid), tmp_path)
    if not change:
        emulator.add(passport(oid, "1.1", ROWS[:3], publishDate="04.11.2023 10:00"), list(ROWS[:3]))
    emulator.asked.clear()
    target = fetch(service(emulator, **change), Asked(oid), tmp_path)
    assert [number for what, _, _, number in emulator.asked if what == "data"] == [1, 2]
    assert len(read_pages(open_bundle(target), Asked(oid)).rows) == (5 if change else 3)


@pytest.mark.parametrize(
    ("fault", "kind", "told"),
    [
        (body(b"<html>sign in</html>"), refusals.PageInsteadOfData, "page 2"),
        (body(raw(page(ROWS[2:3], 5))), refusals.PagesCut, "page 2: .*1 rows instead of 2"),
        (body(raw(page(ROWS[2:4], 4))), refusals.PagesCut, "page 2: .* tells of 4 rows"),
        (body(raw({"result": "ERROR", "resultText": "Сбой"})), refusals.ServiceRefused, "page 2: .*Сбой"),
        (status(404), ServiceSays, "404"),
        (status(403), KeyRejected, "403"),
    ],
)
def test_a_failure_that_stays_is_told(emulator: Emulator, tmp_path: Path, fault, kind, told: str) -> None:
    oid = given(emulator, "1.1")
    emulator.faults.extend([None, None, fault])
    with pytest.raises(kind, match=told):
        fetch(service(emulator), Asked(oid), tmp_path)
    assert not (tmp_path / f"{oid}_1.1" / "part2.json").exists()


def test_a_strange_key_is_told_and_shown_nowhere(
    emulator: Emulator, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    oid = given(emulator, "1.1")
    caplog.set_level(logging.DEBUG)
    with pytest.raises(refusals.ServiceRefused) as caught:
        fetch(service(emulator, key="a-key-of-somebody"), Asked(oid), tmp_path)
    emulator.faults.extend([hung_up] * 4)
    with pytest.raises(ServiceUnreachable) as unreachable:
        fetch(service(emulator, key="a-key-of-somebody"), Asked(oid), tmp_path)
    errors: list[TrustMedError] = [caught.value, unreachable.value]
    told = [caplog.text, repr(service(emulator, key="a-key-of-somebody")), *(one.ru + one.en for one in errors)]
    assert not [text for text in told if "a-key-of-somebody" in text]


def test_nobody_listens(tmp_path: Path) -> None:
    with emulated() as gone:
        pass
    with pytest.raises(ServiceUnreachable, match="ConnectError"):
        fetch(service(gone), Asked(new_oid()), tmp_path)


def test_a_certificate_of_ones_own(tmp_path: Path) -> None:
    certificate = _certificate(tmp_path)
    with emulated(certificate) as emulator:
        oid = given(emulator, "1.1")
        with pytest.raises(CertificateRefused, match="--ca"):
            fetch(service(emulator), Asked(oid), tmp_path)
        assert emulator.asked == []
        assert fetch(service(emulator, ca=certificate), Asked(oid), tmp_path).is_dir()


@pytest.mark.nsi
def test_a_real_dictionary_of_many_pages(emulator: Emulator, tmp_path: Path) -> None:
    folder = Path(os.environ.get("TRUSTMED_NSI_DIR", "/nowhere"))
    if not folder.is_dir():
        pytest.skip("TRUSTMED_NSI_DIR does not name a folder with dictionaries")
    oid = "1.2.643.5.1.13.13.11.1473"
    (path,) = folder.glob(f"{oid}_*.zip")
    whole = read_pages(open_bundle(path), Asked())
    with zipfile.ZipFile(path) as archive:
        emulator.add(json.loads(archive.read("passport.json")), list(whole.rows))
    emulator.faults.extend([None, cut_in_the_middle, None, shortened])
    target = fetch(service(emulator, page_size=500), Asked(oid), tmp_path)
    assert list(read_pages(open_bundle(target), Asked(oid)).rows) == list(whole.rows)


def _certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
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
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path
