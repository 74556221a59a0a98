"""Every way a signature may be wrong is refused under its own name."""

import hashlib
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from tests.signature_stand import (
    CONTENT,
    DOCTOR,
    NOW,
    OGRN,
    ORGANIZATION,
    SNILS,
    check,
    crl_of,
    part,
    replace_part,
    sign_with,
    stand,
    trust_of,
)

from trustmed.signature import certificate, cms, der, errors
from trustmed.signature.algorithms import NotAccepted
from trustmed.signature.model import Expected, Policy
from trustmed.signature.software import authority as ca
from trustmed.signature.software.authority import (
    Authority,
    Revoked,
    Validity,
    create_intermediate,
    create_root,
    issue,
    issue_doctor,
)
from trustmed.signature.software.keys import ClassicKey
from trustmed.signature.software.signing import SoftwareKey
from trustmed.signature.trust import build_trust

# Where things are in a container, by child numbers: SignedData, its signers, the first signer.
DATA = (1, 0)
DIGESTS, ENCAPSULATED, CERTIFICATES, SIGNERS = (*DATA, 1), (*DATA, 2), (*DATA, 3), (*DATA, 4)
SIGNER = (*SIGNERS, 0)
SHA1 = der.sequence(der.oid("1.3.14.3.2.26"))


def good_signature() -> bytes:
    return stand().doctor.sign(CONTENT, NOW)


def doctor(**changes: object) -> SoftwareKey:
    return issue_doctor(stand().root, "Иванов", "Иван Иванович", SNILS, "ГБУЗ Тест", **changes)  # ty: ignore[invalid-argument-type]


def sign_by_library(*, signers: int, options: list[pkcs7.PKCS7Options]) -> bytes:
    """Return a container made by another implementation."""
    builder = pkcs7.PKCS7SignatureBuilder().set_data(CONTENT)
    for signer in (stand().doctor, stand().organization)[:signers]:
        key = serialization.load_pem_private_key(signer.key.pem(b""), None)
        own = x509.load_der_x509_certificate(signer.chain[0])
        builder = builder.add_signer(own, key, hashes.SHA256())  # ty: ignore[invalid-argument-type]
    return builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary, *options])


def test_tampered_content_is_refused():
    with pytest.raises(errors.Tampered) as refused:
        check(good_signature(), content=CONTENT + b" ")
    assert "Подпись врача (Иванов Иван Иванович, сертификат №" in refused.value.ru
    assert "The doctor's signature" in refused.value.en


def test_a_tampered_signature_value_is_refused():
    value = der.children(der.read(part(good_signature(), SIGNER)))[5]
    other = stand().doctor.key.sign(b"something else")
    with pytest.raises(errors.Tampered, match="altered"):
        check(replace_part(good_signature(), (*SIGNER, 5), der.octets(other)))
    assert value.tag == der.OCTETS


def test_a_signature_by_another_key_under_the_right_certificate_is_refused():
    leaf = stand().doctor
    thief = SoftwareKey(stand().organization.key, stand().organization.chain)
    container = sign_with(leaf)
    attributes = b"\x31" + part(container, (*SIGNER, 3))[1:]
    with pytest.raises(errors.Tampered):
        check(replace_part(container, (*SIGNER, 5), der.octets(thief.key.sign(attributes))))


def test_a_signature_of_another_person_is_refused():
    with pytest.raises(errors.WrongPerson, match="11223344595"):
        check(good_signature(), expected=Expected("doctor", snils="087-654-303 00"))


def test_doctor_is_not_the_organization_nor_the_other_way_round():
    with pytest.raises(errors.WrongOrganization, match=OGRN):
        check(good_signature(), expected=ORGANIZATION)
    with pytest.raises(errors.WrongPerson, match="absent"):
        check(stand().organization.sign(CONTENT), expected=DOCTOR)


def test_a_certificate_with_two_snils_counts_as_having_none():
    subject = der.children(der.read(stand().doctor.certificate.subject))
    doubled = der.sequence(
        *(rdn.raw for rdn in subject),
        der.set_of(der.sequence(der.oid(certificate.SNILS), der.text("00000000001", der.NUMERIC))),
    )
    assert certificate.attribute(doubled, certificate.SNILS) is None


