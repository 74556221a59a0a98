"""A certification authority with one doctor and one organisation, and containers built wrong on purpose."""

from datetime import UTC, datetime, timedelta
from functools import cache

import msgspec

from trustmed.signature import algorithms, cms, der
from trustmed.signature.errors import SignatureRefused
from trustmed.signature.model import Expected, Policy, VerifiedSignature
from trustmed.signature.software.authority import (
    Algorithm,
    Authority,
    Revoked,
    create_root,
    issue_doctor,
    issue_organization,
    publish_crl,
    valid_for,
)
from trustmed.signature.software.signing import SoftwareKey
from trustmed.signature.trust import TrustStore, build_trust
from trustmed.signature.verify import verify

NOW = datetime.now(UTC)
CONTENT = "<ClinicalDocument>Протокол консультации</ClinicalDocument>".encode()
SNILS, OGRN = "112-233-445 95", "1027700132195"
DOCTOR, ORGANIZATION = Expected("doctor", snils=SNILS), Expected("organization", ogrn=OGRN)
CLASSIC: tuple[Algorithm, ...] = ("ecdsa-p256", "rsa-2048")
GOST: tuple[Algorithm, ...] = ("gost2012-256", "gost2012-512")


class Stand(msgspec.Struct, frozen=True):
    root: Authority
    doctor: SoftwareKey
    organization: SoftwareKey
    trust: TrustStore


@cache
def stand(algorithm: Algorithm = "ecdsa-p256") -> Stand:
    root = create_root("Тестовый УЦ", algorithm, valid_for(3650, NOW - timedelta(days=365)))
    doctor = issue_doctor(root, "Иванов", "Иван Иванович", SNILS, "ГБУЗ Тест", inn="001234567894", algorithm=algorithm)
    organization = issue_organization(root, "ГБУЗ Тест", OGRN, inn="7700132195", algorithm=algorithm)
    return Stand(root, doctor, organization, trust_of(root))


def crl_of(root: Authority, *revoked: Revoked, number: int = 1, age: timedelta = timedelta(hours=1)) -> bytes:
    issued_at = NOW - age
    return publish_crl(root, revoked, number, issued_at, issued_at + timedelta(days=1))


def trust_of(root: Authority, *revoked: Revoked) -> TrustStore:
    return build_trust(root.chain, (crl_of(root, *revoked),))


def check(
    signature: bytes, *, content: bytes = CONTENT, trust: TrustStore | None = None, expected: Expected = DOCTOR,
    at: datetime | None = None, policy: Policy | None = None,
) -> VerifiedSignature:  # fmt: skip
    moment = at or datetime.now(UTC)
    return verify(content, signature, trust or stand().trust, expected, moment, policy or Policy())


def refusal(signature: bytes, *, content: bytes = CONTENT, trust: TrustStore | None = None) -> str | None:
    """Return the code of the refusal, or None if the signature is valid."""
    try:
        check(signature, content=content, trust=trust)
    except SignatureRefused as refused:
        return refused.code
    return None


def byte_changes_accepted(algorithm: Algorithm, mask: int) -> list[int]:
    """Return the positions of a good container where a byte changed by `mask` goes unnoticed."""
    whole, trust = stand(algorithm).doctor.sign(CONTENT), stand(algorithm).trust
    assert refusal(whole, trust=trust) is None
    changed = (whole[:i] + bytes((whole[i] ^ mask,)) + whole[i + 1 :] for i in range(len(whole)))
    return [position for position, other in enumerate(changed) if refusal(other, trust=trust) is None]


def replace_part(signature: bytes, path: tuple[int, ...], new: bytes) -> bytes:
    """Return the container with one element, found by child numbers from the top, replaced by other bytes."""
    return _replaced(der.read(signature), path, new)


def part(signature: bytes, path: tuple[int, ...]) -> bytes:
    element = der.read(signature)
    for number in path:
        element = der.children(element)[number]
    return element.raw


def _replaced(element: der.Element, path: tuple[int, ...], new: bytes) -> bytes:
    if not path:
        return new
    parts = [child.raw for child in der.children(element)]
    parts[path[0]] = _replaced(der.children(element)[path[0]], path[1:], new)
    return der.tlv(element.tag, *parts)


def sign_with(
    key: SoftwareKey, *, drop: str = "", extra: bytes = b"", digest_oid: str = algorithms.SHA256,
    at: datetime | None = None, hashed: bytes | None = None, signature_oid: str = "", content: bytes = CONTENT,
) -> bytes:  # fmt: skip
    """Return a container whose signed attributes are wrong but signed all the same."""
    leaf = key.certificate
    attributes = cms.signed_attributes(
        digest_oid, hashed or algorithms.digest(digest_oid, content), algorithms.digest(digest_oid, leaf.raw),
        leaf.issuer, leaf.serial, at or datetime.now(UTC),
    )  # fmt: skip
    kept = [a.raw for a in der.children(der.read(attributes)) if not (drop and der.oid(drop) in a.raw)]
    attributes = der.set_of(*kept, *([extra] if extra else []))
    oid = signature_oid or algorithms.CMS_SIGNATURE_OIDS[key.key.family]
    return cms.write_container(
        key.chain, leaf.issuer, leaf.serial, digest_oid, oid, attributes, key.key.sign(attributes)
    )
