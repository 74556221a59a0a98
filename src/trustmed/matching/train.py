"""Train a model without labels: estimate how often levels occur in pairs of one person and of two.

The rates of strangers are counted on random pairs. The rates of one person's records come from expectation-maximisation
over the pairs that keys bring together: there strangers' rates stay fixed, and kin and namesakes are classes of their
own, so that they do not pass for one person with many errors.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import exp, log
from typing import Final

from trustmed.matching.compare import levels
from trustmed.matching.model import Model, Parameters, Rate, Thresholds, Training, compile_model
from trustmed.matching.profile import Profile
from trustmed.matching.vocabulary import Field, Level

ROUNDS: Final = 25
RANDOM_PAIRS: Final = 300_000
_FIELDS: Final = tuple(Field)
_SNILS, _ENP = _FIELDS.index(Field.SNILS), _FIELDS.index(Field.ENP)
_SILENT: Final = frozenset({Level.MISSING, Level.SHARED})
_NAMED: Final = {
    Field.SURNAME: "surname",
    Field.GIVEN_NAME: "given",
    Field.PATRONYMIC: "father",
}
_MOST_VALUES: Final = 4000
_GUESS: Final = 0.5  # pairs added to every level that occurs: nothing is impossible
_KIN_AT_FIRST: Final = {
    Field.SURNAME: 0.7,
    Field.GIVEN_NAME: 0.1,
    Field.PATRONYMIC: 0.6,
    Field.BIRTH_DATE: 0.2,
    Field.SEX: 0.6,
    Field.PHONE: 0.5,
    Field.ADDRESS: 0.6,
}

_NAMESAKES_AT_FIRST: Final = {
    Field.SURNAME: 0.9,
    Field.GIVEN_NAME: 0.9,
    Field.PATRONYMIC: 0.9,
    Field.BIRTH_DATE: 0.01,
    Field.SEX: 0.99,
}
Rates = dict[Field, dict[Level, float]]


def train(
    population: Sequence[Profile],
    pairs: Iterable[tuple[Profile, Profile]],
    *,
    persons: int,
    version: str,
    made: Training,
    thresholds: Thresholds | None = None,
    random_pairs: int = RANDOM_PAIRS,
) -> Model:
    """Train a model for an index of `persons` on a sample of its profiles and on pairs that its keys bring together.

    A pair is a profile asked for and one found. `random_pairs`: on how many pairs strangers' rates are counted.
    """
    pairs = list(pairs)
    patterns = Counter(levels(a, b) for a, b in pairs)
    strangers = _rates_of_strangers([a for a, _ in pairs], population, made.seed, random_pairs)
    same = _rates_of_one_person(patterns, strangers)
    _cap_at_equality(same, strangers)
    rates = {
        field: {
            level: Rate(_rounded(same[field].get(level, 0.0)), _rounded(strangers[field].get(level, 0.0)))
            for level in Level
            if Level.EXACT in same[field] and (level in same[field] or level in strangers[field])
        }
        for field in _FIELDS
    }
    frequencies, rare = _frequencies([field for field in _NAMED if rates[field]], population)
    return compile_model(Parameters(version, made, persons, thresholds or Thresholds(), rates, rare, frequencies))


def _rates_of_strangers(asked: Sequence[Profile], population: Sequence[Profile], seed: int, count: int) -> Rates:
    """Count the rates of strangers on random pairs of a profile asked for and any other.

    Profiles asked for have a clerk's slips, which so occur among strangers as often as among the pairs.
    """
    chance = random.Random(seed)  # noqa: S311 a repeatable sample, no secret
    counts = {field: Counter[Level]() for field in _FIELDS}
    asked = list({id(one): one for one in asked}.values()) or population
    for _ in range(count):
        pattern = levels(chance.choice(asked), chance.choice(population))
        if pattern[_SNILS] is Level.EXACT or pattern[_ENP] is Level.EXACT:
            continue  # one person, met by chance
        for field, level in zip(_FIELDS, pattern, strict=True):
            counts[field][level] += 1
    return {field: _shares(counts[field]) for field in _FIELDS}


def _cap_at_equality(same: Rates, strangers: Rates) -> None:
    """Raise strangers' rates, too low for rare levels to be counted, so that no level proves more than equality."""
    for field, rates in same.items():
        if Level.EXACT in rates and Level.EXACT in strangers[field]:
            proof = rates[Level.EXACT] / strangers[field][Level.EXACT]
            for level, share in rates.items():
                strangers[field][level] = max(strangers[field].get(level, 0.0), share / proof)


