"""A small certification authority for the demo, tests and test stands: keys in files, not for real people."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec

from trustmed.signature import algorithms, certificate, cms, der
from trustmed.signature.certificate import Certificate, read_certificate
from trustmed.signature.revocation import CRL_NUMBER
from trustmed.signature.software.keys import PrivateKey, generate_key
from trustmed.signature.software.signing import SoftwareKey

Algorithm = Literal["ecdsa-p256", "rsa-2048", "gost2012-256", "gost2012-512"]
Reason = Literal["unspecified", "keyCompromise", "affiliationChanged", "superseded", "cessationOfOperation"]
_REASONS: dict[Reason, int] = {
    "unspecified": 0, "keyCompromise": 1, "affiliationChanged": 3, "superseded": 4, "cessationOfOperation": 5,
}  # fmt: skip
_NUMBERS = {certificate.SNILS: 11, certificate.OGRN: 13, certificate.INN: 12, certificate.INN_ORGANIZATION: 10}
_SIGNING_USAGE = (certificate.DIGITAL_SIGNATURE, certificate.NON_REPUDIATION)
_REASON_CODE = "2.5.29.21"
_CLIENT_AUTH, _EMAIL = "1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.4"


class Validity(msgspec.Struct, frozen=True):
    """The times from which and until which a certificate is valid; both have a time zone."""

    not_before: datetime
    not_after: datetime


class Revoked(msgspec.Struct, frozen=True):
    """One entry of a revocation list."""

    serial: int
    at: datetime
    reason: Reason = "unspecified"


class Authority(msgspec.Struct, frozen=True):
    """A key that issues certificates, and the chain of its certificates in DER, its own first."""

    key: PrivateKey
    chain: tuple[bytes, ...]

    @property
    def certificate(self) -> Certificate:
        return read_certificate(self.chain[0])


def valid_for(days: int, start: datetime | None = None) -> Validity:
    """Return a validity of `days` from `start` on, by default from an hour ago, since other clocks may be behind."""
    start = start or datetime.now(UTC) - timedelta(hours=1)
    return Validity(start, start + timedelta(days=days))


def create_root(name: str, algorithm: Algorithm = "ecdsa-p256", validity: Validity | None = None) -> Authority:
    """Make a new self-signed authority. Raises GostEngineMissing."""
    key = generate_key(algorithm)
    subject = _name({certificate.COUNTRY: "RU", certificate.ORGANIZATION: name, certificate.COMMON_NAME: name})
    extensions = _ca_extensions(key.spki, key.spki, None)
    return Authority(key, (_certificate(key, subject, subject, key.spki, validity or valid_for(3650), extensions),))


def create_intermediate(
    parent: Authority, name: str, algorithm: Algorithm = "ecdsa-p256", validity: Validity | None = None
) -> Authority:
    """Make an authority certified by another one; it may certify only signers."""
    key = generate_key(algorithm)
    subject = _name({certificate.COUNTRY: "RU", certificate.ORGANIZATION: name, certificate.COMMON_NAME: name})
    extensions = _ca_extensions(key.spki, parent.certificate.spki, 0)
    issuer = parent.certificate.subject
    raw = _certificate(parent.key, issuer, subject, key.spki, validity or valid_for(1825), extensions)
    return Authority(key, (raw, *parent.chain))


def issue_doctor(
    authority: Authority, surname: str, given_name: str, snils: str, organization: str, *,
    inn: str | None = None, algorithm: Algorithm = "ecdsa-p256", validity: Validity | None = None,
) -> SoftwareKey:  # fmt: skip
    """Make a doctor's key and certificate; `given_name` is name and patronymic. Raises ValueError for a bad number."""
    subject = {
        certificate.COUNTRY: "RU",
        certificate.ORGANIZATION: organization,
        certificate.SURNAME: surname,
        certificate.GIVEN_NAME: given_name,
        certificate.COMMON_NAME: f"{surname} {given_name}",
        certificate.SNILS: snils,
        certificate.INN: inn,
    }
    return issue(authority, subject, algorithm=algorithm, validity=validity)


def issue_organization(
    authority: Authority, name: str, ogrn: str, *,
    inn: str | None = None, algorithm: Algorithm = "ecdsa-p256", validity: Validity | None = None,
) -> SoftwareKey:  # fmt: skip
    """Make an organisation's key and certificate. Raises ValueError for a malformed number."""
    subject = {
        certificate.COUNTRY: "RU",
        certificate.ORGANIZATION: name,
        certificate.COMMON_NAME: name,
        certificate.OGRN: ogrn,
        certificate.INN_ORGANIZATION: inn,
    }
    return issue(authority, subject, algorithm=algorithm, validity=validity)


