"""Translate ISO Schematron into one XSLT 3.0 stylesheet.

Only the elements that the ministry's files use are supported: ns, pattern, rule, assert, report. A file with any other
is refused, so that no check is skipped silently. Two things differ from other translators:

- every rule that matches a node is evaluated, where ISO evaluates only the first of a pattern: the ministry writes a
  general rule first and the required value second (119, У1-11 on templateId) and plainly means both;
- the document is walked only once: every rule is a template that passes the node on to the next rule.
"""

import re
from typing import Final

import msgspec
from lxml import etree

from trustmed.semd.cda.elements import Element

SCHEMATRON: Final = "http://purl.oclc.org/dsdl/schematron"
XSL: Final = "http://www.w3.org/1999/XSL/Transform"
MARK: Final = "urn:trustmed:place"
"""Namespace of the attribute `n`, the number (from 0, in document order) of each element of the document checked.

XPath's own path() would count siblings anew for every finding: half a minute for 20,000 faulty siblings.
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
    """The file uses a part of Schematron that is not supported here."""


def read_checks(schema: Element) -> list[Check]:
    """Return every assert and report, in document order. Raises SchematronUnknown."""
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
    """Return an XSLT whose result is `<findings><finding check="17" at="52"/>…</findings>`, see `MARK`."""
    root = etree.Element(f"{{{XSL}}}stylesheet", nsmap={**prefixes, "xsl": XSL, "at": MARK}, version="3.0")
    _xsl(root, "mode", name="check", on_no_match="shallow-skip")
    start = _xsl(root, "template", match="/")
    findings = etree.SubElement(start, "findings")
    _xsl(findings, "apply-templates", select=".", mode="check")
    rule: Element | None = None
    context: str | None = None
    priority = len(checks) + 1  # falls from rule to rule: XSLT tries the highest first, so the file's order is kept
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
    """End a rule: pass the node on to the later rules that match it, and after the last of them to its children."""
    if rule is not None:
        _xsl(rule, "next-match")


def _xsl(parent: Element, instruction: str, /, **attrs: str) -> Element:
    return etree.SubElement(
        parent, f"{{{XSL}}}{instruction}", {key.replace("_", "-"): value for key, value in attrs.items()}
    )
