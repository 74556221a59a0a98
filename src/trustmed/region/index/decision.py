"""Decide what follows from the matcher's verdict on a patient: whom they are linked to, what a steward is asked.

Only the patient at hand is ever moved. A human being's decision stands; an automatic link stands as long as nothing
speaks against it and no other person is clearly likelier.
"""

from collections.abc import Sequence
from typing import Literal, cast
from uuid import UUID

import msgspec

from trustmed.matching.decide import Proposal, Verdict
from trustmed.matching.model import Model
from trustmed.region.index.model import Member, PatientKey, PatientLink, Row

MOST_PAIRS = 3
WEIGHTY = 3.0  # bits: about the middle between the thresholds of review and of an automatic link

Kind = Literal["linked", "moved", "parted", "asked"]


class Pair(msgspec.Struct, frozen=True):
    """Two patients for a steward to compare, the lesser key first; `priority` 1 is the most urgent."""

    patient: PatientKey
    other: PatientKey
    proposal: Proposal
    priority: int


class LinkDecision(msgspec.Struct, frozen=True):
    """The link a patient is to have; `kind` is None if the link stays as it was, or if nobody resembles the patient."""

    row: Row
    link: PatientLink
    kind: Kind | None = None
    proposal: Proposal | None = None
    pairs: tuple[Pair, ...] = ()

    @property
    def former_person(self) -> UUID | None:
        """The person the patient leaves, if they leave one."""
        before = self.row.link
        return before.person_id if before is not None and before.person_id != self.link.person_id else None

    @property
    def is_new_person(self) -> bool:
        return self.link.person_id == self.row.new_person


def decide_link(model: Model, row: Row, verdict: Verdict, companions: Sequence[Member], reason: str) -> LinkDecision:
    """Decide whom the patient is linked to. `companions`: the other patients of the person they are linked to now."""
    before = row.link
    if before is not None and before.decision == "manual":
        return LinkDecision(row, before)
    pairs = _pairs(model, row, verdict, before.person_id if before is not None and companions else None)
    if verdict.outcome == "linked" and verdict.person is not None:
        kind: Kind | None = "linked" if before is None else "moved" if before.person_id != verdict.person else None
        return LinkDecision(row, PatientLink(verdict.person, "automatic", reason), kind, verdict.best[0], pairs)
    best = verdict.best[0] if verdict.best else None
    asked: Kind | None = "asked" if pairs else None
    if before is None:
        return LinkDecision(row, PatientLink(row.new_person, "automatic", reason), asked, best, pairs)
    if not companions:
        return LinkDecision(row, PatientLink(before.person_id, "automatic", reason), asked, best, pairs)
    own = next((proposal for proposal in verdict.best if proposal.person == before.person_id), None)
    if own is not None and not own.conflicts:
        return LinkDecision(row, before, asked, best, pairs)
    return LinkDecision(row, PatientLink(row.new_person, "automatic", reason), "parted", own or best, pairs)


def ordered_pair(a: PatientKey, b: PatientKey) -> tuple[PatientKey, PatientKey]:
    """Return the pair in the order in which pairs are stored."""
    return (a, b) if a < b else (b, a)


def _pairs(model: Model, row: Row, verdict: Verdict, own: UUID | None) -> tuple[Pair, ...]:
    """Return the pairs for a steward to compare: the patient and the likeliest row of each doubtful person.

    The patient's own person is asked about only if something speaks against their being one.
    """
    if verdict.outcome != "review":
        return ()
    doubtful = [proposal for proposal in verdict.best if proposal.person != own or proposal.conflicts]
    return tuple(
        Pair(*ordered_pair(row.key, cast(PatientKey, proposal.source)), proposal, _priority(model, proposal))
        for proposal in doubtful[:MOST_PAIRS]
    )


def _priority(model: Model, proposal: Proposal) -> int:
    weight = proposal.comparison.weight
    return 1 if weight >= model.thresholds.automatic else 2 if weight >= WEIGHTY else 3
