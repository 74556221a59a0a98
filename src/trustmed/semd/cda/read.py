"""Read a CDA document that came from outside, trusting nothing in it."""

import re
from typing import Any, Final

import msgspec
from lxml import etree

from trustmed.errors import InputRefused
from trustmed.semd.cda.elements import HL7, SNILS, Element, tag

DEEPEST: Final = 256
"""Levels of elements, as libxml2 has it by default."""
_SMALL: Final = 3_000_000
"""Bytes. A document up to this size cannot hold a text of 10 MB (libxml2's limit) in UTF-8, whatever its encoding."""
_NS: Final = {"h": HL7}


class NotXml(InputRefused):
    """The bytes are not a well-formed XML document of an acceptable size and depth."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"Файл не читается как XML: {reason}. Выгрузите документ заново.",
            f"The file cannot be read as XML: {reason}. Export the document again.",
        )


class HasDoctype(InputRefused):
    """The document declares a DOCTYPE, which no СЭМД has and which could pull in other files."""

    def __init__(self) -> None:
        super().__init__(
            "В документе есть DOCTYPE — такие документы не принимаются. Выгрузите документ без него.",
            "The document has a DOCTYPE; such documents are not accepted. Remove it and export the document again.",
        )


class NotClinicalDocument(InputRefused):
    """Well-formed XML, but not CDA R2, or its header lacks what the reader looks for."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"Документ не похож на СЭМД: {what}. Проверьте, тот ли файл выбран.",
            f"The document is not a СЭМД: {what}. Check that it is the right file.",
        )


class ObjectId(msgspec.Struct, frozen=True):
    """An HL7 instance identifier."""

    root: str
    extension: str | None


class DocumentHeader(msgspec.Struct, frozen=True):
    """What a document says of itself. `template` is the OID of its kind, `effective_time` is kept as written.

    `set_id`, `version`, `patient_snils` and `author_snils` are None where the document has none; СНИЛС are digits only.
    """

    document_id: ObjectId
    set_id: ObjectId | None
    version: int | None
    template: str
    code: str
    title: str
    effective_time: str
    patient_id: ObjectId | None
    patient_snils: str | None
    author_id: ObjectId | None
    author_snils: str | None
    organization_oid: str


def parse_safely(xml: bytes) -> Element:
    """Return the root of the document. Raises NotXml, HasDoctype.

    No entity is expanded and no network or file is touched. libxml2's limits stay on, except for a large document: its
    attachment may be one text of more than the 10 MB that libxml2 allows. For such a document `_refuse_dangerous`
    enforces the two limits that matter: no DOCTYPE, so nothing to expand, and no more than DEEPEST levels.
    """
    is_large = len(xml) > _SMALL
    if is_large:
        _refuse_dangerous(xml)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=is_large, dtd_validation=False
    )
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        if not is_large:
            _refuse_dangerous(xml)
        raise NotXml(str(error)) from error
    if root.getroottree().docinfo.doctype:
        raise HasDoctype
    return root


def _refuse_dangerous(xml: bytes) -> None:
    """Parse without building a tree. Raises NotXml, HasDoctype; the latter before any entity declaration is read."""
    watcher: Any = _Watcher()  # lxml calls only the methods a target has; its stubs ask for all of them
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, target=watcher)
    try:
        etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotXml(str(error)) from error


class _Watcher:
    """A parser target for lxml that keeps nothing and refuses a DOCTYPE and too deep nesting."""

    def __init__(self) -> None:
        self._depth = 0

    def doctype(self, *_: object) -> None:
        raise HasDoctype

    def start(self, *_: object) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise NotXml(f"вложенность больше {DEEPEST} / deeper than {DEEPEST}")

    def end(self, _: object) -> None:
        self._depth -= 1

    def close(self) -> None:
        """Return nothing at the end of the document: lxml requires the method."""


def header(xml: bytes) -> DocumentHeader:
    """Return the header of a document from outside. Raises NotXml, HasDoctype, NotClinicalDocument."""
    root = parse_safely(xml)
    if root.tag != tag("ClinicalDocument"):
        raise NotClinicalDocument(f"корень — {etree.QName(root).localname}")
    patient = root.find("h:recordTarget/h:patientRole", _NS)
    author = root.find("h:author/h:assignedAuthor", _NS)
    version = _attribute(root, "h:versionNumber", "value")
    return DocumentHeader(
        document_id=_needed_id(root, "h:id"),
        set_id=_id(root.find("h:setId", _NS)),
        version=int(version) if version is not None and re.fullmatch("[0-9]{1,9}", version) else None,
        template=_needed(root, "h:templateId", "root"),
        code=_needed(root, "h:code", "code"),
        title=(root.findtext("h:title", "", _NS) or "").strip(),
        effective_time=_needed(root, "h:effectiveTime", "value"),
        patient_id=_own_id(patient),
        patient_snils=_snils(patient),
        author_id=_own_id(author),
        author_snils=_snils(author),
        organization_oid=_needed(
            root, "h:custodian/h:assignedCustodian/h:representedCustodianOrganization/h:id", "root"
        ),
    )


def _attribute(root: Element, path: str, name: str) -> str | None:
    element = root.find(path, _NS)
    return None if element is None else element.get(name)


def _needed(root: Element, path: str, name: str) -> str:
    value = _attribute(root, path, name)
    if not value:
        raise NotClinicalDocument(f"нет {path.replace('h:', '')}/@{name}")
    return value


def _needed_id(root: Element, path: str) -> ObjectId:
    return ObjectId(_needed(root, path, "root"), _attribute(root, path, "extension"))


def _id(element: Element | None) -> ObjectId | None:
    root = None if element is None else element.get("root")
    return None if element is None or root is None else ObjectId(root, element.get("extension"))


def _own_id(role: Element | None) -> ObjectId | None:
    """Return the first id of `role` that is not a СНИЛС."""
    for element in [] if role is None else role.findall("h:id", _NS):
        found = _id(element)
        if found is not None and found.root != SNILS:
            return found
    return None


def _snils(role: Element | None) -> str | None:
    for element in [] if role is None else role.findall("h:id", _NS):
        if element.get("root") == SNILS:
            digits = "".join(ch for ch in element.get("extension", "") if ch in "0123456789")
            return digits or None
    return None
