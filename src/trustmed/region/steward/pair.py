"""Two persons side by side: the rows of each that are most alike, compared by the weights in force."""

from collections.abc import Sequence

import msgspec

from trustmed.matching.compare import compare
from trustmed.matching.model import Model
from trustmed.matching.profile import profile_of
from trustmed.matching.vocabulary import Comparison
from trustmed.region.persons.golden import Source

MOST_ROWS = 30  # of each person


class Pair(msgspec.Struct, frozen=True):
    """The likeliest rows of two persons."""

    one: Source
    other: Source
    comparison: Comparison


def likeliest(model: Model, ones: Sequence[Source], others: Sequence[Source]) -> Pair | None:
    """The two rows that are most alike; None where a person has no row."""
    mine = [(source, profile_of(source.card)) for source in ones[:MOST_ROWS]]
    theirs = [(source, profile_of(source.card)) for source in others[:MOST_ROWS]]
    pairs = [Pair(one, other, compare(model, a, b)) for one, a in mine for other, b in theirs]
    return max(pairs, key=lambda pair: pair.comparison.weight, default=None)