def test_expired_and_not_yet_valid_certificates_are_refused():
    past, future = timedelta(days=400), timedelta(days=10)
    old = doctor(validity=Validity(NOW - past, NOW - timedelta(days=1)))
    young = doctor(validity=Validity(NOW + future, NOW + past))
    with pytest.raises(errors.CertificateExpired, match=f"{NOW - timedelta(days=1):%Y-%m-%d}"):
        check(old.sign(CONTENT, NOW - timedelta(days=2)))
    with pytest.raises(errors.CertificateNotYetValid):
        check(young.sign(CONTENT))
    assert check(old.sign(CONTENT, NOW - timedelta(days=2)), at=NOW - timedelta(days=2)).crl is not None


def test_doctors_of_an_expired_authority_are_refused():
    root = create_root("Старый УЦ", validity=Validity(NOW - timedelta(days=9), NOW - timedelta(days=1)))
    key = issue_doctor(root, "Иванов", "Иван Иванович", SNILS, "ГБУЗ Тест")
    with pytest.raises(errors.CertificateExpired, match="Старый УЦ"):
        check(key.sign(CONTENT), trust=trust_of(root))


def test_a_certificate_is_revoked_from_the_moment_of_revocation():
    key = doctor(validity=Validity(NOW - timedelta(days=30), NOW + timedelta(days=30)))
    trust = trust_of(stand().root, Revoked(key.certificate.serial, NOW - timedelta(days=3), "keyCompromise"))
    with pytest.raises(errors.CertificateRevoked):
        check(key.sign(CONTENT), trust=trust)
    earlier = NOW - timedelta(days=4)
    assert check(key.sign(CONTENT, earlier), trust=trust, at=earlier).role == "doctor"
    assert check(good_signature(), trust=trust).role == "doctor"


def test_a_missing_revocation_list_is_refused_unless_the_policy_permits_it():
    trust = build_trust(stand().root.chain)
    with pytest.raises(errors.RevocationUnknown):
        check(good_signature(), trust=trust)
    assert check(good_signature(), trust=trust, policy=Policy(require_crl=False)).crl is None


def test_revocation_list_by_an_impostor_does_not_count():
    impostor = create_root("Тестовый УЦ")
    forged = crl_of(impostor, Revoked(stand().doctor.certificate.serial, NOW - timedelta(days=1)), number=9)
    with pytest.raises(errors.RevocationUnknown):
        check(good_signature(), trust=build_trust(stand().root.chain, (forged,)))
    both = build_trust(stand().root.chain, (forged, crl_of(stand().root)))
    used = check(good_signature(), trust=both).crl
    assert used is not None
    assert used.number == 1


def test_an_old_list_is_accepted_where_the_policy_allows_and_its_age_recorded():
    allowing = Policy(require_current_crl=False)
    stale = build_trust(stand().root.chain, (crl_of(stand().root, number=7, age=timedelta(days=3)),))
    used = check(good_signature(), trust=stale, at=NOW + timedelta(minutes=1), policy=allowing).crl
    assert used is not None
    assert (used.number, used.stale) == (7, True)
    assert used.age_seconds in (3 * 86400 + 60, 3 * 86400 + 61)


def test_newest_list_wins():
    revoked = Revoked(stand().doctor.certificate.serial, NOW - timedelta(days=1))
    lists = (crl_of(stand().root, age=timedelta(hours=9)), crl_of(stand().root, revoked, number=2))
    with pytest.raises(errors.CertificateRevoked):
        check(good_signature(), trust=build_trust(stand().root.chain, lists))


def test_several_signers_are_refused():
    with pytest.raises(errors.SeveralSigners, match="2 signers"):
        check(sign_by_library(signers=2, options=[pkcs7.PKCS7Options.DetachedSignature]))


def test_a_container_without_a_signer_is_refused():
    with pytest.raises(errors.NoSigner):
        check(replace_part(good_signature(), SIGNERS, der.set_of()))


def test_an_attached_signature_is_refused():
    with pytest.raises(errors.NotDetached):
        check(sign_by_library(signers=1, options=[]))


