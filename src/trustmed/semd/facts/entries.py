"""Read the entries of a section as a tree: the coded parts of each, and the row of the table that decides its kind."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import msgspec

from trustmed.semd.cda.elements import Element, tag
from trustmed.semd.facts.meaning import FIELDS, SECTION_WIDE, EntryPlace, Part, Rule
from trustmed.semd.facts.reading import (
    MATERIAL,
    Concept,
    NotUnderstood,
    Value,
    concept,
    first,
    local,
    statements,
    values,
    wording,
)

_AGENT: Final = "participant/participantRole/playingEntity"
_PATHS: Final[Mapping[Part, str]] = {
    "code": "code",
    "value": "value",
    "material": f"{MATERIAL}/code",
    "agent": f"{_AGENT}/code",
}
_NOT_DONE: Final = ("cancelled", "aborted", "nullified")

_CODED: Final = Rule(kind="other", of="value")
_MEASURED: Final = Rule(kind="other")
_LEAF: Final = Rule(kind="other")
"""Rules for entries the table does not know: with a coded value, with a measured value, with only a code."""


class Entry(msgspec.Struct, frozen=True):
    """One clinical statement. `parts` are its codes, `values` its values; `rule` is None if it is not a fact itself.

    `known`: by the table, this entry or one inside it is a fact. `broken`: a part of it violates CDA.
    """

    element: Element
    parts: Mapping[Part, Concept]
    values: tuple[Value, ...]
    wording: str | None
    rule: Rule | None
    known: bool
    broken: bool
    inside: "tuple[Entry, ...]"

    @property
    def code(self) -> Concept | None:
        return self.parts.get("code")

    @property
    def field(self) -> str | None:
        """Return the entry's code if it is one of dictionary 99.2.166."""
        code = self.parts.get("code")
        return code.code if code is not None and code.system == FIELDS else None

    def subject(self, rule: Rule) -> Concept | None:
        """Return the code of the fact."""
        return next((self.parts[name] for name in rule.subject or (rule.of,) if name in self.parts), None)


class Surroundings(NamedTuple):
    """What surrounds entries: codes of the sections (nearest last) and of the document; narrative texts by ID.

    `find_rule` is `meaning.find_rule`, with its answers cached while one document is read.
    """

    sections: tuple[str, ...]
    document: str
    narrative: Mapping[str, Element]
    zone: dt.tzinfo
    find_rule: Callable[[EntryPlace], Rule | None]


def entries(parent: Element, around: Surroundings) -> tuple[Entry, ...]:
    """Return the entries of a section, or those directly inside an entry, leaving out the negated ones."""
    return tuple(_entry(element, around) for element in statements(parent) if not _is_negated(element))


def _is_negated(statement: Element) -> bool:
    """Return whether the entry says that something was not done or does not exist."""
    status = statement.find(tag("statusCode"))
    return (
        statement.get("nullFlavor") is not None
        or statement.get("negationInd") == "true"
        or (status is not None and status.get("code") in _NOT_DONE)
    )


def _entry(element: Element, around: Surroundings) -> Entry:
    inside = entries(element, around)
    known_inside = any(one.known for one in inside)
    try:
        parts, said = _parts(element, around.zone)
    except NotUnderstood:
        return Entry(element, {}, (), None, None, known_inside, True, inside)
    bare = Entry(element, parts, said, wording(element, around.narrative), None, known_inside, False, inside)
    if bare.field in SECTION_WIDE.get(around.sections[-1], ()):
        return bare
    by_table = around.find_rule(_entry_place(bare, around))
    rule = by_table or _fallback_rule(bare)
    if rule is None or not _has_content(bare, rule):
        return bare
    return msgspec.structs.replace(bare, rule=rule, known=known_inside or by_table is not None)


def _parts(element: Element, zone: dt.tzinfo) -> tuple[dict[Part, Concept], tuple[Value, ...]]:
    """Return the coded parts and the values of an entry. Raises NotUnderstood."""
    said = () if local(element) == "observationMedia" else values(element, zone)
    read: dict[Part, Concept | None] = {
        "code": concept(first(element, _PATHS["code"])),
        "value": next((one.concept for one in said if one.concept is not None), None),
        "material": concept(first(element, _PATHS["material"])),
        "agent": concept(first(element, _PATHS["agent"])),
    }
    return {name: part for name, part in read.items() if part is not None}, said


def _entry_place(entry: Entry, around: Surroundings) -> EntryPlace:
    external = first(entry.element, "reference/externalObservation")
    return EntryPlace(
        elements=(local(entry.element),) if external is None else (local(entry.element), "externalObservation"),
        mood=entry.element.get("moodCode", "EVN"),
        field=entry.field,
        sections=around.sections,
        document=around.document,
        code=_system(entry, "code"),
        value=_system(entry, "value"),
        material=_system(entry, "material"),
        agent=_system(entry, "agent"),
    )


def _system(entry: Entry, part: Part) -> str | None:
    coded = entry.parts.get(part)
    return None if coded is None else coded.system


def _fallback_rule(entry: Entry) -> Rule | None:
    """Return a rule for an entry the table does not know: it is a fact if it is coded and not a frame around others."""
    if "value" in entry.parts:
        return _CODED
    if entry.code is None:
        return None
    if any(one.amount is not None for one in entry.values):
        return _MEASURED
    is_frame = bool(entry.inside) or local(entry.element) == "organizer"
    return _LEAF if not is_frame and entry.field is None else None


def _has_content(entry: Entry, rule: Rule) -> bool:
    """Return whether the entry has content: a code, words in the place of a code, or an image, which needs no code."""
    subject = entry.subject(rule)
    if rule.kind == "image":
        return True
    if subject is not None:
        return entry.field is None or subject is not entry.code or bool(rule.fields) or rule is _MEASURED
    if not (rule.systems or rule.fields or rule.sections):
        return entry.wording is not None
    part = first(entry.element, _PATHS[(rule.subject or (rule.of,))[0]])
    return entry.wording is not None and part is not None and part.get("nullFlavor") is not None
