"""Read X.509 certificates strictly (RFC 5280). Bytes are compared as they came, never encoded anew."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import TypeVar

import msgspec

from trustmed.signature import der
from trustmed.signature.algorithms import identifier, key_oid
from trustmed.signature.der import DerError, Element

SNILS, OGRN, INN, INN_ORGANIZATION = "1.2.643.100.3", "1.2.643.100.1", "1.2.643.3.131.1.1", "1.2.643.100.4"
COMMON_NAME, SURNAME, GIVEN_NAME, ORGANIZATION, COUNTRY = "2.5.4.3", "2.5.4.4", "2.5.4.42", "2.5.4.10", "2.5.4.6"
BASIC_CONSTRAINTS, KEY_USAGE, SUBJECT_KEY, AUTHORITY_KEY = "2.5.29.19", "2.5.29.15", "2.5.29.14", "2.5.29.35"
EXTENDED_KEY_USAGE = "2.5.29.37"
DIGITAL_SIGNATURE, NON_REPUDIATION, KEY_CERT_SIGN, CRL_SIGN = 0, 1, 5, 6
# Critical extensions that do not change the checks made here; the last two are certificate policies, alternative names.
_UNDERSTOOD = {BASIC_CONSTRAINTS, KEY_USAGE, EXTENDED_KEY_USAGE, "2.5.29.32", "2.5.29.17"}
_LONGEST, _LONGEST_NAME = 16384, 4096  # bytes
_SERIAL_LIMIT = 1 << 168  # RFC 5280 allows 20 octets; one more is tolerated
_LABELS = {COMMON_NAME: "CN", ORGANIZATION: "O", OGRN: "ОГРН", SNILS: "СНИЛС"}


T = TypeVar("T")


class Certificate(msgspec.Struct, frozen=True):
    """A certificate. `issuer` and `subject` are encoded names; `signed` are the bytes under the signature.

    `key_usage` is None where the certificate does not have it.
    """

    raw: bytes
    sha256: str
    serial: int
    issuer: bytes
    subject: bytes
    not_before: datetime
    not_after: datetime
    spki: bytes
    signed: bytes
    signature_oid: str
    signature: bytes
    is_ca: bool
    path_length: int | None
    key_usage: frozenset[int] | None
    subject_key: bytes | None
    authority_key: bytes | None
    unknown_critical: tuple[str, ...]

    @property
    def serial_hex(self) -> str:
        return f"{self.serial:x}"


@lru_cache(maxsize=2048)
def read_certificate(raw: bytes) -> Certificate:
    """Read a certificate from DER. Raises DerError."""
    if len(raw) > _LONGEST:
        raise DerError("a certificate is too long")
    fields = der.Fields(der.read(raw))
    body, outer, signature = fields.take(der.SEQUENCE), fields.take(der.SEQUENCE), fields.take(der.BITS)
    fields.end()
    tbs = der.Fields(body)
    if (version := tbs.maybe(0xA0)) is None or der.to_int(der.inner(version)) != 2:
        raise DerError("not an X.509 version 3 certificate")
    serial = der.to_int(tbs.take())
    if not 0 < serial < _SERIAL_LIMIT:
        raise DerError("certificate serial number is not positive or too long")
    if tbs.take(der.SEQUENCE).raw != outer.raw:
        raise DerError("the two signature algorithms of the certificate differ")
    issuer, validity = tbs.take(der.SEQUENCE), der.Fields(tbs.take(der.SEQUENCE))
    not_before, not_after = der.to_time(validity.take()), der.to_time(validity.take())
    subject, spki = tbs.take(der.SEQUENCE), tbs.take(der.SEQUENCE)
    key_oid(spki.raw)
    tbs.maybe(0x81)  # unique identifiers of issuer and subject: obsolete, and not used
    tbs.maybe(0x82)
    extensions = read_extensions(tbs.maybe(0xA3))
    tbs.end()
    is_ca, path_length = _basic_constraints(extensions)
    return Certificate(
        raw=raw,
        sha256=hashlib.sha256(raw).hexdigest(),
        serial=serial,
        issuer=issuer.raw,
        subject=subject.raw,
        not_before=not_before,
        not_after=not_after,
        spki=spki.raw,
        signed=body.raw,
        signature_oid=identifier(outer),
        signature=der.to_bits(signature),
        is_ca=is_ca,
        path_length=path_length,
        key_usage=_value(extensions, KEY_USAGE, der.to_flags),
        subject_key=_value(extensions, SUBJECT_KEY, der.to_octets),
        authority_key=_value(extensions, AUTHORITY_KEY, key_identifier),
        unknown_critical=tuple(o for o, (critical, _) in extensions.items() if critical and o not in _UNDERSTOOD),
    )


def read_extensions(wrapped: Element | None) -> dict[str, tuple[bool, bytes]]:
    """Return extensions by OID, each as criticality and encoded value. Raises DerError, also if one is repeated."""
    found: dict[str, tuple[bool, bytes]] = {}
    for element in der.children(der.expect(der.inner(wrapped), der.SEQUENCE)) if wrapped else []:
        fields = der.Fields(element)
        oid, critical = der.to_oid(fields.take()), fields.maybe(der.BOOLEAN)
        if oid in found:
            raise DerError(f"extension {oid} is repeated")
        found[oid] = (critical is not None and der.to_bool(critical), fields.take(der.OCTETS).content)
        fields.end()
    return found


def key_identifier(element: Element) -> bytes | None:
    """Return the keyIdentifier of an AuthorityKeyIdentifier, if it has one."""
    first = der.children(der.expect(element, der.SEQUENCE))[:1]
    return first[0].content if first and first[0].tag == 0x80 else None


def _value(extensions: dict[str, tuple[bool, bytes]], oid: str, reader: Callable[[Element], T]) -> T | None:
    return reader(der.read(extensions[oid][1])) if oid in extensions else None


def _basic_constraints(extensions: dict[str, tuple[bool, bytes]]) -> tuple[bool, int | None]:
    if BASIC_CONSTRAINTS not in extensions:
        return False, None
    fields = der.Fields(der.read(extensions[BASIC_CONSTRAINTS][1]))
    ca, length = fields.maybe(der.BOOLEAN), fields.maybe(der.INTEGER)
    fields.end()
    return ca is not None and der.to_bool(ca), der.to_int(length) if length else None


@lru_cache(maxsize=4096)
def name_attributes(name: bytes) -> tuple[tuple[str, str], ...]:
    """Return the attributes of an encoded name in order, as (OID, text). Raises DerError."""
    pairs = []
    if len(name) > _LONGEST_NAME:
        raise DerError("a name is too long")
    for relative in der.children(der.read(name, der.SEQUENCE)):
        for attribute in der.children(der.expect(relative, der.SET)):
            fields = der.Fields(attribute)
            oid, value = der.to_oid(fields.take()), fields.take()
            fields.end()
            pairs.append((oid, der.to_text(value)))
    return tuple(pairs)


def attribute(name: bytes, oid: str) -> str | None:
    """Return the value of an attribute; None if it is absent, or repeated with different values."""
    values = {text for found, text in name_attributes(name) if found == oid}
    return values.pop() if len(values) == 1 else None


def name_line(name: bytes) -> str:
    """Return a name in one line for people: "CN=…, O=…"; attributes without a usual label are left out."""
    attributes = name_attributes(name)
    parts = [f"{label}={text}" for wanted, label in _LABELS.items() for oid, text in attributes if oid == wanted]
    return ", ".join(parts) or name.hex()


def person_name(name: bytes) -> str:
    """Return surname and given names where the subject has them, else the common name, else the whole line."""
    surname, given = attribute(name, SURNAME), attribute(name, GIVEN_NAME)
    if surname and given:
        return f"{surname} {given}"
    return attribute(name, COMMON_NAME) or name_line(name)
