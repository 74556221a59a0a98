"""What follows from the matcher's verdict on a patient: to whom they are linked, and what a steward is asked.

Only the patient at hand is ever moved. A decision of a human being stands; a link made before stands as long as nothing
speaks against it and nobody else is clearly likelier.
"""

from collections.abc import Sequence
from typing import Literal, cast
from uuid import UUID

import msgspec

from trustmed.matching.decide import Proposal, Verdict
from trustmed.matching.model import Model
from trustmed.region.index.model import Member, PatientKey, PatientLink, Row

MOST_PAIRS = 3
WEIGHTY = 3.0  # bits: the middle of the review band

Kind = Literal["linked", "moved", "parted", "asked"]


class Pair(msgspec.Struct, frozen=True):
    """Two patients whom a steward shall compare, the lesser key first; `priority` 1 is the first to be looked at."""

    patient: PatientKey
    other: PatientKey
    proposal: Proposal
    priority: int


class Settled(msgspec.Struct, frozen=True):
    """A patient's link now; `kind` is None if it is as it was, or if nobody was like the patient."""

    row: Row
    link: PatientLink
    kind: Kind | None = None
    proposal: Proposal | None = None
    pairs: tuple[Pair, ...] = ()

    @property
    def left(self) -> UUID | None:
        """The person the patient has just left."""
        before = self.row.link
        return before.person_id if before is not None and before.person_id != self.link.person_id else None

    @property
    def is_new_person(self) -> bool:
        return self.link.person_id == self.row.new_person


def settle(model: Model, row: Row, verdict: Verdict, companions: Sequence[Member], reason: str) -> Settled:
    """Where the patient belongs. `companions`: the other patients of the person they are linked to now."""
    before = row.link
    if before is not None and before.decision == "manual":
        return Settled(row, before)
    pairs = _pairs(model, row, verdict, before.person_id if before is not None and companions else None)
    if verdict.outcome == "linked" and verdict.person is not None:
        kind: Kind | None = "linked" if before is None else "moved" if before.person_id != verdict.person else None
        return Settled(row, PatientLink(verdict.person, "automatic", reason), kind, verdict.best[0], pairs)
    best = verdict.best[0] if verdict.best else None
    asked: Kind | None = "asked" if pairs else None
    if before is None:
        return Settled(row, PatientLink(row.new_person, "automatic", reason), asked, best, pairs)
    if not companions:
        return Settled(row, PatientLink(before.person_id, "automatic", reason), asked, best, pairs)
    own = next((proposal for proposal in verdict.best if proposal.person == before.person_id), None)
    if own is not None and not own.conflicts:
        return Settled(row, before, asked, best, pairs)
    return Settled(row, PatientLink(row.new_person, "automatic", reason), "parted", own or best, pairs)


def ordered(a: PatientKey, b: PatientKey) -> tuple[PatientKey, PatientKey]:
    """A pair in the one order it is kept in."""
    return (a, b) if a < b else (b, a)


def _pairs(model: Model, row: Row, verdict: Verdict, own: UUID | None) -> tuple[Pair, ...]:
    """With whom a steward shall compare: the likeliest row of each person in doubt, but for the person they are.

    Of their own person only what speaks against being one is asked.
    """
    if verdict.outcome != "review":
        return ()
    doubtful = [proposal for proposal in verdict.best if proposal.person != own or proposal.conflicts]
    return tuple(
        Pair(*ordered(row.key, cast(PatientKey, proposal.source)), proposal, _priority(model, proposal))
        for proposal in doubtful[:MOST_PAIRS]
    )


def _priority(model: Model, proposal: Proposal) -> int:
    weight = proposal.comparison.weight
    return 1 if weight >= model.thresholds.automatic else 2 if weight >= WEIGHTY else 3
