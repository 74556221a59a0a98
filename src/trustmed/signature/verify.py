"""Verify a detached signature over exact bytes, and say whose it is."""

import hashlib
from datetime import datetime

from trustmed.signature import algorithms, certificate
from trustmed.signature.algorithms import NotAccepted
from trustmed.signature.certificate import Certificate, attribute, name_line, person_name, read_certificate
from trustmed.signature.chain import Chain, check_chain, find_chains
from trustmed.signature.cms import Container, read_container
from trustmed.signature.der import DerError
from trustmed.signature.errors import (
    AlgorithmMismatch,
    CertificateNotUnderstood,
    EmptyContent,
    GostEngineMissing,
    GostUnavailable,
    MissingSigningCertificateAttribute,
    NoCertificate,
    SignatureRefused,
    SigningCertificateMismatch,
    Tampered,
    UnsupportedAlgorithm,
    UntrustedIssuer,
    Whose,
    WrongKeyUsage,
    WrongOrganization,
    WrongPerson,
    WrongSigningTime,
)
from trustmed.signature.model import CrlUsed, Expected, Policy, Signer, VerifiedSignature
from trustmed.signature.trust import TrustStore

_DEFAULT = Policy()


def verify(
    content: bytes, cms: bytes, trust: TrustStore, expected: Expected, at: datetime, policy: Policy = _DEFAULT
) -> VerifiedSignature:
    """Verify that `cms` (DER) is a signature over `content` by the `expected` signer, at the time `at` (normally now).

    Order of checks: form of the container, signer's certificate, algorithms, bytes, chain to a root with its dates
    and revocation, the signature itself, key usage, person, claimed time. Raises a subclass of SignatureRefused for
    anything wrong with the input; ValueError if `at` has no time zone.
    """
    if at.tzinfo is None:
        raise ValueError("at must carry a time zone")
    whose = Whose(expected.role)
    if not content:
        raise EmptyContent(whose, "документ пуст", "the document is empty")
    container = read_container(cms, whose, policy.largest_signature)
    leaf = _signers_certificate(container, whose)
    whose = Whose(expected.role, person_name(leaf.subject), leaf.serial_hex)
    try:
        return _verify(content, container, leaf, trust, expected, at, policy, whose)
    except GostEngineMissing as missing:
        raise GostUnavailable(
            whose,
            f"подпись по ГОСТ Р 34.10-2012 нельзя проверить на этом сервере ({missing.reason})",
            f"a GOST R 34.10-2012 signature cannot be checked on this server ({missing.reason})",
        ) from missing
    except DerError as error:
        raise CertificateNotUnderstood(
            whose,
            "сертификат издателя или список отзыва не читается",
            f"an issuer's certificate or a revocation list cannot be read ({error})",
        ) from error
    except NotAccepted as foreign:
        raise UnsupportedAlgorithm(
            whose, f"алгоритм или ключ не принимается: {foreign}", f"algorithm or key is not accepted: {foreign}"
        ) from foreign


def _verify(
    content: bytes, container: Container, leaf: Certificate, trust: TrustStore, expected: Expected, at: datetime,
    policy: Policy, whose: Whose,
) -> VerifiedSignature:  # fmt: skip
    family = _check_algorithms(container, leaf, whose)
    _check_content(content, container, whose)
    _check_signing_certificate(container, leaf, policy, whose)
    chain, crl = _trusted_chain(leaf, container, trust, at, policy, whose)
    if not algorithms.is_signed_by(leaf.spki, container.digest_oid, container.signature, container.signed):
        raise Tampered(
            whose,
            "подпись не соответствует ключу сертификата: подпись изменена или сделана другим ключом",
            "the signature does not fit the certificate's key: it was altered or made with another key",
        )
    _check_key_usage(leaf, whose)
    _check_identity(leaf, expected, whose)
    _check_signing_time(container.signing_time, leaf, at, policy, whose)
    return VerifiedSignature(
        role=expected.role,
        signer=describe_signer(leaf),
        algorithm=algorithms.algorithm_name(family, container.digest_oid),
        claimed_signing_time=container.signing_time,
        verified_at=at,
        crl=crl,
        chain_sha256=tuple(link.sha256 for link in chain),
    )


def describe_signer(leaf: Certificate) -> Signer:
    """Return what a certificate says of its owner. Raises DerError for a damaged name."""
    subject = leaf.subject
    return Signer(
        name=person_name(subject),
        snils=attribute(subject, certificate.SNILS),
        ogrn=attribute(subject, certificate.OGRN),
        inn=attribute(subject, certificate.INN_ORGANIZATION) or attribute(subject, certificate.INN),
        organization=attribute(subject, certificate.ORGANIZATION),
        certificate_serial=leaf.serial_hex,
        certificate_sha256=leaf.sha256,
        not_before=leaf.not_before,
        not_after=leaf.not_after,
        issuer=name_line(leaf.issuer),
    )


def _signers_certificate(container: Container, whose: Whose) -> Certificate:
    wanted = container.certificate_id
    found = None
    for raw in container.certificates:
        try:
            candidate = read_certificate(raw)
            describe_signer(candidate)
        except DerError as error:
            raise CertificateNotUnderstood(
                whose,
                "сертификат внутри подписи не читается",
                f"a certificate inside the signature cannot be read ({error})",
            ) from error
        same_key = wanted.subject_key is not None and wanted.subject_key == candidate.subject_key
        if same_key or (wanted.issuer, wanted.serial) == (candidate.issuer, candidate.serial):
            found = found or candidate
    if found is None:
        raise NoCertificate(
            whose,
            f"среди вложенных сертификатов ({len(container.certificates)}) нет сертификата подписанта",
            f"the signer's certificate is not among those inside ({len(container.certificates)})",
        )
    return found


