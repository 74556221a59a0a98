"""How often the matcher is right, on queries with known truth: automatic links only.

`retrieve` finds the candidates, by the index in memory or by PostgreSQL's.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import msgspec

from benchmarks.mpi_memory import MemoryIndex, person
from benchmarks.population.queries import Query
from trustmed.matching.decide import Candidate, Verdict, decide
from trustmed.matching.model import Model, Training
from trustmed.matching.profile import Profile, profile_of
from trustmed.matching.train import train

Retrieve = Callable[[Profile, bool], list[Candidate]]
SAMPLE = 100_000  # profiles that frequencies and strangers' rates come from


class Score(msgspec.Struct, frozen=True):
    """Precision: the share of links that are right. Recall: the share of due links that were made. F1: their mean."""

    precision: float
    recall: float
    f1: float
    wrong: int


class Outcome(msgspec.Struct, frozen=True):
    """The result of a query. `found`: its person was among the candidates."""

    query: Query
    verdict: Verdict
    found: bool


def match(model: Model, profile: Profile, retrieve: Retrieve) -> tuple[Verdict, list[Candidate]]:
    """Match as the index does: by likely keys, then, unless that linked, with everybody of the birth date."""
    candidates = retrieve(profile, False)
    verdict = decide(model, profile, candidates)
    if verdict.outcome == "linked":
        return verdict, candidates
    deep = retrieve(profile, True)
    if not deep:
        return verdict, candidates
    everybody = list({one.source: one for one in (*candidates, *deep)}.values())
    return decide(model, profile, everybody), everybody


def run(model: Model, queries: Iterable[Query], retrieve: Retrieve) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for query in queries:
        verdict, candidates = match(model, profile_of(query.card), retrieve)
        found = query.truth is not None and any(one.source == query.truth for one in candidates)
        outcomes.append(Outcome(query, verdict, found))
    return outcomes


def score(links: Iterable[tuple[int | None, int | None]]) -> Score:
    """Score pairs of truth and link; None means that there is none."""
    right = wrong = wanted = 0
    for truth, linked in links:
        wanted += truth is not None
        if linked is not None:
            right += linked == truth
            wrong += linked != truth
    precision, recall = right / max(right + wrong, 1), right / max(wanted, 1)
    return Score(precision, recall, 2 * precision * recall / max(precision + recall, 1e-9), wrong)


def score_outcomes(outcomes: Sequence[Outcome]) -> Score:
    return score(
        (one.query.truth, None if one.verdict.person is None else one.verdict.person.int - 1) for one in outcomes
    )


def figures(outcomes: Sequence[Outcome], level: str) -> dict[str, float]:
    """Return the level's figures. `reviewed`: share left to a steward; `missed`: that neither linked nor proposed."""
    total = score_outcomes(outcomes)
    known = [one for one in outcomes if one.query.truth is not None]
    missed = sum(
        one.query.truth is not None and all(best.person != person(one.query.truth) for best in one.verdict.best)
        for one in known
    )
    return {
        f"f1_{level}": total.f1,
        f"precision_{level}": total.precision,
        f"recall_{level}": total.recall,
        f"false_links_{level}": total.wrong,
        f"reviewed_{level}": sum(one.verdict.outcome == "review" for one in outcomes) / len(outcomes),
        f"missed_{level}": missed / len(known),
        f"found_by_keys_{level}": sum(one.found for one in known) / len(known),
    }


def train_model(index: MemoryIndex, queries: Sequence[Query], made: Training, version: str) -> Model:
    """Train a model on queries and the profiles that their keys find, without looking at the truth."""
    step = max(1, len(index) // SAMPLE)
    population = [index.profile(truth) for truth in range(0, len(index), step)]
    pairs: list[tuple[Profile, Profile]] = []
    for query in queries:
        profile = profile_of(query.card)
        pairs += [(profile, one.profile) for one in index.retrieve(profile, False)]
    made = msgspec.structs.replace(made, records=len(population), pairs=len(pairs))
    return train(population, pairs, persons=len(index), version=version, made=made)


def mistakes(outcomes: Sequence[Outcome]) -> Counter[str]:
    """Count the wrong outcomes by kind of query."""
    counts: Counter[str] = Counter()
    for one in outcomes:
        truth = None if one.query.truth is None else person(one.query.truth)
        if one.verdict.person != truth:
            counts[f"{one.query.kind}: {one.verdict.outcome}"] += 1
    return counts
