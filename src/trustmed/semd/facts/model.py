"""What is extracted from a document."""

import datetime as dt

import msgspec

from trustmed.semd.facts.meaning import Kind


class Fact(msgspec.Struct, frozen=True, omit_defaults=True):
    """One fact about the patient.

    `code`, `title` are of dictionary `system` (OID in use today) at `system_version`; None where the document gives
    only words. `text`: the wording beside the code. `value`: a decimal, an interval, a word; `unit` as printed.
    `abnormal`: code of the interpretation unless it is "normal". `at`, `until`: with a zone; `at` is the document's own
    time if the entry has none, and midnight if only the date is known. `section`: code of 99.2.197. `url`: address of
    an image. `detail`: further coded words under the names of `meaning.DETAILS`, "precision" of `at` ("year", "month",
    "day"), "value_code" of a coded value, "mood" (HL7's) of something not done yet.
    """

    kind: Kind
    code: str | None = None
    system: str | None = None
    system_version: str | None = None
    title: str | None = None
    text: str | None = None
    value: str | None = None
    unit: str | None = None
    abnormal: str | None = None
    at: dt.datetime | None = None
    until: dt.datetime | None = None
    section: str | None = None
    detail: dict[str, str] = {}
    url: str | None = None


class Extracted(msgspec.Struct, frozen=True):
    """The facts in the document's order, and the number of entries that violate CDA."""

    facts: tuple[Fact, ...]
    not_understood: int
