"""GOST R 34.10-2012 where the engine is installed, and the advice given where it is not."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.signature_stand import (
    CONTENT,
    DOCTOR,
    GOST,
    NOW,
    byte_changes_accepted,
    check,
    part,
    refusal,
    replace_part,
    stand,
)
from trustmed.signature import cms, der, gost, gost_engine
from trustmed.signature.algorithms import CMS_SIGNATURE_OIDS, GOST256
from trustmed.signature.certificate import read_certificate
from trustmed.signature.errors import GostEngineMissing, GostUnavailable
from trustmed.signature.gost import Availability, gost_available
from trustmed.signature.software import authority
from trustmed.signature.software.authority import Algorithm, create_root

NO_GOST = "" if gost_available().ok else f"no GOST engine: {gost_available().reason}"

needs_engine = pytest.mark.skipif(bool(NO_GOST), reason=NO_GOST)


@pytest.mark.gost
@needs_engine
@pytest.mark.parametrize("algorithm", GOST)
def test_a_gost_signature_is_made_and_verified(algorithm: Algorithm):
    signature = stand(algorithm).doctor.sign(CONTENT)
    assert check(signature, trust=stand(algorithm).trust).algorithm == algorithm
    assert refusal(signature, trust=stand(algorithm).trust, content=CONTENT + b"x") == "Tampered"
    assert refusal(signature) == "UntrustedIssuer"


@pytest.mark.gost
@needs_engine
@pytest.mark.parametrize("mask", [0x01, 0xFF])
def test_a_change_of_any_byte_is_noticed(mask: int):
    assert byte_changes_accepted("gost2012-256", mask) == []


@pytest.mark.gost
@needs_engine
def test_threads_share_the_engine():
    signature, trust = stand("gost2012-256").doctor.sign(CONTENT), stand("gost2012-256").trust
    with ThreadPoolExecutor(8) as pool:
        names = list(pool.map(lambda n: refusal(signature, trust=trust, content=CONTENT + b"x" * (n % 2)), range(400)))
    assert names == [None, "Tampered"] * 200


def gost_container() -> bytes:
    """Return a container of the shape a GOST tool makes, built without the engine."""
    leaf = stand().doctor.chain[0]
    key = der.sequence(
        der.sequence(der.oid("1.2.643.7.1.1.1.1"), der.sequence(der.oid("1.2.643.7.1.2.1.1.1"))),
        der.bits(der.octets(bytes(64))),
    )
    body = replace_part(part(leaf, (0,)), (6,), key)
    certificate = read_certificate(authority._sign_body(stand().root.key, body))
    attributes = cms.signed_attributes(GOST256, bytes(32), bytes(32), certificate.issuer, certificate.serial, NOW)
    return cms.write_container(
        (certificate.raw,), certificate.issuer, certificate.serial, GOST256, CMS_SIGNATURE_OIDS["gost256"],
        attributes, bytes(64),
    )  # fmt: skip


def test_without_the_engine_a_signature_is_refused_with_advice(monkeypatch: pytest.MonkeyPatch):
    signature, trust = gost_container(), stand().trust
    monkeypatch.setattr(gost, "gost_available", lambda: Availability(False, "gost.so is not there"))
    with pytest.raises(GostUnavailable) as refused:
        check(signature, trust=trust, expected=DOCTOR)
    assert "apt-get install libengine-gost-openssl" in refused.value.ru
    assert "gost.so is not there" in refused.value.en
    with pytest.raises(GostEngineMissing, match="is not there"):
        create_root("УЦ", "gost2012-256")


def test_a_separate_process_finds_the_engine_absent(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENSSL_ENGINES", "/nowhere")
    probe = gost_available.__wrapped__()
    assert not probe.ok
    assert probe.reason


def test_a_crashing_engine_does_not_take_its_caller_down(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    crashing = tmp_path / "engine.py"
    crashing.write_text("import os; os.abort()")
    monkeypatch.setattr(gost_engine, "__file__", str(crashing))
    assert not gost_available.__wrapped__().ok