def _check_algorithms(container: Container, leaf: Certificate, whose: Whose) -> str:
    digest_oid = algorithms.require_accepted_digest(container.digest_oid)
    scheme = algorithms.scheme(container.signature_oid)
    family = algorithms.family(leaf.spki)
    is_gost_digest = digest_oid in (algorithms.GOST256, algorithms.GOST512)
    if (
        scheme.family != family
        or scheme.digest not in (None, digest_oid)
        or (is_gost_digest != family.startswith("gost"))
    ):
        raise AlgorithmMismatch(
            whose,
            "алгоритмы хеша, подписи и ключа сертификата не согласованы между собой",
            "the algorithms of the digest, the signature and the certificate's key disagree",
        )
    return family


def _check_content(content: bytes, container: Container, whose: Whose) -> None:
    if algorithms.digest(container.digest_oid, content) != container.message_digest:
        raise Tampered(
            whose,
            "документ не тот, который подписан: хеш содержимого не совпадает",
            "the document is not the one that was signed: its digest differs",
        )


def _check_signing_certificate(container: Container, leaf: Certificate, policy: Policy, whose: Whose) -> None:
    if policy.require_signing_certificate and not container.is_bes:
        raise MissingSigningCertificateAttribute(
            whose,
            "нет атрибута с сертификатом подписанта (signingCertificateV2), это не CAdES-BES",
            "the signing certificate attribute (signingCertificateV2) is missing, this is not CAdES-BES",
        )
    for digest_oid, claimed in container.signing_certificates:
        # Version 1 of the attribute (RFC 2634) has only SHA-1; no check relies on it alone.
        legacy = digest_oid == algorithms.SHA1
        actual = (
            hashlib.sha1(leaf.raw, usedforsecurity=False).digest()
            if legacy
            else algorithms.digest(digest_oid, leaf.raw)
        )
        if actual != claimed:
            raise SigningCertificateMismatch(
                whose,
                "подпись сделана для другого сертификата, чем вложен",
                "the signature was made for another certificate than the one inside",
            )


def _trusted_chain(
    leaf: Certificate, container: Container, trust: TrustStore, at: datetime, policy: Policy, whose: Whose
) -> tuple[Chain, CrlUsed | None]:
    """Return the first valid chain; if there is none, raise the reason of the first chain that failed."""
    offered = tuple(read_certificate(raw) for raw in container.certificates)
    first: SignatureRefused | None = None
    for chain in find_chains(leaf, offered, trust):
        try:
            return chain, check_chain(chain, trust, at, policy, whose)
        except SignatureRefused as refused:
            first = first or refused
    if first is not None:
        raise first
    issuer = name_line(leaf.issuer)
    known = bool(trust.by_subject.get(leaf.issuer))
    problems = f" ({'; '.join(trust.problems)})" if trust.problems else ""
    raise UntrustedIssuer(
        whose,
        f"издатель «{issuer}» "
        + ("лишь носит имя доверенного, ключ у него другой" if known else "не доверенный")
        + problems,
        f"the issuer «{issuer}» "
        + ("only bears a trusted name, its key differs" if known else "is not trusted")
        + problems,
    )


def _check_key_usage(leaf: Certificate, whose: Whose) -> None:
    allowed = {certificate.DIGITAL_SIGNATURE, certificate.NON_REPUDIATION}
    if leaf.is_ca or not allowed & (leaf.key_usage or frozenset()):
        raise WrongKeyUsage(
            whose,
            "сертификат не предназначен для подписи документов (назначение ключа)",
            "the certificate is not meant for signing documents (key usage)",
        )


def _check_identity(leaf: Certificate, expected: Expected, whose: Whose) -> None:
    if expected.role == "doctor":
        found = attribute(leaf.subject, certificate.SNILS)
        if _digits(found) != _digits(expected.snils):
            raise WrongPerson(
                whose,
                f"СНИЛС в сертификате {found or 'не указан'}, а ожидается {expected.snils}",
                f"the certificate's SNILS is {found or 'absent'}, {expected.snils} is expected",
            )
        return
    found = attribute(leaf.subject, certificate.OGRN)
    if _digits(found) != _digits(expected.ogrn):
        raise WrongOrganization(
            whose,
            f"ОГРН в сертификате {found or 'не указан'}, а ожидается {expected.ogrn}",
            f"the certificate's OGRN is {found or 'absent'}, {expected.ogrn} is expected",
        )


def _digits(number: str | None) -> str | None:
    """Return the digits of a number; None for an absent number, which equals no expected one."""
    return "".join(c for c in number if c in "0123456789") if number else None


def _check_signing_time(
    claimed: datetime | None, leaf: Certificate, at: datetime, policy: Policy, whose: Whose
) -> None:
    if claimed is None:
        return
    if claimed > at + policy.clock_skew:
        raise WrongSigningTime(
            whose,
            f"время подписания {claimed:%d.%m.%Y %H:%M} UTC ещё не наступило",
            f"the signing time {claimed:%Y-%m-%d %H:%M} UTC is in the future",
        )
    if not leaf.not_before <= claimed <= leaf.not_after:
        raise WrongSigningTime(
            whose,
            f"время подписания {claimed:%d.%m.%Y %H:%M} UTC вне срока действия сертификата",
            f"the signing time {claimed:%Y-%m-%d %H:%M} UTC is outside the certificate's validity",
        )
