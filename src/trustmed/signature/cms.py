"""Read, strictly, and write the container of a signature: CMS SignedData (RFC 5652) with CAdES-BES attributes."""

from datetime import datetime

import msgspec

from trustmed.signature import der
from trustmed.signature.algorithms import SHA1, SHA256, identifier
from trustmed.signature.der import DerError, Element
from trustmed.signature.errors import (
    MissingSignedAttributes,
    NoSigner,
    NotASignature,
    NotDetached,
    SeveralSigners,
    SignatureTooLarge,
    Whose,
)

DATA, SIGNED_DATA = "1.2.840.113549.1.7.1", "1.2.840.113549.1.7.2"
CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME = (f"1.2.840.113549.1.9.{n}" for n in (3, 4, 5))
SIGNING_CERTIFICATE, SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.12", "1.2.840.113549.1.9.16.2.47"
_ONCE = (CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME, SIGNING_CERTIFICATE, SIGNING_CERTIFICATE_V2)
_MOST_CERTIFICATES = 10


class CertificateId(msgspec.Struct, frozen=True):
    """The way a container names the signer's certificate: by issuer and serial, or by subject key identifier."""

    issuer: bytes = b""
    serial: int = 0
    subject_key: bytes | None = None


class Container(msgspec.Struct, frozen=True):
    """The content of one detached signature with one signer.

    `signed`: the exact bytes under the signature (the attributes as a SET). `signing_certificates`: the hashes that the
    container claims for the signer's certificate, each with its digest's OID.
    """

    certificates: tuple[bytes, ...]
    certificate_id: CertificateId
    digest_oid: str
    signature_oid: str
    signature: bytes
    signed: bytes
    message_digest: bytes
    signing_time: datetime | None
    signing_certificates: tuple[tuple[str, bytes], ...]
    is_bes: bool


def read_container(cms: bytes, whose: Whose, largest: int) -> Container:
    """Read the container in `cms` (DER). Raises those subclasses of SignatureRefused that concern its form."""
    if len(cms) > largest:
        raise SignatureTooLarge(
            whose,
            f"файл подписи {len(cms)} байт, допускается до {largest}",
            f"the signature file has {len(cms)} bytes, at most {largest} are taken",
        )
    try:
        return _container(cms, whose)
    except DerError as error:
        ru, en = _not_a_signature(cms)
        raise NotASignature(whose, ru, f"{en} ({error})") from error


def _not_a_signature(cms: bytes) -> tuple[str, str]:
    if not cms.strip():
        return "файл подписи пуст", "the signature file is empty"
    if cms[:2] == b"\x30\x80":
        return "подпись в кодировке BER, а нужна DER", "the signature is encoded as BER, DER is needed"
    if cms.lstrip()[:5] == b"-----" or cms.lstrip()[:2] == b"MI":
        return (
            "подпись сохранена текстом (PEM, Base64), а нужна DER",
            "the signature is saved as text (PEM, Base64), DER is needed",
        )
    return "это не подпись CMS или файл повреждён", "this is not a CMS signature, or the file is damaged"


def _container(cms: bytes, whose: Whose) -> Container:
    outer = der.Fields(der.read(cms))
    if der.to_oid(outer.take()) != SIGNED_DATA:
        raise DerError("CMS content is not SignedData")
    data = der.Fields(der.inner(outer.take(0xA0)))
    outer.end()
    version, digests, content = der.to_int(data.take()), data.take(der.SET), der.Fields(data.take(der.SEQUENCE))
    if der.to_oid(content.take()) != DATA:
        raise DerError("signed content is not of type id-data")
    if content.maybe(0xA0):
        raise NotDetached(whose, "содержимое вложено внутрь подписи", "the content is inside the signature")
    content.end()
    certificates, crls = data.maybe(0xA0), data.maybe(0xA1)
    signers = der.children(data.take(der.SET))
    data.end()
    if len(signers) > 1:
        count = len(signers)
        raise SeveralSigners(whose, f"в контейнере подписантов: {count}", f"the container has {count} signers")
    if not signers:
        raise NoSigner(whose, "в контейнере нет ни одного подписанта", "the container has no signer")
    container = _signer(signers[0], _certificates(certificates), whose)
    by_key = container.certificate_id.subject_key is not None
    if version != (3 if by_key else 1) or [identifier(e) for e in der.children(digests)] != [container.digest_oid]:
        raise DerError("version or digest list disagrees with the signer")
    for crl in der.children(crls) if crls else []:
        der.expect(crl, der.SEQUENCE)
    return container


def _certificates(element: Element | None) -> tuple[bytes, ...]:
    found = der.children(element) if element else []
    if len(found) > _MOST_CERTIFICATES:
        raise DerError(f"more than {_MOST_CERTIFICATES} certificates inside")
    return tuple(der.expect(certificate, der.SEQUENCE).raw for certificate in found)