def test_plain_cms_of_another_implementation_needs_the_policy():
    plain = sign_by_library(signers=1, options=[pkcs7.PKCS7Options.DetachedSignature])
    with pytest.raises(errors.MissingSigningCertificateAttribute):
        check(plain)
    assert check(plain, policy=Policy(require_signing_certificate=False)).algorithm == "ecdsa-sha256"


@pytest.mark.parametrize(
    "garbage", [b"", b"   ", b"<xml/>", b"0", b"\x30\x80\x06", b"-----BEGIN CMS-----", b"MIIE", b"\x30\x00"]
)
def test_garbage_is_not_a_signature(garbage: bytes):
    with pytest.raises(errors.NotASignature):
        check(garbage)


def test_a_certificate_is_not_a_signature():
    with pytest.raises(errors.NotASignature):
        check(stand().root.chain[0])


def test_a_container_truncated_at_any_length_is_refused():
    whole = good_signature()
    for length in range(len(whole)):
        with pytest.raises(errors.NotASignature):
            check(whole[:length])
    with pytest.raises(errors.NotASignature):
        check(whole + b"\x00")


def test_text_encodings_get_a_hint():
    with pytest.raises(errors.NotASignature, match="PEM"):
        check(b"-----BEGIN CMS-----\nMIIB\n-----END CMS-----\n")
    with pytest.raises(errors.NotASignature, match="BER"):
        check(b"\x30\x80" + good_signature()[4:])


def test_an_empty_document_is_refused():
    with pytest.raises(errors.EmptyContent):
        check(good_signature(), content=b"")


def test_a_signature_that_is_too_large_is_refused():
    with pytest.raises(errors.SignatureTooLarge):
        check(bytes(1_000_001))


def test_a_container_without_a_certificate_is_refused():
    with pytest.raises(errors.NoCertificate):
        check(replace_part(good_signature(), CERTIFICATES, der.tlv(0xA0)))


def test_a_certificate_that_the_signer_does_not_name_is_refused():
    with pytest.raises(errors.NoCertificate):
        check(replace_part(good_signature(), CERTIFICATES, der.tlv(0xA0, stand().organization.chain[0])))


def test_another_certificate_of_the_same_name_and_serial_is_refused():
    """A certificate that only looks like the signer's: refused by the signing-certificate attribute."""
    real = stand().doctor
    twin = replace_part(real.chain[0], (0, 5), der.sequence())
    with pytest.raises(errors.SigningCertificateMismatch):
        check(replace_part(good_signature(), CERTIFICATES, der.tlv(0xA0, twin)))


def test_an_authority_that_only_bears_a_trusted_name_is_refused():
    impostor = create_root("Тестовый УЦ")
    forged = issue_doctor(impostor, "Иванов", "Иван Иванович", SNILS, "ГБУЗ Тест")
    with pytest.raises(errors.UntrustedIssuer, match="only bears a trusted name"):
        check(forged.sign(CONTENT))


def test_an_unknown_authority_is_refused_even_when_it_sends_its_root():
    stranger = create_root("Чужой УЦ")
    key = issue_doctor(stranger, "Иванов", "Иван Иванович", SNILS, "ГБУЗ Тест")
    with pytest.raises(errors.UntrustedIssuer, match="is not trusted"):
        check(SoftwareKey(key.key, (*key.chain, *stranger.chain)).sign(CONTENT))


def test_a_doctor_cannot_certify_another():
    issuer = stand().doctor
    forged = issue_doctor(Authority(issuer.key, issuer.chain), "Иванов", "Иван Иванович", SNILS, "ГБУЗ Тест")
    with pytest.raises(errors.UntrustedIssuer, match="not that of a certification authority"):
        check(forged.sign(CONTENT), policy=Policy(require_crl=False))


def test_the_path_length_is_enforced():
    middle = create_intermediate(stand().root, "Промежуточный УЦ")
    deeper = create_intermediate(middle, "Лишний УЦ")
    key = issue_doctor(deeper, "Иванов", "Иван Иванович", SNILS, "ГБУЗ Тест")
    with pytest.raises(errors.UntrustedIssuer, match="so many intermediate"):
        check(key.sign(CONTENT), policy=Policy(require_crl=False))


