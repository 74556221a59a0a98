"""Refuse a document that could do something when it is shown: scripts, links that run, style sheets, odd attachments.

A document is stored as it is and read by programs we know nothing of, so what ours would show as plain text may run in
another's window. Known good is listed, the rest is refused: names of elements by their namespaces, media by their
types, links by their schemes.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Final

from lxml import etree

from trustmed.errors import InputRefused
from trustmed.semd.cda.elements import HL7, Element
from trustmed.semd.cda.read import parse_safely

XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
XML: Final = "http://www.w3.org/XML/1998/namespace"
RUSSIAN: Final = re.compile(r"urn:hl7-ru:[A-Za-z0-9]{1,40}")

MEDIA: Final = frozenset(
    {
        *("text/plain", "text/x-hl7-text+xml", "text/x-hl7-title+xml", "application/pdf", "application/dicom"),
        *("image/png", "image/jpeg", "image/tiff", "image/gif", "image/g3fax"),
    }
)
BEGINNINGS: Final = {
    "application/pdf": (b"%PDF-",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/tiff": (b"II*\x00", b"MM\x00*"),
    "image/gif": (b"GIF87a", b"GIF89a"),
}
"""What the bytes of an attachment begin with, for the media that have a mark."""

ACTIVE_NAMES: Final = frozenset(
    "script iframe frame frameset object embed applet svg math style link meta base form input button img image video"
    " audio source html body foreignobject handler include".split()
)
LINKS: Final = frozenset({"href", "src", "action", "formaction", "background", "poster", "data", "cite", "longdesc"})
HARMLESS_SCHEMES: Final = frozenset({"http", "https", "mailto", "tel", "urn"})
_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.\-]*):")
_INVISIBLE: Final = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]+")
_SPACE: Final = re.compile(r"\s+")
_RUNS: Final = re.compile(r"(?:javascript|vbscript|livescript):|data:[a-z]+/[a-z0-9.+\-]*(?:html|xml|script|svg)")
_MARKUP: Final = re.compile(
    r"<\s*[/!?]*\s*(?:[a-z0-9]+:)?(?:script|iframe|object|embed|applet|svg|style|link|meta|html|body|img|form"
    r"|xml-stylesheet|doctype|entity)\b|<[a-z][^<>]*[\s/]on[a-z]+\s*="
)
_ESCAPED: Final = re.compile(r"&(?:#x?[0-9a-f]+|lt|colon|tab|newline|amp);?")
_UTF7: Final = re.compile(r"\+ADw")
_PDF_RUNS: Final = re.compile(rb"/(?:JavaScript|JS|Launch|RichMedia|XFA)(?![A-Za-z0-9])")
_PDF_ESCAPE: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_DECLARED: Final = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([^"']*)["']""")
_LONGEST_SHOWN: Final = 60


class ActiveContent(InputRefused):
    """The document has something that may run when it is shown; `line`, counted from 1, and `path` say where."""

    def __init__(self, ru: str, en: str, line: int | None = None, path: str | None = None) -> None:
        place_ru = f" (строка {line}, {path})" if path else ""
        place_en = f" (line {line}, {path})" if path else ""
        super().__init__(
            f"В документе есть то, что может выполниться при показе: {ru}{place_ru}. Такие документы не принимаются:"
            " уберите это и выгрузите документ заново.",
            f"The document has something that may run when it is shown: {en}{place_en}. Such documents are not"
            " accepted: remove it and export the document again.",
        )
        self.line = line
        self.path = path


def refuse_active(xml: bytes) -> None:
    """Raise ActiveContent, NotXml or HasDoctype unless the bytes are a document without anything that may run."""
    _refuse_other_encodings(xml)
    root = parse_safely(xml)
    beside = (*root.itersiblings(preceding=True), *root.itersiblings())
    for node in (*beside, *root.iter()):
        _check_node(node)


def _refuse_other_encodings(xml: bytes) -> None:
    """Refuse bytes that two programs could read as different texts: a СЭМД is UTF-8 and says so, or says nothing."""
    declared = _DECLARED.match(xml.removeprefix(b"\xef\xbb\xbf"))
    name = declared[1].decode("ascii", "replace").lower() if declared else "utf-8"
    try:
        xml.decode("utf-8")
        is_utf8 = name == "utf-8" and b"\x00" not in xml
    except UnicodeDecodeError:
        is_utf8 = False
    if not is_utf8:
        raise ActiveContent(
            f"кодировка не UTF-8 ({name}), и разные программы прочтут разное",
            f"the encoding is not UTF-8 ({name}), and programs may read it differently",
        )


