"""Read the pieces of an entry as plain values: codes, quantities, times, wording."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

import msgspec

from trustmed.semd.cda.elements import HL7, XSI, Element, tag
from trustmed.semd.facts.meaning import ALIASES

LONGEST: Final = 4000
"""Characters of a wording; a longer text is to be read in the document."""
YEARS: Final = range(1800, 2201)
"""Years a document may speak of; any other is a slip of the pen."""

MATERIAL: Final = "consumable/manufacturedProduct/manufacturedMaterial"

_TYPE: Final = tag("type", XSI)
_STATEMENTS: Final = frozenset(
    tag(name)
    for name in (
        "act",
        "encounter",
        "observation",
        "observationMedia",
        "organizer",
        "procedure",
        "regionOfInterest",
        "substanceAdministration",
        "supply",
    )
)
_WRAPPERS: Final = (tag("entry"), tag("component"), tag("entryRelationship"))
_ASSERTION: Final = "2.16.840.1.113883.5.4"
_DECIMAL: Final = re.compile(r"[-+]?[0-9]{1,40}(\.[0-9]{1,40})?")
_MOMENT: Final = re.compile(
    r"(?P<year>\d{4})((?P<month>\d\d)((?P<day>\d\d)((?P<hour>\d\d)((?P<minute>\d\d)((?P<second>\d\d)(\.\d{1,9})?)?)?)?)?)?"
    r"(?P<zone>[+-]\d{4})?",
    re.ASCII,
)


class NotUnderstood(Exception):
    """The entry violates CDA R2; the rest of the document can still be read."""


class Concept(msgspec.Struct, frozen=True):
    """A row of a dictionary as a document names it; `system` is the OID in use today (see `meaning.ALIASES`)."""

    code: str
    system: str
    version: str | None
    title: str | None


class Value(msgspec.Struct, frozen=True):
    """One value: a `concept`, a free `text`, or an `amount` as written, of `unit` if it has one."""

    concept: Concept | None = None
    text: str | None = None
    amount: str | None = None
    unit: str | None = None


class Moment(msgspec.Struct, frozen=True):
    """A time with a zone; `precision` is "year", "month", "day", or None for anything finer."""

    at: dt.datetime
    precision: str | None


class Span(msgspec.Struct, frozen=True):
    since: Moment | None = None
    until: Moment | None = None


def statements(element: Element) -> Iterator[Element]:
    """Yield the statements of a section, or those directly inside a statement."""
    for wrapper in element.iterchildren(*_WRAPPERS):
        yield from (inner for inner in wrapper if inner.tag in _STATEMENTS)


def local(element: Element) -> str:
    return str(element.tag).removeprefix(f"{{{HL7}}}")


def first(element: Element, path: str) -> Element | None:
    """Return the first element at a path of local names ("consumable/manufacturedProduct")."""
    found: Element | None = element
    for name in _tags(path):
        found = next(found.iterchildren(name), None)
        if found is None:
            return None
    return found


@cache
def _tags(path: str) -> tuple[str, ...]:
    """Split a path into tags. The cache needs no limit: paths are written in the program, so they are few."""
    return tuple(map(tag, path.split("/")))


def concept(element: Element | None) -> Concept | None:
    """Return the coded concept; None if it is absent, or null with no translation into another dictionary.

    Raises NotUnderstood if no dictionary is named.
    """
    if element is None or element.get("codeSystem") == _ASSERTION:
        return None
    if element.get("nullFlavor") is not None:
        return concept(element.find(tag("translation")))
    code, system = _attribute(element, "code"), _attribute(element, "codeSystem")
    if code is None and system is None and element.find(tag("originalText")) is not None:
        return None
    if code is None or system is None:
        raise NotUnderstood
    title = _attribute(element, "displayName")
    return Concept(clipped(code), canonical(system), _attribute(element, "codeSystemVersion"), title and clipped(title))


def canonical(system: str) -> str:
    return ALIASES.get(system, system)


def _attribute(element: Element, name: str) -> str | None:
    return (element.get(name) or "").strip() or None


def values(statement: Element, zone: dt.tzinfo) -> tuple[Value, ...]:
    """Return the values of the statement's `value` elements. Raises NotUnderstood."""
    read = (value(element, zone) for element in statement.iterchildren(tag("value")))
    return tuple(one for one in read if one is not None)


def value(element: Element, zone: dt.tzinfo) -> Value | None:
    """Return the value, None if it is null. Raises NotUnderstood for an unknown type or a content not of its type."""
    if element.get("nullFlavor") is not None:
        told = concept(element)
        return None if told is None else Value(concept=told)
    match (element.get(_TYPE) or "").rpartition(":")[2]:
        case "CD" | "CE" | "CV" | "CO" | "CS":
            coded = concept(element)
            return None if coded is None else Value(concept=coded)
        case "ST" | "ED" | "SC":
            text = plain(element)
            return Value(text=text) if text else None
        case "PQ":
            return quantity(element)
        case "INT" | "REAL":
            return Value(amount=_decimal(element))
        case "IVL_PQ" | "IVL_INT" | "IVL_REAL":
            return _interval(element)
        case "RTO" | "RTO_QTY_QTY" | "RTO_PQ_PQ":
            parts = [first(element, name) for name in ("numerator", "denominator")]
            return Value(amount="/".join(_decimal(part) for part in parts))
        case "BL" if element.get("value") in ("true", "false"):
            return Value(amount=element.get("value"))
        case "TS":
            return Value(amount=_written(moment(element.get("value"), zone)))
        case "II":
            return Value(amount=_attribute(element, "extension") or _attribute(element, "root"))
    raise NotUnderstood


