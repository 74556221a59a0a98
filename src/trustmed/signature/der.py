"""A strict reader and a writer of DER (X.690), the encoding of certificates, lists and signatures.

The reader is strict on purpose: it takes only definite, minimal lengths and no trailing bytes, so that a value has one
encoding and a changed byte is a changed value.

Callers write context tags as numbers: 0x80 + n is [n] of a primitive value, 0xA0 + n is [n] of a constructed one.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache

import msgspec

BOOLEAN, INTEGER, BITS, OCTETS, NULL, OID = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06
ENUMERATED, UTF8, NUMERIC, PRINTABLE, UTC_TIME, GENERALIZED_TIME = 0x0A, 0x0C, 0x12, 0x13, 0x17, 0x18
SEQUENCE, SET = 0x30, 0x31
_CONSTRUCTED = 0x20

_STRINGS = {UTF8: "utf-8", NUMERIC: "ascii", PRINTABLE: "ascii", 0x14: "latin-1", 0x16: "ascii", 0x1E: "utf-16-be"}
_STRINGS[0x1C] = "utf-32-be"


class DerError(ValueError):
    """The bytes are not the expected DER. The text is for engineers."""


class Element(msgspec.Struct, frozen=True):
    """One encoded value: its tag byte, its content octets and the whole encoding."""

    tag: int
    content: bytes
    raw: bytes


def read(data: bytes, tag: int | None = None) -> Element:
    """Return the element that fills `data`. Raises DerError."""
    element, end = _element(data, 0)
    if end != len(data):
        raise DerError("bytes follow the value")
    return element if tag is None else expect(element, tag)


def children(element: Element) -> list[Element]:
    """Return the elements inside a constructed one. Raises DerError."""
    if not element.tag & _CONSTRUCTED:
        raise DerError("a constructed value was expected")
    return list(_elements(element.content))


def expect(element: Element, tag: int) -> Element:
    """Return `element` if it has this tag. Raises DerError."""
    if element.tag != tag:
        raise DerError(f"tag {element.tag:#04x} where {tag:#04x} was expected")
    return element


def inner(element: Element) -> Element:
    """Return the only element inside an explicitly tagged one. Raises DerError."""
    if not element.tag & _CONSTRUCTED:
        raise DerError("a constructed value was expected")
    return read(element.content)


class Fields:
    """The children of a sequence, taken one after another."""

    def __init__(self, element: Element, tag: int = SEQUENCE) -> None:
        self._rest = children(expect(element, tag))
        self._next = 0

    def take(self, tag: int | None = None) -> Element:
        """Take the next child. Raises DerError if there is none or its tag differs."""
        element = self.maybe(self._rest[self._next].tag) if self._next < len(self._rest) else None
        if element is None:
            raise DerError("a value is missing")
        return element if tag is None else expect(element, tag)

    def maybe(self, *tags: int) -> Element | None:
        """Take the next child if it has one of these tags."""
        if self._next < len(self._rest) and self._rest[self._next].tag in tags:
            self._next += 1
            return self._rest[self._next - 1]
        return None

    def end(self) -> None:
        """Raise DerError if children are left."""
        if self._next < len(self._rest):
            raise DerError("unexpected values at the end")


def _elements(data: bytes) -> Iterator[Element]:
    position = 0
    while position < len(data):
        element, position = _element(data, position)
        yield element


def span(data: bytes, start: int) -> tuple[int, int, int]:
    """Return tag, start of content and end of the element at `start`. Raises DerError."""
    if start + 2 > len(data):
        raise DerError("cut off")
    tag, length, content = data[start], data[start + 1], start + 2
    if tag & 0x1F == 0x1F or tag == 0:
        raise DerError("tag is not one that is used here")
    if length & 0x80:
        size = length & 0x7F
        if size == 0:
            raise DerError("indefinite length (BER)")
        if size > 4 or content + size > len(data):
            raise DerError("cut off")
        length = int.from_bytes(data[content : content + size], "big")
        if length < 0x80 or length.bit_length() <= 8 * (size - 1):
            raise DerError("length is not minimal")
        content += size
    if content + length > len(data):
        raise DerError("cut off")
    return tag, content, content + length


def _element(data: bytes, start: int) -> tuple[Element, int]:
    tag, content, end = span(data, start)
    return Element(tag, data[content:end], data[start:end]), end


def to_int(element: Element) -> int:
    """Decode INTEGER or ENUMERATED. Raises DerError."""
    content = element.content
    if element.tag not in (INTEGER, ENUMERATED) or not content:
        raise DerError("an integer was expected")
    if len(content) > 1 and (content[0], content[1] >> 7) in ((0, 0), (0xFF, 1)):
        raise DerError("integer is not minimal")
    return int.from_bytes(content, "big", signed=True)


def to_bool(element: Element) -> bool:
    """Decode BOOLEAN; DER allows only 00 and FF. Raises DerError."""
    if expect(element, BOOLEAN).content not in (b"\x00", b"\xff"):
        raise DerError("a boolean was expected")
    return element.content == b"\xff"


def to_oid(element: Element) -> str:
    """Decode OBJECT IDENTIFIER to dotted text. Raises DerError."""
    return _oid_text(expect(element, OID).content)


def to_octets(element: Element) -> bytes:
    """Decode OCTET STRING. Raises DerError."""
    return expect(element, OCTETS).content


def to_bits(element: Element) -> bytes:
    """Decode a BIT STRING of whole octets. Raises DerError."""
    content = expect(element, BITS).content
    if not content or content[0] != 0:
        raise DerError("a bit string of whole octets was expected")
    return content[1:]


def to_flags(element: Element) -> frozenset[int]:
    """Return the numbers of the set bits of a named-bit BIT STRING. Raises DerError."""
    content = expect(element, BITS).content
    if not content or content[0] > 7 or (len(content) == 1 and content[0]):
        raise DerError("a bit string was expected")
    bits = len(content) * 8 - 8 - content[0]
    return frozenset(i for i in range(bits) if content[1 + i // 8] >> (7 - i % 8) & 1)


def to_text(element: Element) -> str:
    """Decode a directory string of any type, without control characters. Raises DerError."""
    encoding = _STRINGS.get(element.tag)
    if encoding is None:
        raise DerError("a string was expected")
    try:
        decoded = element.content.decode(encoding)
    except UnicodeDecodeError as error:
        raise DerError("a string is not in its declared encoding") from error
    if any(c < " " for c in decoded):
        raise DerError("a string has control characters")
    return decoded


def to_time(element: Element) -> datetime:
    """Decode UTCTime or GeneralizedTime of whole seconds in UTC (RFC 5280 §4.1.2.5). Raises DerError."""
    if element.tag not in (UTC_TIME, GENERALIZED_TIME):
        raise DerError("a time was expected")
    digits = element.content[:-1]
    long = element.tag == GENERALIZED_TIME
    if element.content[-1:] != b"Z" or not digits.isdigit() or len(digits) != (14 if long else 12):
        raise DerError("a time in UTC to the second was expected")
    text = digits.decode()
    if not long:
        text = ("20" if text < "50" else "19") + text
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError as error:
        raise DerError("no such time") from error


@lru_cache(maxsize=512)
def _oid_text(content: bytes) -> str:
    if not content or content[-1] & 0x80 or len(content) > 64:
        raise DerError("an object identifier was expected")
    arcs, value, fresh = [], 0, True
    for byte in content:
        if fresh and byte == 0x80:
            raise DerError("object identifier is not minimal")
        value, fresh = value << 7 | byte & 0x7F, not byte & 0x80
        if fresh:
            arcs.append(value)
            value = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, [first, arcs[0] - 40 * first, *arcs[1:]]))


def tlv(tag: int, *parts: bytes) -> bytes:
    """Encode an element with these content octets."""
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def sequence(*parts: bytes) -> bytes:
    return tlv(SEQUENCE, *parts)


def set_of(*parts: bytes) -> bytes:
    """Encode SET OF in the order of DER."""
    return tlv(SET, *sorted(parts))


def integer(value: int) -> bytes:
    size = (value if value >= 0 else ~value).bit_length() // 8 + 1
    return tlv(INTEGER, value.to_bytes(size, "big", signed=True))


def octets(value: bytes) -> bytes:
    return tlv(OCTETS, value)


def bits(value: bytes) -> bytes:
    return tlv(BITS, b"\x00", value)


def flags(*numbers: int) -> bytes:
    """Encode a named-bit BIT STRING without trailing zero bits."""
    size = max(numbers) + 1
    value = sum(1 << (size - 1 - number) for number in numbers)
    unused = -size % 8
    return tlv(BITS, bytes((unused,)), (value << unused).to_bytes((size + unused) // 8, "big"))


@lru_cache(maxsize=512)
def oid(dotted: str) -> bytes:
    """Encode OBJECT IDENTIFIER from dotted text."""
    first, second, *rest = map(int, dotted.split("."))
    out = bytearray()
    for arc in (40 * first + second, *rest):
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(0x80 | arc & 0x7F)
        out += bytes(reversed(groups))
    return tlv(OID, bytes(out))


def text(value: str, tag: int = UTF8) -> bytes:
    return tlv(tag, value.encode(_STRINGS[tag]))


def time(moment: datetime) -> bytes:
    """Encode a time in whole seconds: UTCTime through 2049, GeneralizedTime after it (RFC 5280 §4.1.2.5)."""
    moment = moment.astimezone(UTC)
    if 1950 <= moment.year < 2050:
        return tlv(UTC_TIME, moment.strftime("%y%m%d%H%M%SZ").encode())
    return tlv(GENERALIZED_TIME, moment.strftime("%Y%m%d%H%M%SZ").encode())
