"""What follows from a verdict: which patients move, which stay, and what a steward is asked."""

import datetime as dt
from uuid import UUID, uuid4

import pytest

from trustmed.matching.card import Card
from trustmed.matching.decide import Proposal, Reason, Verdict
from trustmed.matching.profile import profile_of
from trustmed.matching.vocabulary import Comparison, Conflict
from trustmed.region.index.decision import LinkDecision, decide_link
from trustmed.region.index.model import Member, PatientKey, PatientLink, Row
from trustmed.region.index.weights import model_for_persons

MODEL = model_for_persons(0)
CARD = Card("Грачёва", "Ольга", dt.date(1951, 11, 2), 2)
ME, OTHER, THIRD = (PatientKey(1, UUID(int=number)) for number in (5, 3, 9))
HOME, AWAY, NEW = uuid4(), uuid4(), uuid4()


def row(link: PatientLink | None) -> Row:
    return Row(ME, CARD, "1", 1, None, (), link, NEW)


def proposal(person: UUID, source: PatientKey, weight: float, *conflicts: Conflict) -> Proposal:
    return Proposal(person, source, Comparison(weight, ()), conflicts)


def linked_verdict(*best: Proposal) -> Verdict:
    return Verdict("linked", best[0].person, best, None, (Reason.CERTAIN,))


def review_verdict(*best: Proposal) -> Verdict:
    return Verdict("review", None, best, None, (Reason.WEAK,))


NOBODY = Verdict("separate", None, (), None, (Reason.NOBODY,))


def decision(link: PatientLink | None, verdict: Verdict, *companions: PatientKey) -> LinkDecision:
    members = [Member(key, link.person_id, "automatic", profile_of(CARD)) for key in companions if link]
    return decide_link(MODEL, row(link), verdict, members, "почему")


AT_HOME = PatientLink(HOME, "automatic", "раньше")
BY_HAND = PatientLink(HOME, "manual", "решил человек")


@pytest.mark.parametrize(
    "verdict",
    [NOBODY, linked_verdict(proposal(AWAY, OTHER, 20)), review_verdict(proposal(AWAY, OTHER, 5))],
    ids=["n", "l", "r"],
)
def test_a_decision_by_hand_stands_and_nothing_is_asked(verdict: Verdict):
    found = decision(BY_HAND, verdict, OTHER)
    assert (found.link, found.kind, found.pairs) == (BY_HAND, None, ())


def test_a_new_patient_is_linked_to_the_person_found_or_to_a_new_one():
    assert decision(None, linked_verdict(proposal(AWAY, OTHER, 20))).link == PatientLink(AWAY, "automatic", "почему")
    assert decision(None, linked_verdict(proposal(AWAY, OTHER, 20))).kind == "linked"
    alone = decision(None, NOBODY)
    assert (alone.link.person_id, alone.kind, alone.is_new_person) == (NEW, None, True)


def test_a_doubtful_new_patient_gets_a_new_person_and_a_steward_is_asked():
    found = decision(None, review_verdict(proposal(AWAY, OTHER, 9, Conflict.OTHER_SNILS), proposal(HOME, THIRD, 1)))
    assert found.link.person_id == NEW
    assert [(pair.patient, pair.other, pair.priority) for pair in found.pairs] == [(OTHER, ME, 1), (ME, THIRD, 3)]
    assert found.kind == "asked"


def test_a_patient_surely_of_another_person_moves_to_that_person():
    found = decision(AT_HOME, linked_verdict(proposal(AWAY, OTHER, 20)), THIRD)
    assert (found.link.person_id, found.kind, found.former_person) == (AWAY, "moved", HOME)


def test_the_only_patient_of_a_person_stays_in_spite_of_doubts():
    found = decision(AT_HOME, review_verdict(proposal(AWAY, OTHER, 5)))
    assert (found.link.person_id, found.former_person) == (HOME, None)
    assert len(found.pairs) == 1


def test_a_patient_still_like_their_person_stays():
    found = decision(AT_HOME, review_verdict(proposal(HOME, OTHER, 2), proposal(AWAY, THIRD, 1)), OTHER)
    assert (found.link, found.former_person) == (AT_HOME, None)
    assert [pair.other for pair in found.pairs] == [THIRD], "one's own person is not asked about"


@pytest.mark.parametrize(
    "verdict", [NOBODY, review_verdict(proposal(HOME, OTHER, 9, Conflict.OTHER_SNILS))], ids=["n", "c"]
)
def test_a_patient_no_longer_like_their_person_parts_from_it(verdict: Verdict):
    found = decision(AT_HOME, verdict, OTHER)
    assert (found.link.person_id, found.kind, found.former_person) == (NEW, "parted", HOME)
    assert len(found.pairs) == len(verdict.best), "and is asked about if alike"