def _check_node(node: Element) -> None:
    if isinstance(node, etree._Comment):
        _check_text(node, node.text)
    elif isinstance(node, etree._ProcessingInstruction):
        raise _found(node, f"инструкция <?{node.target}?>", f"instruction <?{node.target}?>")
    elif isinstance(node, etree._Entity):
        raise _found(node, f"ссылка {node.text}", f"reference {node.text}")
    else:
        _check_name(node)
        _check_attributes(node)
        _check_content(node)
    _check_text(node, node.tail)


def _check_name(element: Element) -> None:
    name = etree.QName(element)
    known = name.namespace == HL7 or (name.namespace and RUSSIAN.fullmatch(name.namespace))
    if not known or name.localname.lower() in ACTIVE_NAMES:
        shown = f"<{name.localname}>" + ("" if known else f" {name.namespace or ''}".rstrip())
        raise _found(element, f"элемент {shown}", f"element {shown}")


def _check_attributes(element: Element) -> None:
    for key, value in element.attrib.items():
        name = etree.QName(key)
        local = name.localname.lower()
        known = name.namespace in (None, HL7, XSI, XML) or RUSSIAN.fullmatch(name.namespace)
        runs = local.startswith("on") or local in ("style", "srcdoc", "base", "compression")
        if not known or runs or not _is_harmless(local, value):
            shown = f"{local}=«{value[:_LONGEST_SHOWN]}»"
            raise _found(element, f"атрибут {shown}", f"attribute {shown}")


def _is_harmless(name: str, value: str) -> bool:
    tight = _SPACE.sub("", _plain(value))
    if name == "mediatype":
        return tight.partition(";")[0] in MEDIA
    scheme = _SCHEME.match(tight)
    return not _runs(value) and (name not in LINKS or scheme is None or scheme[1] in HARMLESS_SCHEMES)


def _runs(text: str) -> bool:
    """Whether a lenient reader of the text may find a script or markup in it."""
    plain = _plain(text)
    return bool(_MARKUP.search(plain) or _RUNS.search(_SPACE.sub("", plain)) or _UTF7.search(text))


def _plain(text: str) -> str:
    """Return the text in lower case, without what is not seen, unescaped once more."""
    return _INVISIBLE.sub("", _ESCAPED.sub(_unescaped, text.lower()))


def _unescaped(found: re.Match[str]) -> str:
    said = found[0].strip("&;")
    if not said.startswith("#"):
        return {"lt": "<", "colon": ":", "amp": "&"}.get(said, " ")
    number = int(said[2:], 16) if said.startswith("#x") else int(said[1:]) if said[1:].isdigit() else 0
    return chr(number).lower() if number < 0x110000 else ""


def _check_content(element: Element) -> None:
    if element.get("representation", "").strip().upper() == "B64":
        _check_attachment(element)
    else:
        _check_text(element, element.text)


def _check_text(node: Element, text: str | None) -> None:
    if text and _runs(text):
        raise _found(node, "сценарий или разметка в тексте", "a script or markup in the text")


def _check_attachment(element: Element) -> None:
    media = _SPACE.sub("", _plain(element.get("mediaType", "text/plain"))).partition(";")[0]
    try:
        content = base64.b64decode("".join((element.text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        raise _found(element, "вложение не читается как base64", "the attachment is not base64") from None
    if not content.startswith(BEGINNINGS.get(media, (b"",))):
        raise _found(element, f"вложение не {media}, хотя так названо", f"the attachment is not {media} as it says")
    if media == "application/pdf" and _PDF_RUNS.search(_PDF_ESCAPE.sub(_pdf_unescaped, content)):
        raise _found(element, "сценарий во вложении PDF", "a script in the attached PDF")
    if media.startswith("text/"):
        for text in _readings(content):
            _check_text(element, text)


def _readings(content: bytes) -> Iterator[str]:
    """Yield the texts that a reader might take the bytes of a text for."""
    yield content.decode("utf-8", "replace")
    if b"\x00" in content:
        yield content.decode("utf-16-le", "replace")
        yield content.decode("utf-16-be", "replace")


def _pdf_unescaped(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 16)])


def _found(node: Element, ru: str, en: str) -> ActiveContent:
    names: list[str] = []
    place: Element | None = node
    while place is not None:
        names.append(etree.QName(place).localname if isinstance(place.tag, str) else "…")
        place = place.getparent()
    return ActiveContent(ru, en, node.sourceline or 1, "/".join(reversed(names)))
