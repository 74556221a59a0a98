"""Extract the coded facts of a document, which the region's integrated record shows without anybody reading the text.

This works on any CDA R2: `meaning` decides what an entry is; `reading` and `details` read its parts; `merging` makes
one fact of what is said more than once.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Final

import msgspec
from lxml import etree

from trustmed.semd.cda.elements import Element, tag
from trustmed.semd.cda.read import NotClinicalDocument, parse_safely
from trustmed.semd.facts.details import abnormal, details, dose, in_short, inherited, organization, url
from trustmed.semd.facts.entries import Entry, Surroundings, entries
from trustmed.semd.facts.meaning import NOT_THE_PATIENT, SECTION_WIDE, Rule, find_rule
from trustmed.semd.facts.merging import FoundFact, add_wordings, merge_repeats
from trustmed.semd.facts.model import Extracted, Fact
from trustmed.semd.facts.reading import Concept, Moment, NotUnderstood, Span, Value, clipped, first, span

EXTRACTOR: Final = 1
"""Raise it by one when the same document would give other facts: the region then reads its documents again."""
MOST_FACTS: Final = 5000
MOSCOW: Final = dt.timezone(dt.timedelta(hours=3))
"""The zone assumed for a document that names none."""


def facts(xml: bytes) -> Extracted:
    """Return the facts that the document states, each once. An entry that cannot be read is left out and counted; if
    only its time cannot be read, the fact takes the document's time. Null values are left out.

    Raises read.NotXml, read.HasDoctype, read.NotClinicalDocument.
    """
    root = parse_safely(xml)
    if root.tag != tag("ClinicalDocument"):
        raise NotClinicalDocument(f"корень — {etree.QName(root).localname}")
    reading = _Reading(root)
    body = first(root, "component/structuredBody")
    for section in () if body is None else _sections(body):
        reading.read_section(section, ())
    found = add_wordings(merge_repeats(reading.found), reading.wordings)
    return Extracted(tuple(found[:MOST_FACTS]), reading.not_understood + max(0, len(found) - MOST_FACTS))


def _sections(parent: Element) -> Iterator[Element]:
    for component in parent.iterchildren(tag("component")):
        yield from component.iterchildren(tag("section"))


class _Inherited(msgspec.Struct, frozen=True):
    """What an entry takes over from the section and the entries around it."""

    section: str
    span: Span
    detail: Mapping[str, str]
    of_the_patient: bool


class _Reading:
    """The state of reading one document: what was found so far."""

    def __init__(self, root: Element) -> None:
        self.not_understood = 0
        self.found: list[FoundFact] = []
        self.wordings: list[str] = []
        self.narrative = {mark: one for one in root.iter(etree.Element) if (mark := one.get("ID"))}
        code = root.find(tag("code"))
        self.document = "" if code is None else code.get("code", "")
        self.zone: dt.tzinfo = MOSCOW
        self.moment = self._moment(root)
        self.find_rule = cache(find_rule)

    def _moment(self, root: Element) -> Moment | None:
        """Return when the documented service was given, or else when the document was written."""
        written = self._span(root).since
        if written is not None and written.at.tzinfo is not None:
            self.zone = written.at.tzinfo
        event = first(root, "documentationOf/serviceEvent")
        done = Span() if event is None else self._span(event)
        return done.since or done.until or written

    def _span(self, element: Element) -> Span:
        try:
            return span(element, self.zone)
        except NotUnderstood:
            self.not_understood += 1
            return Span()

    def read_section(self, section: Element, outer: tuple[str, ...]) -> None:
        code = section.find(tag("code"))
        codes = (*outer, "" if code is None else code.get("code", ""))
        found = entries(section, Surroundings(codes, self.document, self.narrative, self.zone, self.find_rule))
        around = _Inherited(codes[-1], Span(), _section_wide(found, codes[-1]), NOT_THE_PATIENT.isdisjoint(codes))
        for entry in found:
            self._read_entry(entry, around)
        for inner in _sections(section):
            self.read_section(inner, codes)

    def _read_entry(self, entry: Entry, outer: _Inherited) -> None:
        self.not_understood += entry.broken
        own = self._span(entry.element)
        about = first(entry.element, "subject/relatedSubject")
        around = msgspec.structs.replace(
            outer,
            span=own if own.since or own.until else outer.span,
            of_the_patient=outer.of_the_patient and about is None,
        )
        if around.section == "DGN" and entry.field is not None:
            self.wordings += _lines(entry.element)
        if entry.rule is not None:
            self.found += self._facts(entry, entry.rule, around)
        if entry.rule is not None and entry.rule.whole:
            self.not_understood += _broken_inside(entry)
            return
        inside = msgspec.structs.replace(around, detail={**around.detail, **inherited(entry)})
        for inner in entry.inside:
            if entry.rule is None or inner.known:
                self._read_entry(inner, inside)
            else:
                self.not_understood += inner.broken + _broken_inside(inner)

    def _facts(self, entry: Entry, rule: Rule, around: _Inherited) -> Iterator[FoundFact]:
        """Yield the fact of an entry, or one fact for each coded value if the values are what the entry is about."""
        subject = entry.subject(rule)
        if subject is not None and subject is entry.parts.get("value"):
            for one in entry.values:
                if one.concept is not None:
                    yield self._fact(entry, rule, one.concept, None, around)
        else:
            said = next(iter(entry.values), None)
            yield self._fact(entry, rule, subject, said, around)

    def _fact(
        self, entry: Entry, rule: Rule, subject: Concept | None, said: Value | None, around: _Inherited
    ) -> FoundFact:
        since, until = around.span.since, around.span.until
        at = since or _earliest(until, self.moment)
        detail = {**around.detail, **details(entry, rule, subject)}
        if at is not None and at.precision is not None:
            detail["precision"] = at.precision
        if said is not None and said.concept is not None:
            detail["value_code"] = said.concept.code
        if said is None and rule.of == "material":
            said = self._dose(entry)
        value = None if said is None else in_short(said)
        text = entry.wording or (said.text if said is not None and (value is None or rule.fields) else None)
        fact = Fact(
            kind=rule.kind if around.of_the_patient else "other",
            code=None if subject is None else subject.code,
            system=None if subject is None else subject.system,
            system_version=None if subject is None else subject.version,
            title=None if subject is None else subject.title,
            text=text,
            value=None if value == text else value,
            unit=None if said is None else said.unit,
            abnormal=abnormal(entry.element),
            at=None if at is None else at.at,
            until=None if until is None else until.at,
            section=clipped(around.section) or None,
            detail=detail,
            url=url(entry.element) if rule.kind == "image" else None,
        )
        return FoundFact(fact, since is not None or until is not None)

    def _dose(self, entry: Entry) -> Value | None:
        try:
            return dose(entry.element)
        except NotUnderstood:
            self.not_understood += 1
            return None


def _earliest(a: Moment | None, b: Moment | None) -> Moment | None:
    """Return the earlier of the times that are known: what has only an end began before it was written down."""
    return min((one for one in (a, b) if one is not None), key=lambda one: one.at, default=None)


def _broken_inside(entry: Entry) -> int:
    return sum(inner.broken + _broken_inside(inner) for inner in entry.inside)


def _section_wide(found: Sequence[Entry], section: str) -> dict[str, str]:
    """Return the details that entries of a section give for every fact of the section."""
    fields = SECTION_WIDE.get(section, {})
    detail: dict[str, str] = {}
    for entry in found:
        said = next(iter(entry.values), None)
        word = organization(entry.element) or (None if said is None else in_short(said) or said.text)
        if word and (name := fields.get(entry.field or "")):
            detail.setdefault(name, word)
    return detail


def _lines(element: Element) -> list[str]:
    """Return the lines of an entry's values that are words."""
    return [
        line.strip()
        for value in element.iterchildren(tag("value"))
        if value.get("nullFlavor") is None and value.get("representation") is None
        for line in "".join(value.itertext()).splitlines()
        if line.strip()
    ]
