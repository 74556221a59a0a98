"""Show a CDA R2 document as a safe HTML fragment.

Only names known here become HTML, and only as fixed tags; every text is escaped; no attribute of the document reaches
the page. Unknown elements of the narrative keep their text and lose their markup.
"""

import datetime as dt
import re
from html import escape
from typing import Final

from trustmed.semd.cda.elements import HL7, IDENTITY, SNILS, Element, tag
from trustmed.semd.cda.read import NotClinicalDocument, parse_safely

_NS: Final = {"h": HL7, "i": IDENTITY}

_NARRATIVE: Final = {
    "paragraph": "p",
    "list": "ul",
    "item": "li",
    "table": "table",
    "thead": "thead",
    "tbody": "tbody",
    "tfoot": "tfoot",
    "tr": "tr",
    "th": "th",
    "td": "td",
    "sub": "sub",
    "sup": "sup",
}

_LABELS: Final = {
    "ru": {
        "patient": "Пациент",
        "born": "Дата рождения",
        "sex": "Пол",
        "snils": "СНИЛС",
        "organization": "Медицинская организация",
        "author": "Автор",
        "date": "Дата документа",
        "version": "Версия",
        "none": "не указано",
    },
    "en": {
        "patient": "Patient",
        "born": "Date of birth",
        "sex": "Sex",
        "snils": "SNILS",
        "organization": "Organisation",
        "author": "Author",
        "date": "Document date",
        "version": "Version",
        "none": "not given",
    },
}


def render(xml: bytes, language: str = "ru") -> str:
    """Return an `<article class="semd">` with labels in `language` ("ru" or "en"); the document's own words are kept.

    Raises read.NotXml, read.HasDoctype, read.NotClinicalDocument.
    """
    root = parse_safely(xml)
    if root.tag != tag("ClinicalDocument"):
        raise NotClinicalDocument("корень — не ClinicalDocument")
    title = escape(root.findtext("h:title", "", _NS).strip())
    sections = "".join(
        _section(section, 3) for section in root.iterfind("h:component/h:structuredBody/h:component/h:section", _NS)
    )
    head = f'<header class="semd-header"><h2 class="semd-title">{title}</h2>{_facts(root, language)}</header>'
    return f'<article class="semd" lang="ru">{head}{sections}</article>'


def _facts(root: Element, language: str) -> str:
    lang = "en" if language == "en" else "ru"
    labels = _LABELS[lang]
    patient = "h:recordTarget/h:patientRole/"
    author = "h:author/h:assignedAuthor/"
    holder = "h:custodian/h:assignedCustodian/h:representedCustodianOrganization/h:name"
    facts = (
        ("patient", _person(root.find(f"{patient}h:patient/h:name", _NS))),
        ("born", _when(root.find(f"{patient}h:patient/h:birthTime", _NS))),
        ("sex", _attribute(root.find(f"{patient}h:patient/h:administrativeGenderCode", _NS), "displayName")),
        ("snils", _attribute(root.find(f"{patient}h:id[@root='{SNILS}']", _NS), "extension")),
        ("organization", " ".join(root.findtext(holder, "", _NS).split())),
        ("author", _author(root.find(f"{author}h:assignedPerson/h:name", _NS), root.find(f"{author}h:code", _NS))),
        ("date", _when(root.find("h:effectiveTime", _NS))),
        ("version", _attribute(root.find("h:versionNumber", _NS), "value")),
    )
    rows = "".join(
        f'<dt class="semd-label" lang="{lang}">{escape(labels[name])}</dt>'
        f'<dd class="semd-value semd-{name}">{escape(value or labels["none"])}</dd>'
        for name, value in facts
    )
    return f'<dl class="semd-facts">{rows}</dl>'


def _attribute(element: Element | None, name: str) -> str:
    return "" if element is None else element.get(name, "")


def _person(name: Element | None) -> str:
    if name is None:
        return ""
    parts = (name.findtext(path, "", _NS) for path in ("h:family", "h:given", "i:Patronymic"))
    return " ".join(part.strip() for part in parts if part and part.strip())


def _author(name: Element | None, position: Element | None) -> str:
    return ", ".join(part for part in (_person(name), _attribute(position, "displayName")) if part)


def _when(element: Element | None) -> str:
    """Return an HL7 time as people write it, or the text unchanged if it is not one."""
    value = _attribute(element, "value")
    found = re.fullmatch(r"([0-9]{8})(?:([0-9]{4})(?:[0-9]{2})?([+-][0-9]{4})?)?", value)
    if found is None:
        return value
    day, clock, zone = found.groups()
    try:
        date = dt.datetime.strptime(day, "%Y%m%d").replace(tzinfo=dt.UTC).date()
    except ValueError:
        return value
    text = f"{date.day:02d}.{date.month:02d}.{date.year:04d}"
    if clock is not None:
        text += f" {clock[:2]}:{clock[2:]}"
    if zone is not None:
        text += f" (UTC{zone[:3]}:{zone[3:]})"
    return text


def _section(section: Element, level: int) -> str:
    heading = min(level, 6)
    title = section.findtext("h:title", "", _NS).strip()
    text = section.find("h:text", _NS)
    parts = [f'<section class="semd-section"><h{heading} class="semd-heading">{escape(title)}</h{heading}>']
    if text is not None:
        parts.append(f'<div class="semd-text">{_content(text)}</div>')
    parts.extend(_section(inner, level + 1) for inner in section.iterfind("h:component/h:section", _NS))
    parts.append("</section>")
    return "".join(parts)


def _content(element: Element) -> str:
    """Return the inside of `element` as HTML. The parser's limit of 256 levels (read.DEEPEST) bounds the recursion."""
    parts = [escape(element.text or "")]
    for child in element:
        if isinstance(child.tag, str):
            parts.append(_narrative(child, element))
        parts.append(escape(child.tail or ""))
    return "".join(parts)


def _narrative(child: Element, parent: Element) -> str:
    name = str(child.tag).removeprefix(f"{{{HL7}}}")
    if name == "br":
        return '<br class="semd-br">'
    inside = _content(child)
    if name == "caption":
        html = "caption" if parent.tag == tag("table") else "span"
        return f'<{html} class="semd-caption">{inside}</{html}> '
    html = "ol" if name == "list" and child.get("listType") == "ordered" else _NARRATIVE.get(name, "span")
    return f'<{html} class="semd-{html}">{inside}</{html}>'
