"""The consultation protocol: kind 119 of dictionary 1520, «Протокол консультации (CDA) Редакция 4»."""

from typing import Final

from lxml import etree

from trustmed.semd.cda.elements import NAMESPACES, Element, tag
from trustmed.semd.cda.header import add_header
from trustmed.semd.kinds.consultation_body import add_body
from trustmed.semd.model import Consultation, refuse_unwritable

KIND: Final = "119"


def build(c: Consultation) -> bytes:
    """The document as UTF-8 bytes with an XML declaration; the same value always gives the same bytes.

    Raises FieldRefused naming the field that cannot be written as given, vocabulary.EntryMissing for a dictionary row
    that `c.dictionaries` lacks. Whether the ministry's rules are met is for `trustmed.semd.rules.check.check` to say.
    """
    refuse_unwritable(c)
    root = etree.Element(tag("ClinicalDocument"), nsmap=NAMESPACES)
    add_header(root, c)
    add_body(root, c)
    _indent(root, 0)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _indent(element: Element, depth: int) -> None:
    """Put each element on a line of its own, except inside narrative text, where white space is content."""
    if len(element) == 0 or element.tag == tag("text"):
        return
    element.text = "\n" + "  " * (depth + 1)
    for child in element:
        _indent(child, depth + 1)
        child.tail = "\n" + "  " * (depth + 1)
    element[-1].tail = "\n" + "  " * depth
