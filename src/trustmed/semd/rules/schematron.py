"""ISO Schematron made into one XSLT 3.0 stylesheet.

The subset is what the ministry's files use: ns, pattern, rule, assert, report. Anything else in a file is refused, not
passed over. Two ways of its own:

- a rule is not hidden by an earlier rule of its pattern that matches the same node (ISO evaluates the first only): the
  ministry writes a general rule first and the value it wants second (119, У1-11 on templateId), plainly meaning both;
- the whole document is walked once, every rule being a template that hands on to the next.
"""

import re
from typing import Final

import msgspec
from lxml import etree

from trustmed.semd.cda.elements import Element

SCHEMATRON: Final = "http://purl.oclc.org/dsdl/schematron"
XSL: Final = "http://www.w3.org/1999/XSL/Transform"
MARK: Final = "urn:trustmed:place"
"""Each element of the document checked carries its number in document order, from 0, as attribute `n` in here.

XPath's own path() counts siblings anew for every finding: half a minute for a document of 20,000 faulty siblings.
"""
_ANY_ATTRIBUTE: Final = re.compile(r"@\*|@node|attribute(::\*|\()")
_KNOWN: Final = {f"{{{SCHEMATRON}}}{name}" for name in ("schema", "ns", "pattern", "rule", "assert", "report")}


class Check(msgspec.Struct, frozen=True):
    """One assert or report: `number` is its place in the file from 1; `line` is its line there."""

    number: int
    line: int
    context: str
    test: str
    text: str
    refuses_when: bool


class SchematronUnknown(Exception):
    """The file uses a part of Schematron that is not understood here."""


def read_checks(schema: Element) -> list[Check]:
    """Every assert and report in document order; what is commented out is not one. Raises SchematronUnknown."""
    for element in schema.iter(etree.Element):
        if element.tag not in _KNOWN:
            raise SchematronUnknown(f"{element.tag}, line {element.sourceline}")
        if _ANY_ATTRIBUTE.search(f"{element.get('test')} {element.get('context')}"):
            raise SchematronUnknown(f"@* would see the marks, line {element.sourceline}")
    found = schema.iter(f"{{{SCHEMATRON}}}assert", f"{{{SCHEMATRON}}}report")
    return [_check(number, element) for number, element in enumerate(found, start=1)]


def _check(number: int, element: Element) -> Check:
    rule = element.getparent()
    if rule is None or rule.get("context") is None or element.get("test") is None:
        raise SchematronUnknown(f"{etree.QName(element).localname} outside a rule, line {element.sourceline}")
    return Check(
        number=number,
        line=element.sourceline or 0,
        context=rule.get("context", ""),
        test=element.get("test", ""),
        text=" ".join("".join(element.itertext()).split()),
        refuses_when=etree.QName(element).localname == "report",
    )


def namespaces(schema: Element) -> dict[str, str]:
    return {e.get("prefix", ""): e.get("uri", "") for e in schema.iter(f"{{{SCHEMATRON}}}ns")}


def stylesheet(checks: list[Check], prefixes: dict[str, str]) -> bytes:
    """XSLT whose result is `<findings><finding check="17" at="52"/>…</findings>`, see `MARK`."""
    root = etree.Element(f"{{{XSL}}}stylesheet", nsmap={**prefixes, "xsl": XSL, "at": MARK}, version="3.0")
    _xsl(root, "mode", name="check", on_no_match="shallow-skip")
    start = _xsl(root, "template", match="/")
    findings = etree.SubElement(start, "findings")
    _xsl(findings, "apply-templates", select=".", mode="check")
    rule: Element | None = None
    context: str | None = None
    priority = len(checks) + 1  # falls, so that the rules' order is the file's
    for check in checks:
        if rule is None or check.context != context:
            _close(rule)
            context, priority = check.context, priority - 1
            rule = _xsl(root, "template", match=check.context, mode="check", priority=str(priority))
        test = check.test if check.refuses_when else f"not({check.test})"
        _finding(_xsl(attempt := _xsl(rule, "try"), "if", test=test), check)
        # A test that cannot be evaluated (two values where it compares one) is a breach, not a broken check.
        _finding(_xsl(attempt, "catch"), check)
    _close(rule)
    return etree.tostring(root, encoding="UTF-8")


def _finding(parent: Element, check: Check) -> None:
    etree.SubElement(parent, "finding", check=str(check.number), at="{ancestor-or-self::*[1]/@at:n}")


def _close(rule: Element | None) -> None:
    """After a rule's own checks come the later rules for the same node, and in the end its children."""
    if rule is not None:
        _xsl(rule, "next-match")


def _xsl(parent: Element, instruction: str, /, **attrs: str) -> Element:
    return etree.SubElement(
        parent, f"{{{XSL}}}{instruction}", {key.replace("_", "-"): value for key, value in attrs.items()}
    )
