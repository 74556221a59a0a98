"""Find chains from a signer's certificate to a trusted root (RFC 5280 §6), and check a chain at a moment."""

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from itertools import pairwise

from trustmed.signature import algorithms
from trustmed.signature.algorithms import NotAccepted
from trustmed.signature.certificate import CRL_SIGN, KEY_CERT_SIGN, Certificate, name_line
from trustmed.signature.errors import (
    CertificateExpired,
    CertificateNotUnderstood,
    CertificateNotYetValid,
    CertificateRevoked,
    RevocationUnknown,
    UntrustedIssuer,
    Whose,
    WrongKeyUsage,
)
from trustmed.signature.freshness import check_age
from trustmed.signature.model import CrlUsed, Policy
from trustmed.signature.revocation import RevocationList
from trustmed.signature.trust import TrustStore

Chain = tuple[Certificate, ...]
_LONGEST = 5  # certificates
# Whether a list is its issuer's, by the digests of both and not by their bytes: lists have megabytes and change daily.
_LISTS: dict[tuple[str, str], bool] = {}
_MOST_LISTS = 1024


def find_chains(leaf: Certificate, offered: Chain, trust: TrustStore) -> Iterator[Chain]:
    """Yield every chain from `leaf` to a root of `trust` whose signatures are valid; `offered` may be intermediates.

    Raises GostEngineMissing; NotAccepted if there is no chain and a certificate on the way is signed with an algorithm
    that is not accepted. Beside a good chain such a certificate does no harm: an authority's old cross-certificate
    stays in trust folders for years.
    """
    foreign: list[NotAccepted] = []
    found = False
    for chain in _extend((leaf,), offered, trust, foreign):
        found = True
        yield chain
    if foreign and not found:
        raise foreign[0]


def _extend(chain: Chain, offered: Chain, trust: TrustStore, foreign: list[NotAccepted]) -> Iterator[Chain]:
    last = chain[-1]
    if last in trust.roots:
        yield chain
        return
    known = trust.by_subject.get(last.issuer, ())
    issuers = known + tuple(c for c in offered if c.subject == last.issuer and c not in known)
    for issuer in issuers:
        if len(chain) < _LONGEST and issuer not in chain and _is_issued_noting_foreign(last, issuer, foreign):
            yield from _extend((*chain, issuer), offered, trust, foreign)


def _is_issued_noting_foreign(certificate: Certificate, issuer: Certificate, foreign: list[NotAccepted]) -> bool:
    try:
        return _is_issued_by(certificate, issuer)
    except NotAccepted as error:
        foreign.append(error)
        return False


def _is_issued_by(certificate: Certificate, issuer: Certificate) -> bool:
    if None not in (certificate.authority_key, issuer.subject_key) and certificate.authority_key != issuer.subject_key:
        return False
    return _is_signed_by_cached(certificate.signed, certificate.signature_oid, certificate.signature, issuer.spki)


@lru_cache(maxsize=2048)
def _is_signed_by_cached(signed: bytes, signature_oid: str, signature: bytes, spki: bytes) -> bool:
    return _is_signed(signed, signature_oid, signature, spki)


def _is_signed(signed: bytes, signature_oid: str, signature: bytes, spki: bytes) -> bool:
    scheme = algorithms.scheme(signature_oid)
    if scheme.digest is None or algorithms.family(spki) != scheme.family:
        return False
    return algorithms.is_signed_by(spki, scheme.digest, signature, signed)


def check_chain(chain: Chain, trust: TrustStore, at: datetime, policy: Policy, whose: Whose) -> CrlUsed | None:
    """Check each certificate of the chain at the moment `at`; return the list that vouched for the first one.

    Raises UntrustedIssuer, CertificateNotUnderstood, CertificateExpired, CertificateNotYetValid, WrongKeyUsage,
    CertificateRevoked, RevocationUnknown, RevocationListOld.
    """
    for depth, certificate in enumerate(chain):
        _check_extensions(certificate, depth, whose)
        _check_time(certificate, at, whose)
    used = [_check_revocation(*pair, trust, at, policy, whose) for pair in pairwise(chain)]
    return used[0] if used else None


