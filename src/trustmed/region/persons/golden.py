"""The golden record: what is held true of a person, derived from the patients' rows whenever it is asked for.

Only the pins are stored, so the record is never stale after a merge and never hinders undoing one.
"""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from trustmed.matching.card import Card
from trustmed.matching.spelling.placeholders import is_nameless
from trustmed.patient.identifiers import is_valid_enp, is_valid_snils
from trustmed.region.index.model import PatientKey

Rule = Literal["pin", "only", "most", "newest"]

FIELDS: Final = (
    *("surname", "given_name", "patronymic", "birth_date", "sex", "snils", "enp"),
    *("identity_kind", "identity_series", "identity_number", "phone", "address"),
)
LATEST: Final = frozenset({"phone", "address", "identity_kind", "identity_series", "identity_number"})
"""Fields that change in a lifetime: the newest value is right. For all others, the value in most rows is."""
DOCUMENT: Final = ("identity_kind", "identity_series", "identity_number")
UNKNOWN_SEX: Final = 3


class Source(msgspec.Struct, frozen=True):
    """A patient's row that stands for the person."""

    key: PatientKey
    card: Card
    updated_at: dt.datetime
    decision: Literal["automatic", "manual"]
    reason: str
    linked_at: dt.datetime


class Pin(msgspec.Struct, frozen=True):
    """A value that a steward fixed."""

    field: str
    value: str
    author_name: str
    reason: str
    at: dt.datetime


class GoldenField(msgspec.Struct, frozen=True):
    """A field's value as text (dates as ISO), the row it is from (None if pinned), the rule, and the other values."""

    field: str
    value: str
    origin: PatientKey | None
    rule: Rule
    others: tuple[str, ...] = ()


def golden_record(sources: Sequence[Source], pins: Sequence[Pin]) -> dict[str, GoldenField]:
    """Return the fields that have a value, in the order of FIELDS."""
    pinned = {pin.field: pin for pin in pins}
    newest_first = sorted(sources, key=lambda source: (source.updated_at, source.key), reverse=True)
    found: dict[str, GoldenField] = {}
    for field in FIELDS:
        given = [
            (value, source)
            for source in _rows_that_count(field, newest_first)
            if (value := text_of(source.card, field))
        ]
        chosen = _field_of_pin(pinned[field], given) if field in pinned else _field_of_rows(field, given)
        if chosen is not None:
            found[field] = chosen
    return found


def text_of(card: Card, field: str) -> str:
    """Return a field's value as text; empty if it means nothing: a wrong number, «Новорожденный» for a name, no sex."""
    value = getattr(card, field)
    if value is None:
        return ""
    text = value.isoformat() if isinstance(value, dt.date) else str(value).strip()
    return text if is_meaningful(field, text) else ""


def is_meaningful(field: str, text: str) -> bool:
    """Return whether the text is a real value of the field, not a placeholder or a wrong number."""
    if field == "snils":
        return is_valid_snils(text)
    if field == "enp":
        return is_valid_enp(text)
    if field in ("surname", "given_name", "patronymic"):
        return bool(text) and not is_nameless(text.lower())
    return bool(text) and not (field == "sex" and text == str(UNKNOWN_SEX))


def _rows_that_count(field: str, newest_first: Sequence[Source]) -> Sequence[Source]:
    """Return all rows; for fields of a document only the newest row that has its number.

    Kind, series and number belong together: they are never taken from different rows.
    """
    if field not in DOCUMENT:
        return newest_first
    return [source for source in newest_first if source.card.identity_number][:1]


def _field_of_pin(pin: Pin, given: Sequence[tuple[str, Source]]) -> GoldenField:
    return GoldenField(pin.field, pin.value, None, "pin", _others(given, pin.value))


def _field_of_rows(field: str, given: Sequence[tuple[str, Source]]) -> GoldenField | None:
    if not given:
        return None
    counts = Counter(_folded(value) for value, _ in given)
    if len(counts) == 1:
        value, source = given[0]
        return GoldenField(field, value, source.key, "only")
    if field in LATEST:
        value, source = given[0]
        return GoldenField(field, value, source.key, "newest", _others(given, value))
    most = max(counts.values())
    value, source = next((value, source) for value, source in given if counts[_folded(value)] == most)
    is_majority = sum(count == most for count in counts.values()) == 1
    return GoldenField(field, value, source.key, "most" if is_majority else "newest", _others(given, value))


def _others(given: Sequence[tuple[str, Source]], chosen: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value, _ in given if _folded(value) != _folded(chosen)))


def _folded(value: str) -> str:
    return " ".join(value.casefold().replace("ё", "е").split())