def _signer(element: Element, certificates: tuple[bytes, ...], whose: Whose) -> Container:
    fields = der.Fields(element)
    version = der.to_int(fields.take())
    certificate_id = _certificate_id(fields)
    if version != (1 if certificate_id.subject_key is None else 3):
        raise DerError("signer version disagrees with the way it names the certificate")
    digest_oid = identifier(fields.take(der.SEQUENCE))
    attributes = fields.maybe(0xA0)
    signature_oid, signature = identifier(fields.take(der.SEQUENCE)), der.to_octets(fields.take())
    if unsigned := fields.maybe(0xA1):
        _attributes(unsigned)
    fields.end()
    values = _attributes(attributes) if attributes else {}
    if attributes is None or CONTENT_TYPE not in values or MESSAGE_DIGEST not in values:
        raise MissingSignedAttributes(
            whose,
            "нет обязательных подписанных атрибутов (тип содержимого, хеш документа)",
            "the mandatory signed attributes (content type, message digest) are missing",
        )
    if der.to_oid(values[CONTENT_TYPE]) != DATA:
        raise DerError("the signed content type differs from the container's")
    signing_certificates = tuple(_ess_v1(values)) + tuple(_ess_v2(values))
    return Container(
        certificates=certificates,
        certificate_id=certificate_id,
        digest_oid=digest_oid,
        signature_oid=signature_oid,
        signature=signature,
        signed=bytes((der.SET,)) + attributes.raw[1:],  # RFC 5652 §5.4: signed with the tag of a SET, not with [0]
        message_digest=der.to_octets(values[MESSAGE_DIGEST]),
        signing_time=der.to_time(values[SIGNING_TIME]) if SIGNING_TIME in values else None,
        signing_certificates=signing_certificates,
        is_bes=SIGNING_CERTIFICATE_V2 in values,
    )


def _certificate_id(fields: der.Fields) -> CertificateId:
    if by_key := fields.maybe(0x80):
        return CertificateId(subject_key=by_key.content)
    named = der.Fields(fields.take(der.SEQUENCE))
    certificate_id = CertificateId(named.take(der.SEQUENCE).raw, der.to_int(named.take()))
    named.end()
    return certificate_id


def _attributes(element: Element) -> dict[str, Element]:
    """Return the first value of each attribute. Raise DerError if one that decides a check is repeated."""
    values: dict[str, Element] = {}
    for attribute in der.children(element):
        fields = der.Fields(attribute)
        oid, found = der.to_oid(fields.take()), der.children(fields.take(der.SET))
        fields.end()
        if not found or (oid in _ONCE and (oid in values or len(found) != 1)):
            raise DerError(f"attribute {oid} is empty or repeated")
        values.setdefault(oid, found[0])
    return values


def _ess_v1(values: dict[str, Element]) -> list[tuple[str, bytes]]:
    if SIGNING_CERTIFICATE not in values:
        return []
    first = _first_certificate(values[SIGNING_CERTIFICATE])
    return [(SHA1, der.to_octets(first.take()))]


def _ess_v2(values: dict[str, Element]) -> list[tuple[str, bytes]]:
    if SIGNING_CERTIFICATE_V2 not in values:
        return []
    first = _first_certificate(values[SIGNING_CERTIFICATE_V2])
    algorithm = first.maybe(der.SEQUENCE)
    return [(identifier(algorithm) if algorithm else SHA256, der.to_octets(first.take()))]


def _first_certificate(value: Element) -> der.Fields:
    """Return the identifier of the signer's certificate: the first of the list (RFC 5035 §3)."""
    listed = der.children(der.Fields(value).take(der.SEQUENCE))
    if not listed:
        raise DerError("signing certificate attribute is empty")
    return der.Fields(listed[0])


def signed_attributes(
    digest_oid: str, message_digest: bytes, certificate_hash: bytes, issuer: bytes, serial: int, moment: datetime
) -> bytes:
    """Return the attributes of CAdES-BES as the SET that is signed."""
    # DER leaves a default value out, and SHA-256 is the default (RFC 5035 §3).
    hash_algorithm = b"" if digest_oid == SHA256 else algorithm(digest_oid)
    issuer_serial = der.sequence(der.sequence(der.tlv(0xA4, issuer)), der.integer(serial))
    certificate = der.sequence(hash_algorithm, der.octets(certificate_hash), issuer_serial)
    return der.set_of(
        _attribute(CONTENT_TYPE, der.oid(DATA)),
        _attribute(MESSAGE_DIGEST, der.octets(message_digest)),
        _attribute(SIGNING_TIME, der.time(moment)),
        _attribute(SIGNING_CERTIFICATE_V2, der.sequence(der.sequence(certificate))),
    )


def write_container(
    certificates: tuple[bytes, ...], issuer: bytes, serial: int, digest_oid: str, signature_oid: str,
    attributes: bytes, signature: bytes,
) -> bytes:  # fmt: skip
    """Return a detached container with one signer; `attributes` come from `signed_attributes`."""
    signer = der.sequence(
        der.integer(1),
        der.sequence(issuer, der.integer(serial)),
        algorithm(digest_oid),
        b"\xa0" + attributes[1:],
        algorithm(signature_oid),
        der.octets(signature),
    )
    data = der.sequence(
        der.integer(1),
        der.set_of(algorithm(digest_oid)),
        der.sequence(der.oid(DATA)),
        der.tlv(0xA0, *sorted(certificates)),
        der.set_of(signer),
    )
    return der.sequence(der.oid(SIGNED_DATA), der.tlv(0xA0, data))


def algorithm(oid: str) -> bytes:
    """Return an AlgorithmIdentifier. RSA's algorithms have NULL as parameters (RFC 4055 §5), the others have none."""
    return der.sequence(der.oid(oid), der.tlv(der.NULL) if oid.startswith("1.2.840.113549.1.1.") else b"")


def _attribute(oid: str, value: bytes) -> bytes:
    return der.sequence(der.oid(oid), der.set_of(value))
