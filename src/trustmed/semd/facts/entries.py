"""The entries of a section as a tree: each with its coded parts read and the row of the table that it falls under."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import msgspec

from trustmed.semd.cda.elements import Element, tag
from trustmed.semd.facts.meaning import FIELDS, SECTION_WIDE, Part, Place, Rule
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
"""Of entries that the table does not know: with a coded value, with a measured one, with nothing but a code."""


class Entry(msgspec.Struct, frozen=True):
    """One clinical statement. `rule` is None if it is no fact itself; `parts` are its codes, `said` all its values.

    `known`: it, or an entry inside it, is a fact by the table. `broken`: a part of it is not what CDA says it is.
    """

    element: Element
    parts: Mapping[Part, Concept]
    said: tuple[Value, ...]
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
        """Its code, if that is one of 99.2.166."""
        code = self.parts.get("code")
        return code.code if code is not None and code.system == FIELDS else None

    def subject(self, rule: Rule) -> Concept | None:
        """What the fact is coded with."""
        return next((self.parts[name] for name in rule.subject or (rule.of,) if name in self.parts), None)


class Ground(NamedTuple):
    """Where entries stand: codes of the sections around, the nearest last, and of the document; texts by their ID.

    `decide` is `kinds.decide`, remembering its answers for as long as one document is read.
    """

    sections: tuple[str, ...]
    document: str
    narrative: Mapping[str, Element]
    zone: dt.tzinfo
    decide: Callable[[Place], Rule | None]


def entries(parent: Element, ground: Ground) -> tuple[Entry, ...]:
    """Those of a section, or those directly inside another; without what the document says is not so."""
    return tuple(_entry(element, ground) for element in statements(parent) if not _not_so(element))


def _not_so(statement: Element) -> bool:
    """Whether the entry says that something was not done, or is not there."""
    status = statement.find(tag("statusCode"))
    return (
        statement.get("nullFlavor") is not None
        or statement.get("negationInd") == "true"
        or (status is not None and status.get("code") in _NOT_DONE)
    )


def _entry(element: Element, ground: Ground) -> Entry:
    inside = entries(element, ground)
    known_inside = any(one.known for one in inside)
    try:
        parts, said = _parts(element, ground.zone)
    except NotUnderstood:
        return Entry(element, {}, (), None, None, known_inside, True, inside)
    bare = Entry(element, parts, said, wording(element, ground.narrative), None, known_inside, False, inside)
    if bare.field in SECTION_WIDE.get(ground.sections[-1], ()):
        return bare
    by_table = ground.decide(_place(bare, ground))
    rule = by_table or _unknown(bare)
    if rule is None or not _told(bare, rule):
        return bare
    return msgspec.structs.replace(bare, rule=rule, known=known_inside or by_table is not None)


def _parts(element: Element, zone: dt.tzinfo) -> tuple[dict[Part, Concept], tuple[Value, ...]]:
    """Raises NotUnderstood."""
    said = () if local(element) == "observationMedia" else values(element, zone)
    read: dict[Part, Concept | None] = {
        "code": concept(first(element, _PATHS["code"])),
        "value": next((one.concept for one in said if one.concept is not None), None),
        "material": concept(first(element, _PATHS["material"])),
        "agent": concept(first(element, _PATHS["agent"])),
    }
    return {name: part for name, part in read.items() if part is not None}, said


def _place(entry: Entry, ground: Ground) -> Place:
    external = first(entry.element, "reference/externalObservation")
    return Place(
        elements=(local(entry.element),) if external is None else (local(entry.element), "externalObservation"),
        mood=entry.element.get("moodCode", "EVN"),
        field=entry.field,
        sections=ground.sections,
        document=ground.document,
        code=_system(entry, "code"),
        value=_system(entry, "value"),
        material=_system(entry, "material"),
        agent=_system(entry, "agent"),
    )


def _system(entry: Entry, part: Part) -> str | None:
    coded = entry.parts.get(part)
    return None if coded is None else coded.system


def _unknown(entry: Entry) -> Rule | None:
    """What the table does not know is a fact all the same if it is coded and no mere frame around other entries."""
    if "value" in entry.parts:
        return _CODED
    if entry.code is None:
        return None
    if any(one.amount is not None for one in entry.said):
        return _MEASURED
    is_frame = bool(entry.inside) or local(entry.element) == "organizer"
    return _LEAF if not is_frame and entry.field is None else None


def _told(entry: Entry, rule: Rule) -> bool:
    """Whether there is something to be said: a code, words that stand for one, or what is no code at all (an image)."""
    subject = entry.subject(rule)
    if rule.kind == "image":
        return True
    if subject is not None:
        return entry.field is None or subject is not entry.code or bool(rule.fields) or rule is _MEASURED
    if not (rule.systems or rule.fields or rule.sections):
        return entry.wording is not None
    part = first(entry.element, _PATHS[(rule.subject or (rule.of,))[0]])
    return entry.wording is not None and part is not None and part.get("nullFlavor") is not None
