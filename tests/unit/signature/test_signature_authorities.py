"""What an issuer may certify, which revocation lists count, and which encodings are refused."""

from datetime import timedelta

import pytest
from tests.signature_stand import CONTENT, NOW, SNILS, check, crl_of, part, refusal, replace_part, stand

from trustmed.signature import certificate, der
from trustmed.signature.certificate import CRL_SIGN, DIGITAL_SIGNATURE, KEY_CERT_SIGN, read_certificate
from trustmed.signature.der import DerError
from trustmed.signature.model import Policy
from trustmed.signature.software import authority as ca
from trustmed.signature.software.authority import (
    Authority,
    Revoked,
    create_intermediate,
    create_root,
    issue_doctor,
    valid_for,
)
from trustmed.signature.software.signing import SoftwareKey
from trustmed.signature.trust import build_trust

DELTA, FRESHEST, DISTRIBUTION_POINT = "2.5.29.27", "2.5.29.46", "2.5.29.28"


def authority_with_usage(*usage: int) -> Authority:
    """Return an intermediate authority whose key has only these usages."""
    middle, root = create_intermediate(stand().root, "Промежуточный УЦ"), stand().root
    extensions = (
        ca._extension(certificate.BASIC_CONSTRAINTS, der.sequence(der.tlv(der.BOOLEAN, b"\xff")), critical=True),
        ca._extension(certificate.KEY_USAGE, der.flags(*usage), critical=True),
    )
    own = middle.certificate
    raw = ca._certificate(root.key, own.issuer, own.subject, own.spki, valid_for(9), extensions)
    return Authority(middle.key, (raw, *root.chain))


def refusal_under(middle: Authority, crl_by_middle: bytes) -> str | None:
    key = issue_doctor(middle, "Иванов", "Иван Иванович", SNILS, "ГБУЗ Тест")
    trust = build_trust(stand().root.chain, (crl_of(stand().root), crl_by_middle))
    return refusal(key.sign(CONTENT), trust=trust)


def test_an_authority_needs_the_key_usages_of_what_it_signs():
    both = authority_with_usage(KEY_CERT_SIGN, CRL_SIGN)
    assert refusal_under(both, crl_of(both)) is None
    only_lists = authority_with_usage(DIGITAL_SIGNATURE, CRL_SIGN)
    assert refusal_under(only_lists, crl_of(only_lists)) == "WrongKeyUsage"
    only_certificates = authority_with_usage(KEY_CERT_SIGN)
    assert refusal_under(only_certificates, crl_of(only_certificates)) == "RevocationUnknown"


def test_an_authority_does_not_sign_documents_even_with_that_usage():
    middle = authority_with_usage(DIGITAL_SIGNATURE, KEY_CERT_SIGN, CRL_SIGN)
    trust = build_trust(stand().root.chain, (crl_of(stand().root),))
    assert refusal(SoftwareKey(middle.key, middle.chain).sign(CONTENT), trust=trust) == "WrongKeyUsage"


def revocation_list_with(extension: bytes) -> bytes:
    crl = crl_of(stand().root, Revoked(stand().doctor.certificate.serial, NOW - timedelta(days=1)))
    body = der.children(der.read(crl))[0]
    extensions = der.children(der.inner(der.children(body)[-1]))
    wrapped = der.tlv(0xA0, der.sequence(*(e.raw for e in extensions), extension))
    return ca._sign_body(stand().root.key, replace_part(body.raw, (len(der.children(body)) - 1,), wrapped))


@pytest.mark.parametrize(
    ("oid", "value", "critical", "counts"),
    [
        (FRESHEST, der.sequence(), False, True),
        (DELTA, der.integer(1), True, False),
        ("1.2.3.4", der.sequence(), True, False),
        (DISTRIBUTION_POINT, der.sequence(der.tlv(0xA0, der.tlv(0xA0))), True, True),
        (DISTRIBUTION_POINT, der.sequence(der.tlv(0x81, b"\xff")), True, True),
        (DISTRIBUTION_POINT, der.sequence(der.tlv(0x82, b"\xff")), True, False),
        (DISTRIBUTION_POINT, der.sequence(der.tlv(0x83, b"\x06\x40")), True, False),
        (DISTRIBUTION_POINT, der.sequence(der.tlv(0x84, b"\xff")), True, False),
    ],
    ids=["harmless", "delta", "unknown", "point", "users only", "authorities only", "some reasons", "indirect"],
)
def test_extensions_decide_whether_a_list_covers_a_signer(oid: str, value: bytes, critical: bool, counts: bool):
    trust = build_trust(stand().root.chain, (revocation_list_with(ca._extension(oid, value, critical=critical)),))
    expected = "CertificateRevoked" if counts else "RevocationUnknown"
    assert refusal(stand().doctor.sign(CONTENT), trust=trust) == expected


