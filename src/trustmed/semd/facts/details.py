"""Read the details of a fact: further coded words, a dose, a normal range, the address of an image."""

from collections.abc import Iterator
from typing import Final

from trustmed.semd.cda.elements import Element, tag
from trustmed.semd.facts.entries import Entry
from trustmed.semd.facts.meaning import DETAILS, ICD, MEANT_BY_KIND, TOLD_BY_CODE, Rule
from trustmed.semd.facts.reading import (
    Concept,
    NotUnderstood,
    Value,
    clipped,
    concept,
    first,
    interval,
    local,
    plain,
    quantity,
)

MOST_DETAILS: Final = 30
LONGEST_VALUE: Final = 200
"""Characters; a longer text is the wording of a fact, not its value."""

_NORMAL: Final = "N"
_DONE: Final = "EVN"
_CODED: Final = {
    tag("methodCode"): "method",
    tag("targetSiteCode"): "site",
    tag("approachSiteCode"): "approach",
    tag("routeCode"): "route",
}


def in_short(said: Value) -> str | None:
    """Return a value as one short word or number; None if it is a long text."""
    if said.concept is not None:
        return words(said.concept)
    if said.text is not None:
        return said.text if len(said.text) <= LONGEST_VALUE else None
    return said.amount


def words(coded: Concept) -> str:
    """Return the name of a row, with its code where people know the codes."""
    if coded.system == ICD and coded.title:
        return f"{coded.code} {coded.title}"
    return coded.title or coded.code


def inherited(entry: Entry) -> dict[str, str]:
    """Return the details that a frame gives to the entries inside it: a certainty, a panel of tests."""
    code = entry.code
    if code is None and entry.wording is not None and local(entry.element) == "organizer":
        return {"panel": entry.wording}
    return dict(_named(code)) if code is not None and code.system in DETAILS else {}


def details(entry: Entry, rule: Rule, subject: Concept | None) -> dict[str, str]:
    """Return all details of the fact, the nearest first; several words under one name are joined by "; "."""
    said: dict[str, list[str]] = {}
    for name, word in _all_details(entry, rule, subject):
        if name not in said and len(said) == MOST_DETAILS:
            break
        words_of = said.setdefault(name, [])
        if word and word not in words_of and len(words_of) < MOST_DETAILS:
            words_of.append(word)
    return {name: clipped("; ".join(words_of)) for name, words_of in said.items() if words_of}


def _all_details(entry: Entry, rule: Rule, subject: Concept | None) -> Iterator[tuple[str, str]]:
    code, element = entry.code, entry.element
    if code is not None and code is not subject and entry.field not in MEANT_BY_KIND:
        yield from _named(code, "field" if entry.field else "of")
    mood = element.get("moodCode", _DONE)
    if mood != _DONE:
        yield "mood", clipped(mood)
    yield from _attributes(element)
    for place, path in (("agent", "participant/participantRole/playingEntity"), ("organization", _ORGANIZATION)):
        named = plain(first(element, f"{path}/name"))
        if named:
            yield place, named
    media = first(element, "value")
    if media is not None and media.get("mediaType"):
        yield "media_type", clipped(media.get("mediaType", ""))
    known = first(element, "reference/externalDocument/id")
    if known is not None and known.get("root"):
        yield "document", "^".join(clipped(known.get(name, "")) for name in ("root", "extension"))
    bounds = _normal_range(element)
    if bounds:
        yield "range", bounds
    yield from _details_inside(entry, rule)


def _details_inside(entry: Entry, rule: Rule) -> Iterator[tuple[str, str]]:
    """Yield details from the entries inside that are not facts themselves."""
    for inner in entry.inside:
        if inner.known and not rule.whole:
            continue
        yield from _details_from(inner)
        yield from _attributes(inner.element)
        yield from _details_inside(inner, rule)


def _details_from(inner: Entry) -> Iterator[tuple[str, str]]:
    said = next(iter(inner.values), None)
    coded = said.concept if said is not None else inner.code if inner.field is None else None
    systems = [one.system for one in (coded, inner.code) if one is not None]
    name = next((DETAILS[key] for key in (inner.field or "", *systems) if key in DETAILS), inner.field)
    if coded is not None and name is not None:
        yield from _named(coded, name)
    elif said is not None and name is not None:
        yield name, said.text or said.amount or ""


def _named(coded: Concept, otherwise: str = "") -> Iterator[tuple[str, str]]:
    name = DETAILS.get(coded.system, otherwise)
    yield name, words(coded)
    if coded.system in TOLD_BY_CODE:
        yield f"{name}_code", coded.code


def _attributes(element: Element) -> Iterator[tuple[str, str]]:
    """Yield the coded attributes of a statement: qualifiers of its code and value, the route, the site on the body."""
    for part in element.iterchildren(tag("code"), tag("value")):
        for qualifier in part.iterchildren(tag("qualifier")):
            coded = _concept(qualifier.find(tag("value")))
            if coded is not None:
                yield from _named(coded, "qualifier")
    for part in element.iterchildren(*_CODED):
        coded = _concept(part)
        if coded is not None:
            yield _CODED[str(part.tag)], words(coded)


def _concept(element: Element | None) -> Concept | None:
    """Return a code that is only a detail; None if it cannot be read: the fact must not be lost for it."""
    try:
        return concept(element)
    except NotUnderstood:
        return None


_ORGANIZATION: Final = "performer/assignedEntity/representedOrganization"


def organization(element: Element) -> str | None:
    """Return the name of the organisation that performs the service."""
    return plain(first(element, f"{_ORGANIZATION}/name"))


def _normal_range(element: Element) -> str | None:
    """Return the normal range as bounds, or in the document's words."""
    normal = first(element, "referenceRange/observationRange")
    bounds = None if normal is None else normal.find(tag("value"))
    try:
        return None if bounds is None else interval(bounds)
    except NotUnderstood:
        return plain(first(element, "referenceRange/observationRange/text"))


def dose(element: Element) -> Value | None:
    """Return the single dose: the first in the statement or inside it."""
    for given in element.iter(tag("doseQuantity")):
        if given.get("nullFlavor") is None:
            return quantity(given)
    return None


def abnormal(element: Element) -> str | None:
    """Return the code of the interpretation unless it is "normal"."""
    for said in element.iterchildren(tag("interpretationCode")):
        code = said.get("code")
        if code and said.get("nullFlavor") is None:
            return None if code == _NORMAL else clipped(code)
    return None


def url(element: Element) -> str | None:
    """Return the address of an image: a reference in the statement or inside it, else its UID as a URN."""
    for reference in element.iter(tag("reference")):
        where = reference.get("value", "")
        if where and not where.startswith("#"):
            return clipped(where)
    for path in ("reference/externalObservation/id", "id"):
        found = first(element, path)
        if found is not None and found.get("root"):
            return f"urn:oid:{clipped(found.get('root', ''))}"
    return None