def issue(
    authority: Authority, subject: Mapping[str, str | None], *, algorithm: Algorithm = "ecdsa-p256",
    validity: Validity | None = None, key_usage: tuple[int, ...] = _SIGNING_USAGE,
) -> SoftwareKey:  # fmt: skip
    """Make a signer's key and certificate. `subject`: attributes by OID; `key_usage`: bit numbers of RFC 5280."""
    key = generate_key(algorithm)
    issuer = authority.certificate
    extensions = (
        _extension(certificate.BASIC_CONSTRAINTS, der.sequence(), critical=True),
        _extension(certificate.KEY_USAGE, der.flags(*key_usage), critical=True),
        _extension(certificate.EXTENDED_KEY_USAGE, der.sequence(der.oid(_CLIENT_AUTH), der.oid(_EMAIL))),
        *_key_identifiers(key.spki, issuer.spki),
    )
    name = _name(subject)
    raw = _certificate(authority.key, issuer.subject, name, key.spki, validity or valid_for(450), extensions)
    without_roots = tuple(c for c in authority.chain if read_certificate(c).subject != read_certificate(c).issuer)
    return SoftwareKey(key, (raw, *without_roots))


def publish_crl(
    authority: Authority, revoked: Iterable[Revoked], number: int, issued_at: datetime, next_update: datetime
) -> bytes:
    """Make a complete revocation list in DER."""
    entries = [
        der.sequence(
            der.integer(entry.serial),
            der.time(entry.at),
            der.sequence(_extension(_REASON_CODE, der.tlv(der.ENUMERATED, bytes((_REASONS[entry.reason],))))),
        )
        for entry in revoked
    ]
    issuer = authority.certificate
    extensions = (_authority_key(issuer.spki), _extension(CRL_NUMBER, der.integer(number)))
    body = der.sequence(
        der.integer(1),
        _signature_algorithm(authority.key),
        issuer.subject,
        der.time(issued_at),
        der.time(next_update),
        der.sequence(*entries) if entries else b"",
        der.tlv(0xA0, der.sequence(*extensions)),
    )
    return _sign_body(authority.key, body)


def _certificate(
    key: PrivateKey, issuer: bytes, subject: bytes, spki: bytes, validity: Validity, extensions: tuple[bytes, ...]
) -> bytes:
    body = der.sequence(
        der.tlv(0xA0, der.integer(2)),
        der.integer(secrets.randbits(126) + (1 << 126)),  # positive, and as long as every other serial number
        _signature_algorithm(key),
        issuer,
        der.sequence(der.time(validity.not_before), der.time(validity.not_after)),
        subject,
        spki,
        der.tlv(0xA3, der.sequence(*extensions)),
    )
    return _sign_body(key, body)


def _sign_body(key: PrivateKey, body: bytes) -> bytes:
    return der.sequence(body, _signature_algorithm(key), der.bits(key.sign(body)))


def _signature_algorithm(key: PrivateKey) -> bytes:
    return cms.algorithm(algorithms.CERTIFICATE_SIGNATURE_OIDS[key.family])


def _ca_extensions(spki: bytes, issuer_spki: bytes, path_length: int | None) -> tuple[bytes, ...]:
    length = b"" if path_length is None else der.integer(path_length)
    return (
        _extension(certificate.BASIC_CONSTRAINTS, der.sequence(der.tlv(der.BOOLEAN, b"\xff"), length), critical=True),
        _extension(certificate.KEY_USAGE, der.flags(certificate.KEY_CERT_SIGN, certificate.CRL_SIGN), critical=True),
        *_key_identifiers(spki, issuer_spki),
    )


def _key_identifiers(spki: bytes, issuer_spki: bytes) -> tuple[bytes, bytes]:
    return _extension(certificate.SUBJECT_KEY, der.octets(_key_id(spki))), _authority_key(issuer_spki)


def _authority_key(spki: bytes) -> bytes:
    return _extension(certificate.AUTHORITY_KEY, der.sequence(der.tlv(0x80, _key_id(spki))))


def _key_id(spki: bytes) -> bytes:
    """RFC 7093 §2, method 4: a digest of the whole SubjectPublicKeyInfo, 160 bits of it."""
    return hashlib.sha256(spki).digest()[:20]


def _extension(oid: str, value: bytes, *, critical: bool = False) -> bytes:
    return der.sequence(der.oid(oid), der.tlv(der.BOOLEAN, b"\xff") if critical else b"", der.octets(value))


def _name(attributes: Mapping[str, str | None]) -> bytes:
    relative = []
    for oid, value in attributes.items():
        if value is not None:
            relative.append(der.set_of(der.sequence(der.oid(oid), _attribute_value(oid, value))))
    return der.sequence(*relative)


def _attribute_value(oid: str, value: str) -> bytes:
    if oid not in _NUMBERS:
        return der.text(value, der.PRINTABLE if oid == certificate.COUNTRY else der.UTF8)
    digits = "".join(c for c in value if c.isdecimal() and c.isascii())
    if len(digits) != _NUMBERS[oid]:
        raise ValueError(f"{value} does not have {_NUMBERS[oid]} digits")
    return der.text(digits, der.NUMERIC)
