"""OpenSSL verifies what this package signs and the other way round, with certificates and lists of either."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.signature_stand import CLASSIC, CONTENT, GOST, Stand, check, crl_of, refusal, stand
from trustmed.signature import gost_engine
from trustmed.signature.gost import gost_available
from trustmed.signature.model import Policy
from trustmed.signature.software.authority import Algorithm
from trustmed.signature.software.signing import certificate_pem
from trustmed.signature.trust import build_trust, load_trust

NO_GOST = "" if gost_available().ok else f"no GOST engine: {gost_available().reason}"

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl command")
ALGORITHMS = [
    *CLASSIC,
    *(pytest.param(a, marks=[pytest.mark.gost, pytest.mark.skipif(bool(NO_GOST), reason=NO_GOST)]) for a in GOST),
]
DIGEST_OPTIONS = {"gost2012-256": "md_gost12_256", "gost2012-512": "md_gost12_512"}
ENGINE_CONFIG = """openssl_conf = init
[init]
engines = engines
[engines]
gost = gost
[gost]
engine_id = gost
dynamic_path = {path}
default_algorithms = ALL
[req]
distinguished_name = dn
[dn]
"""


class Bench:
    """A folder with a stand's files for the openssl command."""

    def __init__(self, folder: Path, algorithm: Algorithm) -> None:
        self.folder = folder
        self.stand: Stand = stand(algorithm)
        self.digest = DIGEST_OPTIONS.get(algorithm, "sha256")
        self.environment = {"PATH": "/usr/bin:/bin:/usr/local/bin"}
        if algorithm in GOST:
            (folder / "openssl.cnf").write_text(ENGINE_CONFIG.format(path=gost_engine.engine_file()))
            self.environment["OPENSSL_CONF"] = str(folder / "openssl.cnf")
        (folder / "document.xml").write_bytes(CONTENT)
        root, crl = self.stand.root.chain[0], crl_of(self.stand.root)
        (folder / "trusted.pem").write_bytes(certificate_pem(root) + certificate_pem(crl, "X509 CRL"))
        for name, key in (("doctor", self.stand.doctor), ("organization", self.stand.organization)):
            key.save(folder / f"{name}.key", folder / f"{name}.crt")

    def openssl(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["openssl", *arguments], cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )

    def cms_sign(self, *options: str) -> bytes:
        basic = ("-sign", "-binary", "-in", "document.xml", "-outform", "DER", "-out", "made.p7s", "-md", self.digest)
        made = self.openssl("cms", *basic, "-signer", "doctor.crt", "-inkey", "doctor.key", *options)
        assert made.returncode == 0, made.stderr
        return (self.folder / "made.p7s").read_bytes()

    def cms_verify(self, signature: bytes) -> subprocess.CompletedProcess[str]:
        (self.folder / "given.p7s").write_bytes(signature)
        basic = ("-verify", "-binary", "-cades", "-inform", "DER", "-in", "given.p7s", "-content", "document.xml")
        return self.openssl("cms", *basic, "-CAfile", "trusted.pem", "-crl_check", "-purpose", "any", "-out", "out")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_openssl_verifies_our_signatures(tmp_path: Path, algorithm: Algorithm):
    bench = Bench(tmp_path, algorithm)
    for key in (bench.stand.doctor, bench.stand.organization):
        verified = bench.cms_verify(key.sign(CONTENT))
        assert verified.returncode == 0, verified.stderr
    assert bench.cms_verify(bench.stand.doctor.sign(CONTENT + b" ")).returncode == 4


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_our_verifier_accepts_signatures_of_openssl(tmp_path: Path, algorithm: Algorithm):
    bench = Bench(tmp_path, algorithm)
    verified = check(bench.cms_sign("-cades", "-nosmimecap"), trust=bench.stand.trust)
    assert verified.signer.name == "Иванов Иван Иванович"
    assert verified.signer.snils == "11223344595"
    by_key_id = bench.cms_sign("-cades", "-keyid")
    assert check(by_key_id, trust=bench.stand.trust).algorithm == verified.algorithm


