"""Keys, authorities and trust kept in files."""

import os
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from tests.signature_stand import CLASSIC, CONTENT, GOST, NOW, SNILS, check, crl_of, refusal, stand
from trustmed.signature.errors import KeyRefused
from trustmed.signature.gost import gost_available
from trustmed.signature.model import Policy
from trustmed.signature.software import authority_folder
from trustmed.signature.software.authority import Algorithm, issue_doctor
from trustmed.signature.software.signing import SoftwareKey, certificate_pem
from trustmed.signature.trust import TrustFolderMissing, load_trust

NO_GOST = "" if gost_available().ok else f"no GOST engine: {gost_available().reason}"

ALGORITHMS = [
    *CLASSIC,
    *(pytest.param(a, marks=[pytest.mark.gost, pytest.mark.skipif(bool(NO_GOST), reason=NO_GOST)]) for a in GOST),
]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("passphrase", [b"", "пароль".encode()])
def test_a_saved_key_can_be_loaded_and_signs(tmp_path: Path, algorithm: Algorithm, passphrase: bytes):
    key_file, chain_file = tmp_path / "doctor.key", tmp_path / "doctor.crt"
    stand(algorithm).doctor.save(key_file, chain_file, passphrase)
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    loaded = SoftwareKey.load(key_file, chain_file, passphrase)
    assert check(loaded.sign(CONTENT), trust=stand(algorithm).trust).role == "doctor"
    if passphrase:
        assert b"ENCRYPTED" in key_file.read_bytes()
        for wrong in (b"", b"wrong"):
            with pytest.raises(KeyRefused):
                SoftwareKey.load(key_file, chain_file, wrong)


def test_unfit_key_files_are_refused(tmp_path: Path):
    key_file, chain_file = tmp_path / "doctor.key", tmp_path / "doctor.crt"
    with pytest.raises(KeyRefused, match=r"doctor\.crt"):
        SoftwareKey.load(key_file, chain_file)
    stand().doctor.save(key_file, chain_file)
    chain_file.write_bytes(certificate_pem(stand().organization.chain[0]))
    with pytest.raises(KeyRefused, match="does not fit"):
        SoftwareKey.load(key_file, chain_file)
    chain_file.write_text("no certificate")
    with pytest.raises(KeyRefused, match="no PEM certificate"):
        SoftwareKey.load(key_file, chain_file)


def test_trust_is_loaded_from_pem_der_and_bundles(tmp_path: Path):
    root, crl = stand().root.chain[0], crl_of(stand().root)
    other = stand("rsa-2048").root.chain[0]
    (tmp_path / "root.crt").write_bytes(root)
    (tmp_path / "bundle.pem").write_bytes(b"comment\n" + certificate_pem(other) + certificate_pem(crl, "X509 CRL"))
    (tmp_path / "readme.txt").write_text("ignored")
    trust = load_trust(tmp_path)
    assert {c.raw for c in trust.roots} == {root, other}
    assert trust.problems == ()
    assert check(stand().doctor.sign(CONTENT), trust=trust).crl is not None


def test_trust_is_read_again_only_when_files_change(tmp_path: Path):
    (tmp_path / "root.crt").write_bytes(stand().root.chain[0])
    first = load_trust(tmp_path)
    assert load_trust(tmp_path) is first
    signature = stand().doctor.sign(CONTENT)
    assert refusal(signature, trust=first) == "RevocationUnknown"
    (tmp_path / "root.crl").write_bytes(crl_of(stand().root, age=timedelta(hours=5)))
    older = check(signature, trust=load_trust(tmp_path)).crl
    (tmp_path / "root.crl").write_bytes(crl_of(stand().root, number=2))
    newer = check(signature, trust=load_trust(tmp_path)).crl
    assert older is not None
    assert newer is not None
    assert (older.number, newer.number) == (1, 2)
    assert older.age_seconds > newer.age_seconds


def test_a_damaged_file_is_left_out_and_named(tmp_path: Path):
    (tmp_path / "root.crt").write_bytes(stand().root.chain[0])
    (tmp_path / "new.crl").write_bytes(crl_of(stand().root)[:-20])
    (tmp_path / "text.crt").write_text("not a certificate")
    trust = load_trust(tmp_path)
    assert [problem.split(":")[0] for problem in trust.problems] == ["new.crl", "text.crt"]
    (tmp_path / "old.crl").write_bytes(crl_of(stand().root, age=timedelta(days=9)))
    allowing = Policy(oldest_crl=timedelta(days=30), require_current_crl=False)
    used = check(stand().doctor.sign(CONTENT), trust=load_trust(tmp_path), policy=allowing).crl
    assert used is not None
    assert used.stale


def test_a_missing_trust_folder_is_named(tmp_path: Path):
    with pytest.raises(TrustFolderMissing, match="nowhere"):
        load_trust(tmp_path / "nowhere")


def test_an_authority_in_a_folder_issues_publishes_and_revokes(tmp_path: Path):
    folder, trust_folder = tmp_path / "ca", tmp_path / "trust"
    made = authority_folder.open_authority(folder, "УЦ стенда", passphrase=b"secret")
    again = authority_folder.open_authority(folder, "УЦ стенда", passphrase=b"secret")
    assert made.chain == again.chain
    with pytest.raises(KeyRefused):
        authority_folder.open_authority(folder, "УЦ стенда", passphrase=b"other")
    key = issue_doctor(again, "Иванов", "Иван Иванович", SNILS, "ГБУЗ Тест")
    span = (NOW - timedelta(minutes=5), NOW + timedelta(days=1))
    authority_folder.publish(folder, again, *span, trust=trust_folder)
    signature = key.sign(CONTENT)
    assert check(signature, trust=load_trust(trust_folder)).crl is not None
    authority_folder.revoke(folder, key.certificate.serial, NOW - timedelta(minutes=1), "keyCompromise")
    authority_folder.revoke(folder, key.certificate.serial, NOW)
    authority_folder.publish(folder, again, *span, trust=trust_folder)
    trust = load_trust(trust_folder)
    assert refusal(signature, trust=trust) == "CertificateRevoked"
    assert trust.crls[again.certificate.subject][0].number == 2
    assert sorted(os.listdir(trust_folder)) == ["ca.crl", "ca.crt"]
    assert not list(tmp_path.rglob("*.part"))
