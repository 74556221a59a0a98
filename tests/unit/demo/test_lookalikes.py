"""Pairs of cards the demo gives the stewards: some are asked about, some are linked in spite of their errors."""

from uuid import UUID

from trustmed.demo.content.lookalikes import lookalikes
from trustmed.matching.decide import Candidate, decide
from trustmed.matching.keys import deep_probes_of, keys_of, probes_of
from trustmed.matching.model import load_model, resize_model
from trustmed.matching.profile import profile_of
from trustmed.patient.identifiers import is_valid_enp, is_valid_snils

ASKED = {
    "twins",
    "child under the mother's СНИЛС",
    "newborn",
    "father and son of one name",
    "two СНИЛС",
    "little is known",
}
LINKED = {"maiden name", "another keyboard layout", "day and month in each other's place", "a slip in the surname"}


def test_every_case_is_asked_about_or_linked_as_intended() -> None:
    model = resize_model(load_model(), 100_000)
    ends = {}
    for case in lookalikes():
        (_, first), (_, second) = case.cards
        probes = {*probes_of(profile_of(second)), *deep_probes_of(profile_of(second))}
        assert probes & set(keys_of(profile_of(first))), f"{case.name}: never found"
        known = Candidate(UUID(int=1), "first", profile_of(first))
        ends[case.name] = decide(model, profile_of(second), [known]).outcome
    assert {name for name, outcome in ends.items() if outcome == "review"} == ASKED
    assert {name for name, outcome in ends.items() if outcome == "linked"} == LINKED


def test_cards_are_repeatable_and_their_numbers_pass_the_checks() -> None:
    assert lookalikes() == lookalikes()
    for case in lookalikes():
        for _, card in case.cards:
            assert card.snils is None or is_valid_snils(card.snils), case.name
            assert card.enp is None or is_valid_enp(card.enp), case.name
        assert len({place for place, _ in case.cards}) == 2, "two clinics"