def quantity(element: Element) -> Value:
    """Return a decimal with its unit. Raises NotUnderstood."""
    return Value(amount=_decimal(element), unit=_unit(element))


def _decimal(element: Element | None) -> str:
    written = "" if element is None else (element.get("value") or "").strip()
    if not _DECIMAL.fullmatch(written):
        raise NotUnderstood
    return written


def _unit(element: Element) -> str | None:
    """Return the unit as printed: its name in the dictionary of units, or else the unit itself ("1" means none)."""
    named = element.find(tag("translation"))
    unit = (None if named is None else _attribute(named, "displayName")) or _attribute(element, "unit")
    return None if unit == "1" else unit


def interval(element: Element) -> str:
    """Return the bounds of a quantity: "3.5–5.1", "≤ 5", "> 10". Raises NotUnderstood."""
    low, high = element.find(tag("low")), element.find(tag("high"))
    bounds = [None if end is None or end.get("nullFlavor") else _decimal(end) for end in (low, high)]
    match bounds:
        case [str(least), str(most)]:
            return f"{least}–{most}"
        case [str(least), None]:
            return f"{'>' if low is not None and low.get('inclusive') == 'false' else '≥'} {least}"
        case [None, str(most)]:
            return f"{'<' if high is not None and high.get('inclusive') == 'false' else '≤'} {most}"
    raise NotUnderstood


def _interval(element: Element) -> Value:
    ends = (element.find(tag("low")), element.find(tag("high")))
    units = [unit for end in ends if end is not None and (unit := _unit(end))]
    return Value(amount=interval(element), unit=units[0] if units else None)


def _written(at: Moment) -> str:
    match at.precision:
        case "year":
            return f"{at.at:%Y}"
        case "month":
            return f"{at.at:%Y-%m}"
        case "day":
            return at.at.date().isoformat()
    return at.at.isoformat()


def moment(written: str | None, zone: dt.tzinfo) -> Moment:
    """Return the beginning of a time (HL7 TS) of any precision, in `zone` if it names none. Raises NotUnderstood."""
    found = _MOMENT.fullmatch((written or "").strip())
    if found is None:
        raise NotUnderstood
    named = found["zone"]
    parts = [int(found[name] or least) for name, least in _PARTS]
    try:
        at = dt.datetime(*parts, tzinfo=zone if named is None else _zone(named))
    except ValueError as error:
        raise NotUnderstood from error
    if at.year not in YEARS:
        raise NotUnderstood
    precision = "year" if not found["month"] else "month" if not found["day"] else "day" if not found["hour"] else None
    return Moment(at, precision)


_PARTS: Final = (("year", 1), ("month", 1), ("day", 1), ("hour", 0), ("minute", 0), ("second", 0))


def _zone(written: str) -> dt.timezone:
    offset = dt.timedelta(hours=int(written[1:3]), minutes=int(written[3:]))
    return dt.timezone(-offset if written[0] == "-" else offset)


def span(statement: Element, zone: dt.tzinfo) -> Span:
    """Return the first of the statement's times that is not empty. Raises NotUnderstood."""
    for element in statement.iterchildren(tag("effectiveTime"), tag("time")):
        if element.get("nullFlavor") is not None:
            continue
        if element.get("value") is not None:
            return Span(moment(element.get("value"), zone))
        ends = [_end(element.find(tag(name)), zone) for name in ("low", "high", "center")]
        if any(ends):
            return Span(ends[0] or ends[2], ends[1])
    return Span()


def _end(element: Element | None, zone: dt.tzinfo) -> Moment | None:
    if element is None or element.get("nullFlavor") is not None:
        return None
    return moment(element.get("value"), zone)


def plain(element: Element | None) -> str | None:
    """Return all text inside, with single spaces, LONGEST at most; None if there is none or it is an attachment."""
    if element is None or element.get("representation") == "B64":
        return None
    return clipped(" ".join("".join(element.itertext()).split())) or None


def clipped(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def wording(statement: Element, narrative: Mapping[str, Element]) -> str | None:
    """Return the words beside the codes: the statement's text, or the original text of its value or code."""
    for path in ("text", "value/originalText", "code/originalText", f"{MATERIAL}/name"):
        element = first(statement, path)
        if element is None:
            continue
        reference = element.find(tag("reference"))
        pointed = "" if reference is None else reference.get("value", "")
        said = plain(narrative.get(pointed[1:])) if pointed.startswith("#") else None
        if found := said or plain(element):
            return found
    return None