def test_an_intermediate_from_the_container_is_checked_for_revocation():
    middle = create_intermediate(stand().root, "Промежуточный УЦ")
    key = issue_doctor(middle, "Иванов", "Иван Иванович", SNILS, "ГБУЗ Тест")
    signature = key.sign(CONTENT)
    root_list, middle_list = crl_of(stand().root), crl_of(middle, number=5)
    verified = check(signature, trust=build_trust(stand().root.chain, (root_list, middle_list)))
    assert len(verified.chain_sha256) == 3
    assert verified.crl is not None
    assert verified.crl.number == 5
    with pytest.raises(errors.RevocationUnknown, match="Тестовый УЦ"):
        check(signature, trust=build_trust(stand().root.chain, (middle_list,)))
    revoked = crl_of(stand().root, Revoked(middle.certificate.serial, NOW - timedelta(hours=2)))
    with pytest.raises(errors.CertificateRevoked, match="Промежуточный УЦ"):
        check(signature, trust=build_trust(stand().root.chain, (revoked, middle_list)))


def test_a_wrong_key_usage_is_refused():
    subject = {certificate.COMMON_NAME: "Иванов", certificate.SNILS: "11223344595"}
    key = issue(stand().root, subject, key_usage=(2, 4))
    with pytest.raises(errors.WrongKeyUsage):
        check(key.sign(CONTENT))


def test_an_authority_may_not_sign_documents():
    root = stand().root
    with pytest.raises(errors.WrongKeyUsage):
        check(SoftwareKey(root.key, root.chain).sign(CONTENT))


@pytest.mark.parametrize("attribute", [cms.CONTENT_TYPE, cms.MESSAGE_DIGEST])
def test_a_missing_signed_attribute_is_refused(attribute: str):
    with pytest.raises(errors.MissingSignedAttributes):
        check(sign_with(stand().doctor, drop=attribute))


def test_unsigned_attributes_are_let_through():
    """CAdES-T keeps its time stamps in unsigned attributes."""
    signer = [field.raw for field in der.children(der.read(part(good_signature(), SIGNER)))]
    stamp = der.sequence(der.oid("1.2.840.113549.1.9.16.2.14"), der.set_of(der.octets(b"stamp")))
    stamped = replace_part(good_signature(), SIGNERS, der.set_of(der.sequence(*signer, der.tlv(0xA1, stamp))))
    assert check(stamped).role == "doctor"


@pytest.mark.parametrize("name", ["Иванов\x00", "Иванов\nПодпись верна", "И" * 3000])
def test_a_name_that_could_mislead_a_reader_is_refused(name: str):
    forged = issue(stand().root, {certificate.COMMON_NAME: name, certificate.SNILS: "11223344595"})
    with pytest.raises(errors.CertificateNotUnderstood):
        check(forged.sign(CONTENT))


def test_a_signature_without_signed_attributes_is_refused():
    signer = der.children(der.read(part(good_signature(), SIGNER)))
    bare = der.sequence(*(field.raw for number, field in enumerate(signer) if number != 3))
    with pytest.raises(errors.MissingSignedAttributes):
        check(replace_part(good_signature(), SIGNER, bare))


def test_a_missing_signing_certificate_attribute_is_refused():
    with pytest.raises(errors.MissingSigningCertificateAttribute):
        check(sign_with(stand().doctor, drop=cms.SIGNING_CERTIFICATE_V2))


@pytest.mark.parametrize("oid", [cms.MESSAGE_DIGEST, cms.SIGNING_TIME])
def test_a_repeated_attribute_is_refused(oid: str):
    value = der.octets(hashlib.sha256(CONTENT).digest()) if oid == cms.MESSAGE_DIGEST else der.time(NOW)
    extra = der.sequence(der.oid(oid), der.set_of(value + b""))
    with pytest.raises(errors.NotASignature, match="repeated"):
        check(sign_with(stand().doctor, extra=extra))


def test_a_legacy_signing_certificate_attribute_must_agree_too():
    identifier = der.sequence(der.octets(bytes(20)))
    extra = der.sequence(der.oid(cms.SIGNING_CERTIFICATE), der.set_of(der.sequence(der.sequence(identifier))))
    with pytest.raises(errors.SigningCertificateMismatch):
        check(sign_with(stand().doctor, extra=extra))