def _rates_of_one_person(patterns: Counter[tuple[Level, ...]], strangers: Rates) -> Rates:
    """Return the rates among pairs of one person."""
    met = {field: {pattern[place] for pattern in patterns} for place, field in enumerate(_FIELDS)}
    learnt = [
        {field: _first_guess(met[field], guess.get(field, otherwise)) for field in _FIELDS}
        for guess, otherwise in (({}, 0.9), (_KIN_AT_FIRST, 0.01), (_NAMESAKES_AT_FIRST, 0.01))
    ]
    held = {field: {level: strangers[field].get(level, 1e-6) for level in met[field]} for field in _FIELDS}
    priors = [0.4, 0.2, 0.2, 0.2]  # one person, kin, namesakes, strangers
    for _ in range(ROUNDS):
        sums = [{field: defaultdict[Level, float](float) for field in _FIELDS} for _ in learnt]
        weights = [0.0] * len(priors)
        for pattern, count in patterns.items():
            shares = _responsibilities(pattern, (*learnt, held), priors)
            for which, share in enumerate(shares):
                weights[which] += share * count
            for total, share in zip(sums, shares, strict=False):
                for field, level in zip(_FIELDS, pattern, strict=True):
                    total[field][level] += share * count
        learnt = [{field: _shares(one[field]) for field in _FIELDS} for one in sums]
        priors = [max(weight / sum(weights), 1e-6) for weight in weights]
    return learnt[0]


def _responsibilities(pattern: tuple[Level, ...], classes: Sequence[Rates], priors: Sequence[float]) -> list[float]:
    logs = []
    for rates, prior in zip(classes, priors, strict=True):
        total = log(prior)
        for field, level in zip(_FIELDS, pattern, strict=True):
            if level not in _SILENT:
                total += log(rates[field].get(level) or 1e-9)
        logs.append(total)
    most = max(logs)
    parts = [exp(one - most) for one in logs]
    return [part / sum(parts) for part in parts]


def _first_guess(levels_met: set[Level], exact: float) -> dict[Level, float]:
    others = [level for level in levels_met if level is not Level.EXACT and level not in _SILENT]
    apart = [level for level in others if level in (Level.DIFFERS, Level.DIFFERS_WOMAN)]
    if exact >= 0.9:  # most of what is left is slips, not other values
        loads = {level: 0.1 if level in apart else 1.0 for level in others}
    else:
        loads = {level: 1.0 if level in apart else 0.1 for level in others}
    total = sum(loads.values()) or 1.0
    return {Level.EXACT: exact, **{level: (1 - exact) * load / total for level, load in loads.items()}}


def _shares(counts: Mapping[Level, float]) -> dict[Level, float]:
    """Return the shares of the levels that say something, none of them zero."""
    spoken = {level: count + _GUESS for level, count in counts.items() if level not in _SILENT}
    total = sum(spoken.values())
    return {level: count / total for level, count in spoken.items()}


def _rounded(share: float) -> float:
    return float(f"{max(share, 1e-7):.4g}")


def _frequencies(
    fields: Iterable[Field], population: Sequence[Profile]
) -> tuple[dict[Field, dict[str, float]], dict[Field, float]]:
    common: dict[Field, dict[str, float]] = {}
    rare: dict[Field, float] = {}
    for field in fields:
        counts = Counter(filter(None, (getattr(one, _NAMED[field]) for one in population)))
        total = sum(counts.values()) or 1
        most = [(value, count) for value, count in counts.most_common(_MOST_VALUES) if count > 2]
        common[field] = {value: _rounded(count / total) for value, count in most}
        left = total - sum(count for _, count in most)
        kinds = len(counts) - len(most)
        rare[field] = _rounded(max(left / total / max(kinds, 1), 1 / total) if kinds else 1 / total)
    return common, rare
