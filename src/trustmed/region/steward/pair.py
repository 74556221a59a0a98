"""Compare two persons by those rows of each that are most alike."""

from collections.abc import Sequence

import msgspec

from trustmed.matching.compare import compare
from trustmed.matching.model import Model
from trustmed.matching.profile import profile_of
from trustmed.matching.vocabulary import Comparison
from trustmed.region.persons.golden import Source

MOST_ROWS = 30  # of each person


class Pair(msgspec.Struct, frozen=True):
    """The two most similar rows of two persons, and how they compare."""

    one: Source
    other: Source
    comparison: Comparison


def most_similar_rows(model: Model, ones: Sequence[Source], others: Sequence[Source]) -> Pair | None:
    """Return the two rows that are most alike; None if one of the persons has no row."""
    mine = [(source, profile_of(source.card)) for source in ones[:MOST_ROWS]]
    theirs = [(source, profile_of(source.card)) for source in others[:MOST_ROWS]]
    pairs = [Pair(one, other, compare(model, a, b)) for one, a in mine for other, b in theirs]
    return max(pairs, key=lambda pair: pair.comparison.weight, default=None)
