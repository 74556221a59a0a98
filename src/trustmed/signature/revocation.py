"""Certificate revocation lists (RFC 5280 §5): read once into an index, then looked up by serial number."""

import hashlib
from datetime import datetime

import msgspec

from trustmed.signature import der
from trustmed.signature.algorithms import identifier
from trustmed.signature.certificate import key_identifier, read_extensions
from trustmed.signature.der import DerError, Element

CRL_NUMBER, DISTRIBUTION_POINT, AUTHORITY_KEY = "2.5.29.20", "2.5.29.28", "2.5.29.35"


class RevocationList(msgspec.Struct, frozen=True):
    """A revocation list. `revoked` maps an encoded serial number to the encoded time of revocation.

    `for_leaves` and `for_authorities`: which certificates the list covers (IssuingDistributionPoint); a list that
    is indirect, a delta or partial by reason covers neither.
    """

    sha256: str
    issuer: bytes
    issued_at: datetime
    next_update: datetime | None
    number: int | None
    revoked: dict[bytes, bytes]
    signed: bytes
    signature_oid: str
    signature: bytes
    authority_key: bytes | None
    for_leaves: bool
    for_authorities: bool

    def revoked_at(self, serial: int) -> datetime | None:
        """Return when the certificate with this serial number was revoked; None if the list does not name it."""
        found = self.revoked.get(der.integer(serial))
        return der.to_time(der.read(found)) if found else None


def read_crl(raw: bytes) -> RevocationList:
    """Read a list from DER. Raises DerError."""
    fields = der.Fields(der.read(raw))
    body, outer, signature = fields.take(der.SEQUENCE), fields.take(der.SEQUENCE), fields.take(der.BITS)
    fields.end()
    tbs = der.Fields(body)
    if (version := tbs.maybe(der.INTEGER)) and der.to_int(version) != 1:
        raise DerError("not a version 2 revocation list")
    if tbs.take(der.SEQUENCE).raw != outer.raw:
        raise DerError("the two signature algorithms of the list differ")
    issuer, issued_at = tbs.take(der.SEQUENCE), der.to_time(tbs.take())
    next_update = tbs.maybe(der.UTC_TIME, der.GENERALIZED_TIME)
    entries = tbs.maybe(der.SEQUENCE)
    extensions = read_extensions(tbs.maybe(0xA0))
    tbs.end()
    for_leaves, for_authorities = _scope(extensions)
    number, authority = extensions.get(CRL_NUMBER), extensions.get(AUTHORITY_KEY)
    return RevocationList(
        sha256=hashlib.sha256(raw).hexdigest(),
        issuer=issuer.raw,
        issued_at=issued_at,
        next_update=der.to_time(next_update) if next_update else None,
        number=der.to_int(der.read(number[1])) if number else None,
        revoked=_index(entries) if entries else {},
        signed=body.raw,
        signature_oid=identifier(outer),
        signature=der.to_bits(signature),
        authority_key=key_identifier(der.read(authority[1])) if authority else None,
        for_leaves=for_leaves,
        for_authorities=for_authorities,
    )


def _index(entries: Element) -> dict[bytes, bytes]:
    """Index the entries by serial number.

    Only the bounds of values are read: the lists of big authorities have hundreds of thousands of entries.
    """
    data, position, found = entries.content, 0, {}
    while position < len(data):
        tag, serial, end = der.span(data, position)
        if tag != der.SEQUENCE:
            raise DerError("an entry of the list is damaged")
        _, _, time = der.span(data, serial)
        _, _, rest = der.span(data, time)
        if rest > end:
            raise DerError("an entry of the list is damaged")
        found[data[serial:time]] = data[time:rest]
        position = end
    return found


def _scope(extensions: dict[str, tuple[bool, bytes]]) -> tuple[bool, bool]:
    unknown = any(critical and oid != DISTRIBUTION_POINT for oid, (critical, _) in extensions.items())
    if unknown:
        return False, False
    if DISTRIBUTION_POINT not in extensions:
        return True, True
    tags = {part.tag: part.content for part in der.children(der.read(extensions[DISTRIBUTION_POINT][1]))}
    if tags.keys() - {0xA0, 0x81, 0x82} or b"\x00" in tags.values():
        return False, False
    return 0x82 not in tags, 0x81 not in tags