@pytest.mark.parametrize(
    ("options", "refused"),
    [
        (["-nosmimecap"], "MissingSigningCertificateAttribute"),
        (["-cades", "-nodetach"], "NotDetached"),
        (["-cades", "-nocerts"], "NoCertificate"),
        (["-cades", "-signer", "organization.crt", "-inkey", "organization.key"], "SeveralSigners"),
        (["-noattr"], "MissingSignedAttributes"),
        (["-cades", "-md", "sha1"], "UnsupportedAlgorithm"),
        (["-cades", "-keyopt", "rsa_padding_mode:pss"], "UnsupportedAlgorithm"),
        (["-cades", "-stream"], "NotASignature"),
        (["-cades", "-outform", "PEM"], "NotASignature"),
    ],
)
def test_other_forms_of_signatures_made_by_openssl_are_refused(tmp_path: Path, options: list[str], refused: str):
    bench = Bench(tmp_path, "rsa-2048")
    assert refusal(bench.cms_sign(*options), trust=bench.stand.trust) == refused


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_openssl_accepts_our_certificates_in_strict_mode(tmp_path: Path, algorithm: Algorithm):
    bench = Bench(tmp_path, algorithm)
    strict = bench.openssl("verify", "-x509_strict", "-crl_check", "-CAfile", "trusted.pem", "doctor.crt")
    assert strict.returncode == 0, strict.stdout + strict.stderr
    subject = bench.openssl("x509", "-in", "doctor.crt", "-noout", "-subject", "-nameopt", "utf8,sname").stdout
    assert "SNILS=11223344595" in subject.replace(" ", "")
    assert "INN=001234567894" in subject.replace(" ", "")


@pytest.mark.parametrize("algorithm", ["rsa-2048", ALGORITHMS[2]])
def test_signatures_under_an_authority_made_by_openssl_are_verified(tmp_path: Path, algorithm: Algorithm):
    """The command makes root, certificate and signature, as a foreign authority would."""
    bench = Bench(tmp_path, algorithm)
    key = ["-algorithm", "gost2012_256", "-pkeyopt", "paramset:A"] if algorithm in GOST else ["-algorithm", "EC"]
    key += [] if algorithm in GOST else ["-pkeyopt", "ec_paramgen_curve:P-384"]
    digest = f"-{bench.digest}"
    (tmp_path / "leaf.cnf").write_text("keyUsage=critical,digitalSignature,nonRepudiation\nbasicConstraints=CA:FALSE\n")
    if algorithm not in GOST:
        (tmp_path / "openssl.cnf").write_text("[req]\ndistinguished_name = dn\n[dn]\n")
        bench.environment["OPENSSL_CONF"] = str(tmp_path / "openssl.cnf")
    ca = ["-subj", "/C=RU/O=УЦ/CN=Чужой УЦ", "-utf8", "-addext", "basicConstraints=critical,CA:TRUE"]
    person = "/C=RU/CN=Петров Пётр/SN=Петров/GN=Пётр/SNILS=11223344595/OGRN=1234567890123/INN=001234567894"
    steps = [
        ["genpkey", *key, "-out", "ca.key"],
        ["req", "-x509", "-new", "-key", "ca.key", digest, "-days", "9", *ca, "-out", "ca.crt"],
        ["genpkey", *key, "-out", "doctor.key"],
        ["req", "-new", "-key", "doctor.key", digest, "-utf8", "-subj", person, "-out", "doctor.csr"],
        ["x509", "-req", "-in", "doctor.csr", "-CA", "ca.crt", "-CAkey", "ca.key", digest, "-CAcreateserial",
         "-days", "9", "-extfile", "leaf.cnf", "-out", "doctor.crt"],
    ]  # fmt: skip
    for step in steps:
        done = bench.openssl(*step)
        assert done.returncode == 0, (step, done.stderr)
    (tmp_path / "trust").mkdir()
    shutil.copy(tmp_path / "ca.crt", tmp_path / "trust" / "ca.crt")
    trust = load_trust(tmp_path / "trust")
    verified = check(bench.cms_sign("-cades"), trust=trust, policy=Policy(require_crl=False))
    assert (verified.signer.name, verified.signer.ogrn) == ("Петров Пётр", "1234567890123")
    assert refusal(bench.cms_sign("-cades"), trust=trust) == "RevocationUnknown"
    assert refusal(bench.cms_sign("-cades"), trust=build_trust(())) == "UntrustedIssuer"