def test_a_sha1_digest_is_refused():
    container = replace_part(good_signature(), (*SIGNER, 2), SHA1)
    with pytest.raises(errors.UnsupportedAlgorithm, match="SHA-1"):
        check(replace_part(container, DIGESTS, der.set_of(SHA1)))


def test_a_certificate_signed_with_sha1_is_refused():
    sha1 = der.sequence(der.oid("1.2.840.10045.4.1"))
    raw = replace_part(replace_part(stand().doctor.chain[0], (1,), sha1), (0, 2), sha1)
    key = SoftwareKey(stand().doctor.key, (raw,))
    with pytest.raises(errors.UnsupportedAlgorithm, match="ECDSA"):
        check(key.sign(CONTENT))


def test_disagreeing_digest_and_signature_algorithms_are_refused():
    with pytest.raises(errors.AlgorithmMismatch):
        check(sign_with(stand().doctor, signature_oid="1.2.840.10045.4.3.3"))
    with pytest.raises(errors.AlgorithmMismatch):
        check(sign_with(stand().doctor, signature_oid="1.2.840.113549.1.1.11"))


def test_a_digest_list_that_disagrees_with_the_signer_is_refused():
    other = der.set_of(der.sequence(der.oid("2.16.840.1.101.3.4.2.3")))
    with pytest.raises(errors.NotASignature, match="digest list"):
        check(replace_part(good_signature(), DIGESTS, other))


def test_a_content_type_other_than_data_is_refused():
    with pytest.raises(errors.NotASignature):
        check(replace_part(good_signature(), ENCAPSULATED, der.sequence(der.oid("1.2.840.113549.1.7.5"))))


@pytest.mark.parametrize("claimed", [NOW + timedelta(hours=2), NOW - timedelta(days=40)])
def test_an_unreasonable_claimed_time_is_refused(claimed):
    with pytest.raises(errors.WrongSigningTime):
        check(stand().doctor.sign(CONTENT, claimed))


def test_a_slightly_fast_clock_is_forgiven():
    claimed = NOW + timedelta(minutes=3)
    verified = check(stand().doctor.sign(CONTENT, claimed), at=NOW)
    assert verified.claimed_signing_time == claimed.replace(microsecond=0)


def test_an_unknown_critical_extension_is_refused():
    leaf = stand().doctor.chain[0]
    extensions = der.children(der.inner(der.children(der.read(part(leaf, (0,))))[7]))
    odd = der.sequence(der.oid("1.2.3.4"), der.tlv(der.BOOLEAN, b"\xff"), der.octets(b"\x05\x00"))
    body = replace_part(part(leaf, (0,)), (7,), der.tlv(0xA3, der.sequence(*(e.raw for e in extensions), odd)))
    key = SoftwareKey(stand().doctor.key, (ca._sign_body(stand().root.key, body),))
    with pytest.raises(errors.CertificateNotUnderstood, match=r"1\.2\.3\.4"):
        check(key.sign(CONTENT))


def test_a_weak_rsa_key_is_refused():
    key = ClassicKey(rsa.generate_private_key(65537, 1024))  # noqa: S505
    leaf = stand().doctor.chain[0]
    body = replace_part(part(leaf, (0,)), (6,), key.spki)
    with pytest.raises(NotAccepted, match="RSA 1024"):
        SoftwareKey(key, (ca._sign_body(stand().root.key, body),))


def test_naive_time_is_a_programming_error():
    with pytest.raises(ValueError, match="time zone"):
        check(good_signature(), at=NOW.replace(tzinfo=None))
    for snils in (None, "", "-", "123"):
        with pytest.raises(ValueError, match="snils"):
            Expected("doctor", snils=snils, ogrn=OGRN)


def test_every_refusal_advises_in_both_languages():
    for kind in errors.SignatureRefused.__subclasses__():
        refused = kind(errors.Whose("doctor"), "причина", "reason")
        assert len(kind.advice[0]) > 20, kind
        assert len(kind.advice[1]) > 20, kind
        assert refused.ru.startswith("Подпись врача: причина. ")
        assert refused.status == 422
