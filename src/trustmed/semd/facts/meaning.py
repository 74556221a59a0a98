"""The table that decides what an entry of a document is. A new dictionary or section needs only a new row here.

The places of entries are taken from the ministry's schematrons of kinds 119, 121, 148, 174, 185 and 186 and from the
names of federal dictionaries 99.2.166 (fields), 99.2.197 (sections) and 11.1522 (documents).
"""

from collections.abc import Collection, Mapping
from typing import Final, Literal

import msgspec

Kind = Literal[
    "diagnosis",
    "allergy",
    "vital",
    "laboratory",
    "image",
    "sick_leave",
    "disability",
    "medication",
    "procedure",
    "vaccination",
    "referral",
    "other",
]
Part = Literal["code", "value", "material", "agent"]
"""The coded parts of an entry: its own code, its value, the `consumable`, the agent of an intolerance."""

_RU: Final = "1.2.643.5.1.13.13"
_OLD: Final = "1.2.643.5.1.13.2.1.1"

ICD: Final = f"{_RU}.11.1005"
FIELDS: Final = f"{_RU}.99.2.166"
DIAGNOSIS_KIND: Final = f"{_RU}.11.1077"
DIAGNOSIS_CHARACTER: Final = f"{_RU}.11.1049"
VITAL_SIGNS: Final = f"{_RU}.99.2.262"
LABORATORY_TESTS: Final = f"{_RU}.11.1080"
LABORATORY_PANELS: Final = f"{_RU}.11.1437"
SERVICES: Final = f"{_RU}.11.1070"
INSTRUMENTAL: Final = f"{_RU}.11.1471"
MANIPULATIONS: Final = f"{_RU}.99.2.785"
EXAMINATIONS_FOR_MSE: Final = f"{_RU}.99.2.857"
DOCUMENT_KINDS: Final = f"{_RU}.11.1522"
REFERRAL_KINDS: Final = f"{_RU}.11.1009"
DISABILITY_GROUPS: Final = f"{_RU}.11.1053"
LEAVE_CAUSES: Final = f"{_RU}.11.1044"
REACTION_TYPES: Final = f"{_RU}.11.1064"
IMMUNOBIOLOGICALS: Final = f"{_RU}.11.1078"
MEDICINES: Final = f"{_RU}.99.2.611"
SUBSTANCES: Final = f"{_RU}.11.1367"
BLOOD_GROUPS: Final = f"{_RU}.11.1061"
DICOM_TERMS: Final = "1.2.840.10008.2.16.4"
DICOM_CLASSES: Final = "1.2.840.10008.2.6.1"