def _check_extensions(certificate: Certificate, depth: int, whose: Whose) -> None:
    name = name_line(certificate.subject)
    if certificate.unknown_critical:
        listed = ", ".join(certificate.unknown_critical)
        raise CertificateNotUnderstood(
            whose,
            f"сертификат «{name}» содержит неизвестные критические расширения: {listed}",
            f"the certificate «{name}» has unknown critical extensions: {listed}",
        )
    if depth == 0:
        return
    if not certificate.is_ca:
        raise UntrustedIssuer(
            whose,
            f"сертификат издателя «{name}» не является сертификатом удостоверяющего центра",
            f"the issuer's certificate «{name}» is not that of a certification authority",
        )
    if certificate.key_usage is not None and KEY_CERT_SIGN not in certificate.key_usage:
        raise WrongKeyUsage(
            whose,
            f"ключ издателя «{name}» не предназначен для подписи сертификатов",
            f"the key of the issuer «{name}» is not meant to sign certificates",
        )
    if certificate.path_length is not None and depth - 1 > certificate.path_length:
        raise UntrustedIssuer(
            whose,
            f"издатель «{name}» не вправе иметь столько промежуточных центров",
            f"the issuer «{name}» may not have so many intermediate authorities",
        )


def _check_time(certificate: Certificate, at: datetime, whose: Whose) -> None:
    name = name_line(certificate.subject)
    if at > certificate.not_after:
        day = certificate.not_after.date()
        raise CertificateExpired(
            whose,
            f"срок действия сертификата «{name}» закончился {day:%d.%m.%Y}",
            f"the certificate «{name}» expired on {day}",
        )
    if at < certificate.not_before:
        day = certificate.not_before.date()
        raise CertificateNotYetValid(
            whose,
            f"сертификат «{name}» начнёт действовать только {day:%d.%m.%Y}",
            f"the certificate «{name}» becomes valid only on {day}",
        )


def _check_revocation(
    certificate: Certificate, issuer: Certificate, trust: TrustStore, at: datetime, policy: Policy, whose: Whose
) -> CrlUsed | None:
    crl = _newest_crl(certificate, issuer, trust)
    name, issuer_name = name_line(certificate.subject), name_line(issuer.subject)
    if crl is None:
        if not policy.require_crl:
            return None
        known = "; ".join(trust.problems)
        raise RevocationUnknown(
            whose,
            f"нельзя проверить отзыв: нет годного списка отзыва издателя «{issuer_name}»"
            + (f" ({known})" if known else ""),
            f"revocation cannot be checked: no usable list of the issuer «{issuer_name}»"
            + (f" ({known})" if known else ""),
        )
    revoked_at = crl.revoked_at(certificate.serial)
    if revoked_at is not None and revoked_at <= at:
        raise CertificateRevoked(
            whose,
            f"сертификат «{name}» отозван {revoked_at:%d.%m.%Y %H:%M} UTC (список издателя «{issuer_name}»)",
            f"the certificate «{name}» was revoked on {revoked_at:%Y-%m-%d %H:%M} UTC (list of «{issuer_name}»)",
        )
    check_age(crl, certificate, issuer_name, at, policy, whose)
    return CrlUsed(
        issuer=issuer_name,
        number=crl.number,
        issued_at=crl.issued_at,
        next_update=crl.next_update,
        age_seconds=max(0, int((at - crl.issued_at).total_seconds())),
        stale=crl.next_update is not None and at > crl.next_update,
    )


def _newest_crl(certificate: Certificate, issuer: Certificate, trust: TrustStore) -> RevocationList | None:
    if issuer.key_usage is not None and CRL_SIGN not in issuer.key_usage:
        return None
    for crl in trust.crls.get(issuer.subject, ()):
        covers = crl.for_authorities if certificate.is_ca else crl.for_leaves
        if covers and is_list_of(crl, issuer):
            return crl
    return None


def is_list_of(crl: RevocationList, issuer: Certificate) -> bool:
    """Whether the issuer signed the list. Raises GostEngineMissing."""
    if None not in (crl.authority_key, issuer.subject_key) and crl.authority_key != issuer.subject_key:
        return False
    key = (crl.sha256, issuer.sha256)
    if key not in _LISTS:
        if len(_LISTS) >= _MOST_LISTS:
            _LISTS.clear()
        _LISTS[key] = _is_list_signed(crl, issuer)
    return _LISTS[key]


def _is_list_signed(crl: RevocationList, issuer: Certificate) -> bool:
    try:
        return _is_signed(crl.signed, crl.signature_oid, crl.signature, issuer.spki)
    except NotAccepted:
        return False