def test_renewed_key_under_the_same_name_is_not_a_root_by_itself():
    """A self-issued certificate signed by the authority's former key is trusted through that key only."""
    old, new = stand().root, create_root("Тестовый УЦ")
    extensions = ca._ca_extensions(new.key.spki, old.key.spki, None)
    name = old.certificate.subject
    bridge = Authority(new.key, (ca._certificate(old.key, name, name, new.key.spki, valid_for(9), extensions),))
    key = issue_doctor(bridge, "Иванов", "Иван Иванович", SNILS, "ГБУЗ Тест")
    relaxed = Policy(require_crl=False)
    both = build_trust((*old.chain, *bridge.chain))
    assert [c.raw for c in both.roots] == list(old.chain)
    assert len(check(key.sign(CONTENT), trust=both, policy=relaxed).chain_sha256) == 3
    assert refusal(key.sign(CONTENT), trust=build_trust(bridge.chain)) == "UntrustedIssuer"


def test_an_old_cross_certificate_does_not_hinder_the_check():
    """Signed by an algorithm that is not accepted any more, it names the same authority and comes first."""
    root, old = stand().root, create_root("Прежний УЦ")
    extensions = ca._ca_extensions(root.key.spki, old.key.spki, None)
    names = old.certificate.subject, root.certificate.subject
    cross = ca._certificate(old.key, *names, root.key.spki, valid_for(9), extensions)
    sha1 = der.sequence(der.oid("1.2.840.10045.4.1"))
    cross = replace_part(replace_part(cross, (1,), sha1), (0, 2), sha1)
    signature, lists = stand().doctor.sign(CONTENT), (crl_of(root),)
    assert refusal(signature, trust=build_trust((cross, *old.chain, *root.chain), lists)) is None
    assert refusal(signature, trust=build_trust((cross, *old.chain), lists)) == "UnsupportedAlgorithm"


def test_inner_and_outer_algorithm_of_a_certificate_must_agree():
    other = der.sequence(der.oid("1.2.840.10045.4.3.3"))
    with pytest.raises(DerError, match="algorithms"):
        read_certificate(replace_part(stand().doctor.chain[0], (1,), other))


def test_a_certificate_that_is_not_version_3_is_refused():
    leaf = stand().doctor.chain[0]
    assert part(leaf, (0, 0)) == der.tlv(0xA0, der.integer(2))
    with pytest.raises(DerError, match="version 3"):
        read_certificate(replace_part(leaf, (0, 0), der.tlv(0xA0, der.integer(1))))


@pytest.mark.parametrize(
    "encoded",
    ["0200", "02020001", "0202ff80", "0203000080", "02810105", "010101", "06032a8001", "050000", "30800000"],
)
def test_second_encodings_of_a_value_are_refused(encoded: str):
    def value() -> object:
        element = der.read(bytes.fromhex(encoded))
        return {1: der.to_bool, 2: der.to_int, 6: der.to_oid}[element.tag](element)

    with pytest.raises(DerError):
        value()


@pytest.mark.parametrize("value", [0, 1, 127, 128, 255, 256, -1, -128, -129, 2**64])
def test_integers_are_minimal(value: int):
    assert der.to_int(der.read(der.integer(value))) == value


@pytest.mark.parametrize("bad", ["2611232227Z", "261123222705", "261123222705+0300", "261323222705Z", "²61123222705Z"])
def test_times_are_utc_to_the_second(bad: str):
    with pytest.raises(DerError):
        der.to_time(der.read(der.tlv(der.UTC_TIME, bad.encode())))
    assert der.to_time(der.read(der.time(NOW))) == NOW.replace(microsecond=0)
    far = NOW.replace(year=2061, microsecond=0)
    assert der.to_time(der.read(der.time(far))) == far