ALIASES: Final[Mapping[str, str]] = {
    f"{_OLD}.641": ICD,
    f"{_OLD}.718": ICD,
    f"{_OLD}.1504.41": FIELDS,
    f"{_RU}.11.1380": FIELDS,
    f"{_OLD}.1504.4": DIAGNOSIS_KIND,
    f"{_OLD}.473": SERVICES,
    f"{_OLD}.646": DOCUMENT_KINDS,
    f"{_RU}.11.1115": DOCUMENT_KINDS,
    f"{_RU}.99.2.195": DOCUMENT_KINDS,
    f"{_OLD}.702": DISABILITY_GROUPS,
    f"{_OLD}.169": f"{_RU}.11.1474",
    f"{_OLD}.193": f"{_RU}.11.1475",
    f"{_OLD}.109": f"{_RU}.11.1007",
    f"{_OLD}.111": f"{_RU}.11.1006",
    f"{_OLD}.120": f"{_RU}.11.1045",
    f"{_OLD}.701": f"{_RU}.11.1058",
    f"{_OLD}.713": f"{_RU}.11.1059",
    f"{_OLD}.714": f"{_RU}.11.1060",
    f"{_RU}.11.1010": VITAL_SIGNS,
    f"{_RU}.11.10043": LABORATORY_PANELS,
    f"{_RU}.11.1076": f"{_RU}.99.2.795",
}
"""Other OIDs that documents use for a dictionary -> its OID today; the ministry's rules accept both."""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the table: an entry that meets every condition given is of `kind`; an empty condition does not count.

    `systems`: dictionaries of the part `of`. `fields`: the entry's own code, of 99.2.166. `sections`: the entry's
    section or one around it. `documents`: codes of 11.1522. `moods`: HL7's, "RQO" is an order. `elements`: the entry's
    element, or "externalObservation" that it refers to. The fact's code is the first part of `subject` that the entry
    has, or the part `of`. With `whole`, everything inside the entry is a detail of it and not a fact.
    """

    kind: Kind
    of: Part = "code"
    systems: Collection[str] = ()
    fields: Collection[str] = ()
    sections: Collection[str] = ()
    documents: Collection[str] = ()
    moods: Collection[str] = ()
    elements: Collection[str] = ()
    subject: tuple[Part, ...] = ()
    whole: bool = False


class EntryPlace(msgspec.Struct, frozen=True):
    """Where an entry stands, and the dictionaries of its parts; `field` is its own code if that is one of 99.2.166."""

    elements: tuple[str, ...]
    mood: str
    field: str | None
    sections: tuple[str, ...]
    document: str
    code: str | None
    value: str | None
    material: str | None
    agent: str | None

    def system(self, part: Part) -> str | None:
        match part:
            case "code":
                return self.code
            case "value":
                return self.value
            case "material":
                return self.material
            case "agent":
                return self.agent


_ORDERED: Final = ("RQO", "INT", "PRP", "PRMS", "ARQ", "APT")
_DONE: Final = (SERVICES, INSTRUMENTAL, MANIPULATIONS, EXAMINATIONS_FOR_MSE)
_REFERRALS: Final = ("3", "34", "57", "81", "92", "93", "107", "241", "346", "410", "482", "483")

RULES: Final[tuple[Rule, ...]] = (
    Rule(kind="referral", systems=(*_DONE, LABORATORY_TESTS, LABORATORY_PANELS), moods=_ORDERED),
    Rule(kind="referral", of="value", fields=("833",), sections=("SCOPORG", "ORDER")),
    Rule(kind="referral", of="value", fields=("833",), documents=_REFERRALS),
    Rule(kind="referral", systems=(DOCUMENT_KINDS,), sections=("SCOPORG",), whole=True),
    Rule(kind="referral", of="value", systems=(REFERRAL_KINDS,)),
    Rule(kind="sick_leave", fields=("4057", "4063"), whole=True),
    Rule(kind="sick_leave", of="value", systems=(LEAVE_CAUSES,), whole=True),
    Rule(kind="disability", systems=(DISABILITY_GROUPS,), whole=True),
    Rule(kind="disability", of="value", systems=(DISABILITY_GROUPS,), whole=True),
    Rule(kind="disability", fields=("4058",), whole=True),
    Rule(kind="allergy", systems=(REACTION_TYPES,), subject=("agent", "code"), whole=True),
    Rule(kind="allergy", of="value", fields=("12119",), whole=True),
    Rule(
        kind="allergy",
        sections=("ALL",),
        elements=("observation", "act"),
        subject=("agent", "value", "code"),
        whole=True,
    ),
    Rule(kind="other", of="material", systems=(IMMUNOBIOLOGICALS,), moods=_ORDERED, whole=True),
    Rule(kind="vaccination", of="material", systems=(IMMUNOBIOLOGICALS,), whole=True),
    Rule(kind="vaccination", of="value", systems=(IMMUNOBIOLOGICALS,), fields=("9021",), whole=True),
    Rule(
        kind="vaccination",
        of="material",
        sections=("IMM",),
        elements=("substanceAdministration",),
        moods=("EVN",),
        whole=True,
    ),
    Rule(
        kind="medication",
        of="material",
        elements=("substanceAdministration", "supply"),
        subject=("material", "code"),
        whole=True,
    ),
    Rule(kind="medication", systems=(MEDICINES, SUBSTANCES), whole=True),
    Rule(kind="medication", of="value", systems=(MEDICINES, SUBSTANCES), whole=True),
    Rule(kind="laboratory", systems=(LABORATORY_TESTS,)),
    Rule(kind="laboratory", of="value", systems=(BLOOD_GROUPS,)),
    Rule(kind="laboratory", fields=("901",), whole=True),
    Rule(kind="vital", systems=(VITAL_SIGNS,)),
    Rule(kind="image", elements=("observationMedia", "externalObservation"), whole=True),
    Rule(kind="image", systems=(DICOM_TERMS, DICOM_CLASSES), whole=True),
    Rule(kind="procedure", systems=_DONE),
    Rule(kind="procedure", of="value", systems=_DONE),
    Rule(kind="procedure", fields=("1806",), whole=True),
    Rule(kind="diagnosis", of="value", systems=(ICD,)),
    Rule(kind="diagnosis", systems=(ICD,)),
    Rule(kind="other", systems=(DOCUMENT_KINDS,), whole=True),
)
"""The first row that applies decides."""

NOT_THE_PATIENT: Final = frozenset(
    ("FAMILY", "GENETICD", "MOTHINFO", "MOTHORNBINFO", "NBINFO", "FETUSINFO", "DONORINFO")
)
"""Sections about somebody else: any fact in them is of kind "other" for this patient."""

SECTION_WIDE: Final[Mapping[str, Mapping[str, str]]] = {
    section: {"8038": "organization", "10000": "comment"} for section in ("SCOPORG", "ORDER")
}
"""Section -> fields that apply to every fact of the section -> their names in `Fact.detail`."""

DETAILS: Final[Mapping[str, str]] = {
    DIAGNOSIS_KIND: "kind",
    DIAGNOSIS_CHARACTER: "character",
    f"{_RU}.99.2.795": "certainty",
    LABORATORY_PANELS: "panel",
    f"{_RU}.11.1041": "established",
    f"{_RU}.99.2.358": "term",
    f"{_RU}.11.1490": "period",
    f"{_RU}.11.1474": "cause",
    ICD: "diagnosis",
    REACTION_TYPES: "reaction",
    f"{_RU}.11.1063": "manifestation",
    f"{_RU}.99.2.778": "side",
    f"{_RU}.11.1477": "site",
    f"{_RU}.11.1468": "route",
    f"{_RU}.99.2.147": "goal",
    "4058": "loss",
    "4063": "number",
    "4083": "loss_term",
    "6011": "doses",
    "9028": "series",
    "11002": "series",
    "11003": "number",
    "12182": "duration",
    "12183": "courses",
    "12184": "times",
}
"""Dictionary or field of a detail -> its name in `Fact.detail`; others go under the code of their field."""

TOLD_BY_CODE: Final = frozenset((DIAGNOSIS_KIND, DIAGNOSIS_CHARACTER, f"{_RU}.99.2.795"))
"""Dictionaries of DETAILS whose codes are kept too, as programs need them: "kind" has "kind_code" beside it."""

MEANT_BY_KIND: Final = frozenset(("808", "809", "833", "9021", "12006", "12119", "12131", "12523"))
"""Fields that say no more than the kind of the fact does; any other is told in `Fact.detail["field"]`."""


def find_rule(place: EntryPlace) -> Rule | None:
    """Return the first row of RULES that applies."""
    return next((rule for rule in RULES if _applies(rule, place)), None)


def _applies(rule: Rule, place: EntryPlace) -> bool:
    return (
        (not rule.systems or place.system(rule.of) in rule.systems)
        and (not rule.fields or place.field in rule.fields)
        and (not rule.sections or any(section in rule.sections for section in place.sections))
        and (not rule.documents or place.document in rule.documents)
        and (not rule.moods or place.mood in rule.moods)
        and (not rule.elements or any(element in rule.elements for element in place.elements))
    )
