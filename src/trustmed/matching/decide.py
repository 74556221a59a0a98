"""Decide which person a patient is: link them, leave them to a steward's review, or take them for somebody new.

A person weighs as much as the member most alike, whose conflicts of names and dates count. A different valid СНИЛС or
ЕНП of any member counts, unless another member has the patient's own: a steward who joined two numbers knew why.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from enum import StrEnum
from typing import Final, Literal
from uuid import UUID

import msgspec

from trustmed.matching.compare import compare
from trustmed.matching.model import Model
from trustmed.matching.profile import Profile
from trustmed.matching.vocabulary import Comparison, Conflict, Field, Level

_NUMBERS: Final = ((Field.SNILS, Conflict.OTHER_SNILS), (Field.ENP, Conflict.OTHER_ENP))


class Candidate(msgspec.Struct, frozen=True):
    """A row found by its keys. `source` identifies the row in the storage.

    `ignored`: fields in which the row has a value that many share.
    """

    person: UUID
    source: Hashable
    profile: Profile
    ignored: frozenset[Field] = frozenset()


class Proposal(msgspec.Struct, frozen=True):
    """A person the patient may be, with the comparison of the row most alike; `conflicts` are the whole person's."""

    person: UUID
    source: Hashable
    comparison: Comparison
    conflicts: tuple[Conflict, ...]


class Reason(StrEnum):
    """The reason of a verdict."""

    CERTAIN = "certain"  # enough weight, no conflict, nobody near
    WEAK = "weak"  # some weight, not enough
    CONFLICT = "conflict"  # enough weight or some, but a conflict forbids to link
    CLOSE = "close"  # another person is nearly as alike
    NOBODY = "nobody"  # nobody alike


class Verdict(msgspec.Struct, frozen=True):
    """`person` is set if linked. `best`: the persons worth a look, best first; `margin`: bits between the first two."""

    outcome: Literal["linked", "review", "separate"]
    person: UUID | None
    best: tuple[Proposal, ...]
    margin: float | None
    reasons: tuple[Reason, ...]


def decide(
    model: Model, profile: Profile, candidates: Sequence[Candidate], apart: frozenset[UUID] = frozenset()
) -> Verdict:
    """Decide which candidate's person the profile is of. `apart`: persons that it is not of, as a steward has said.

    The order of candidates does not matter, and persons below the threshold of review do not count.
    """
    members: dict[UUID, list[tuple[Candidate, Comparison]]] = defaultdict(list)
    for one in candidates:
        if one.person not in apart:
            members[one.person].append((one, compare(model, profile, one.profile, one.ignored)))
    review = model.thresholds.review
    found = [_proposal(person, rows) for person, rows in members.items()]
    best = sorted(
        (one for one in found if one.comparison.weight >= review), key=lambda one: (-one.comparison.weight, one.person)
    )
    if not best:
        return Verdict("separate", None, (), None, (Reason.NOBODY,))
    first = best[0]
    margin = first.comparison.weight - best[1].comparison.weight if len(best) > 1 else None
    reasons = tuple(_against(model, first, margin))
    if reasons:
        return Verdict("review", None, tuple(best), margin, reasons)
    return Verdict("linked", first.person, tuple(best), margin, (Reason.CERTAIN,))


def _against(model: Model, first: Proposal, margin: float | None) -> Iterable[Reason]:
    if first.conflicts:
        yield Reason.CONFLICT
    if first.comparison.weight < model.thresholds.automatic:
        yield Reason.WEAK
    elif margin is not None and margin < model.thresholds.margin:
        yield Reason.CLOSE


def _proposal(person: UUID, rows: Sequence[tuple[Candidate, Comparison]]) -> Proposal:
    row, comparison = min(rows, key=lambda one: (-one[1].weight, len(one[1].conflicts), repr(one[0].source)))
    conflicts = set(comparison.conflicts)
    for field, conflict in _NUMBERS:
        levels = {score.level for _, other in rows for score in other.fields if score.field is field}
        if Level.EXACT in levels:
            conflicts.discard(conflict)
        elif Level.DIFFERS in levels:
            conflicts.add(conflict)
    return Proposal(person, row.source, comparison, tuple(one for one in Conflict if one in conflicts))
