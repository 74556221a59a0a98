"""Prepare a comparison for drawing: values side by side with differing letters marked, weights as bars."""

from collections.abc import Sequence
from typing import Final, Literal

import msgspec
from rapidfuzz.distance import Levenshtein

from trustmed.matching.card import Card
from trustmed.matching.explain import words
from trustmed.matching.model import Thresholds
from trustmed.matching.profile import Profile, profile_of
from trustmed.matching.spelling.names import plain
from trustmed.matching.vocabulary import Comparison, Field, FieldScore, Level
from trustmed.patient.writing import tidy
from trustmed.region.persons.shown import fours, sex_word
from trustmed.web import i18n
from trustmed.web.templating import day, snils

WIDE: Final = 1000  # units of a drawing's width, which the page stretches
LEAST_ALIKE: Final = 0.65  # in texts less alike than this no letters are marked: it would be nearly all of them
LEAST_BITS: Final = 0.005  # smaller weights speak neither for nor against
LEAST_BAR: Final = 3.0  # units: narrower bars could not be seen
MARGIN: Final = 0.03  # of the drawing's width, at each end
Tone = Literal["for", "against", "none"]
Parts = tuple[tuple[str, bool], ...]  # pieces of a text, and whether the other text differs there


class Bar(msgspec.Struct, frozen=True):
    """A bar from the sum before a field to the sum after it; `left` and `width` are in units of WIDE."""

    left: float
    width: float
    tone: Tone
    weight: float


class Line(msgspec.Struct, frozen=True):
    """A field of two cards: the values, how the matcher reads them where that differs, and their likeness."""

    field: Field
    title: str
    one: Parts
    other: Parts
    one_read: str
    other_read: str
    level: str
    is_same: bool
    bar: Bar


class Drawing(msgspec.Struct, frozen=True):
    """A comparison to draw. `zero`, `review`, `automatic`: places of marks in units of WIDE; weights are in bits."""

    summary: str
    lines: tuple[Line, ...]
    prior: Bar
    total: Bar
    zero: float
    review: float
    automatic: float
    thresholds: Thresholds


def drawing_of(comparison: Comparison, thresholds: Thresholds, one: Card, other: Card) -> Drawing:
    """Return the drawing of a comparison, in the request's language."""
    explained = words(comparison, i18n.current.get())
    prior = comparison.weight - sum(score.weight for score in comparison.fields)
    sums = [prior]
    for score in comparison.fields:
        sums.append(sums[-1] + score.weight)
    scale = _Scale([0.0, thresholds.review, thresholds.automatic, *sums])
    reads = (profile_of(one), profile_of(other))
    lines = tuple(
        _line(score, row.title, row.level, (one, other), reads, scale.bar(before, after))
        for score, row, before, after in zip(comparison.fields, explained.rows, sums, sums[1:], strict=False)
    )
    return Drawing(
        explained.line,
        lines,
        scale.bar(0.0, prior),
        scale.bar(0.0, comparison.weight),
        scale.at(0.0),
        scale.at(thresholds.review),
        scale.at(thresholds.automatic),
        thresholds,
    )


class _Scale:
    """Converts bits to units of WIDE, with a margin at both ends."""

    def __init__(self, values: Sequence[float]) -> None:
        margin = (max(values) - min(values)) * MARGIN
        self._low, self._high = min(values) - margin, max(values) + margin

    def at(self, bits: float) -> float:
        return round((bits - self._low) / (self._high - self._low) * WIDE, 1)

    def bar(self, before: float, after: float) -> Bar:
        left, right = self.at(min(before, after)), self.at(max(before, after))
        weight = after - before
        tone: Tone = "for" if weight > LEAST_BITS else "against" if weight < -LEAST_BITS else "none"
        return Bar(left, round(max(right - left, LEAST_BAR), 1), tone, weight)


def _line(
    score: FieldScore, title: str, level: str, cards: tuple[Card, Card], reads: tuple[Profile, Profile], bar: Bar
) -> Line:
    one, other = mark_letters(field_text(cards[0], score.field), field_text(cards[1], score.field))
    mine, theirs = _as_read(cards[0], reads[0], score.field), _as_read(cards[1], reads[1], score.field)
    return Line(score.field, title, one, other, mine, theirs, level, score.level is Level.EXACT, bar)


def field_text(card: Card, field: Field) -> str:
    """Return a field of a card as people write it; empty if it is not given."""
    if field is Field.BIRTH_DATE:
        return day(card.birth_date)
    if field is Field.SEX:
        return sex_word(card.sex)
    if field is Field.SNILS:
        return snils(card.snils)
    if field is Field.ENP:
        return fours(card.enp)
    if field is Field.DOCUMENT:
        return " ".join(filter(None, (card.identity_series, card.identity_number)))
    return getattr(card, str(field)) or ""


def mark_letters(one: str, other: str) -> tuple[Parts, Parts]:
    """Return both texts in pieces, marked where they differ, except in case or ё. Unlike texts are not marked."""
    a, b = _folded(one), _folded(other)
    if not a or not b or a == b or Levenshtein.normalized_similarity(a, b) < LEAST_ALIKE:
        return _whole(one), _whole(other)
    mine: list[tuple[str, bool]] = []
    theirs: list[tuple[str, bool]] = []
    for step in Levenshtein.opcodes(a, b):
        differs = step.tag != "equal"
        mine.append((one[step.src_start : step.src_end], differs))
        theirs.append((other[step.dest_start : step.dest_end], differs))
    return tuple(part for part in mine if part[0]), tuple(part for part in theirs if part[0])


def _folded(text: str) -> str:
    """Fold case and ё letter by letter, so that positions stay the same as in the text."""
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text).replace("ё", "е")


def _whole(text: str) -> Parts:
    return ((text, False),) if text else ()


def _as_read(card: Card, profile: Profile, field: Field) -> str:
    """Return how the matcher reads a name, or the sex it derives from names; empty if it is as written."""
    if field is Field.SEX:
        return sex_word(profile.sex) if profile.sex and profile.sex != card.sex else ""
    read = {Field.SURNAME: profile.surname, Field.GIVEN_NAME: profile.given, Field.PATRONYMIC: profile.patronymic}
    seen, written = read.get(field, ""), plain(tidy(field_text(card, field))).replace("-", " ")
    return seen.title() if seen and seen != written else ""
