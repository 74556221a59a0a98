"""The model: how often each level occurs in pairs of one person and of two persons, and the thresholds that decide.

A model's file is readable JSON with exactly the fields of `Parameters`.
"""

import os
from functools import cache
from math import log2
from pathlib import Path
from typing import Final

import msgspec

from trustmed.errors import Broken
from trustmed.matching.vocabulary import Field, FieldScore, Level

FILE_VARIABLE: Final = "TRUSTMED_MATCHING_MODEL"
PACKAGED: Final = "2026.1"
FOLDER: Final = Path(__file__).parent / "models"
_SHARE_OF_RARITY: Final = {Level.EXACT: 1.0, Level.VARIANT: 0.5, Level.ALIKE: 0.5}
_STRONGEST: Final = 24.0  # bits a level may weigh at most: no training set is large enough to prove more


class ModelBroken(Broken):
    """A model's file is absent, or it is not a model."""


class Rate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The shares (0 to 1) of pairs that have a level: `m` among pairs of one person, `u` among pairs of two."""

    m: float
    u: float


class Thresholds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Thresholds in bits. A weight of `automatic` links, one of `review` asks a person.

    `margin`: how far the best person must be ahead of the next. `contacts`: the most that phone and address weigh
    together. `echo`: the share of the lesser of these two that counts, for people who share one often share both.
    """

    automatic: float = 6.6
    review: float = -3.0
    margin: float = 4.0
    contacts: float = 9.0
    echo: float = 0.3


class Training(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a model was trained: on which source, when, with which seed, on how many records and pairs."""

    source: str
    date: str
    seed: int
    records: int
    pairs: int


class Parameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of a model. `persons`: how many the index is expected to hold; the prior is one in so many.

    `frequencies`: the shares of the commonest values; `rare`: the share of any other value.
    """

    version: str
    made: Training
    persons: int
    thresholds: Thresholds
    levels: dict[Field, dict[Level, Rate]]
    rare: dict[Field, float]
    frequencies: dict[Field, dict[str, float]]


class NameScores(msgspec.Struct, frozen=True):
    """The scores of a level of a field of names, by value; `others` is the score of all values that are not common."""

    by_value: dict[str, FieldScore]
    others: FieldScore


class Model(msgspec.Struct, frozen=True):
    """Parameters, and the scores that comparing looks up: by field and level, and by value for names.

    `named` has the levels that a rare name makes stronger: equality and the levels next to it.
    """

    parameters: Parameters
    prior: float
    scores: dict[Field, dict[Level, FieldScore]]
    named: dict[Field, dict[Level, NameScores]]

    @property
    def version(self) -> str:
        return self.parameters.version

    @property
    def thresholds(self) -> Thresholds:
        return self.parameters.thresholds


def compile_model(parameters: Parameters) -> Model:
    """Compute the scores of a model."""
    scores = {
        field: {level: FieldScore(field, level, _weight(rate)) for level, rate in levels.items()}
        for field, levels in parameters.levels.items()
    }
    for field in Field:
        by_level = scores.setdefault(field, {})
        for level in Level:
            silent = level in (Level.MISSING, Level.SHARED)  # they say nothing, whatever training counted
            if silent or level not in by_level:
                by_level[level] = FieldScore(field, level, 0.0)
    named = {field: _name_scores(parameters, field, scores[field]) for field in parameters.frequencies}
    return Model(parameters, -log2(max(parameters.persons, 2)), scores, named)


def _name_scores(parameters: Parameters, field: Field, scores: dict[Level, FieldScore]) -> dict[Level, NameScores]:
    """Add to a field's average score the bits of each value's rarity; a likeness gets `_SHARE_OF_RARITY` of them."""
    rate, rare, values = parameters.levels[field][Level.EXACT], parameters.rare[field], parameters.frequencies[field]
    found: dict[Level, NameScores] = {}
    for level, share in _SHARE_OF_RARITY.items():
        if level in scores and level in parameters.levels[field]:
            average = scores[level].weight

            def score_of(
                frequency: float, share: float = share, average: float = average, level: Level = level
            ) -> FieldScore:
                rarity = log2(rate.u / max(frequency, rare))
                return FieldScore(field, level, round(min(average + share * rarity, _STRONGEST), 2))

            found[level] = NameScores(
                {value: score_of(frequency) for value, frequency in values.items()}, score_of(rare)
            )
    return found


def resize_model(model: Model, persons: int) -> Model:
    """Return the model for an index of `persons`: the more there are, the less a likeness proves."""
    return msgspec.structs.replace(model, prior=-log2(max(persons, 2)))


def load_model(path: Path | None = None) -> Model:
    """Load the model of a file, by default of the packaged one. Raises ModelBroken."""
    path = path or FOLDER / f"{PACKAGED}.json"
    try:
        parameters = msgspec.json.decode(path.read_bytes(), type=Parameters)
    except OSError as error:
        raise ModelBroken(
            f"Модель сопоставления пациентов не читается: {path}: {error}. Верните файл или переустановите программу.",
            f"The patient matching model cannot be read: {path}: {error}. Restore the file or reinstall the program.",
        ) from error
    except msgspec.MsgspecError as error:
        raise _broken(path, str(error)) from error
    mistake = _find_mistake(parameters)
    if mistake:
        raise _broken(path, mistake)
    return compile_model(parameters)


def configured_model() -> Model:
    """Return the model that TRUSTMED_MATCHING_MODEL names, else the packaged one; read once. Raises ModelBroken."""
    return _loaded(os.environ.get(FILE_VARIABLE))


@cache
def _loaded(path: str | None) -> Model:
    return load_model(Path(path) if path else None)


def save_model(parameters: Parameters, path: Path) -> None:
    """Write a model's file with one level or name a line."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(parameters), indent=1) + b"\n")


def _find_mistake(parameters: Parameters) -> str | None:
    """Return what is wrong with the parameters, naming the field; None if they are a model."""
    if parameters.persons < 1:
        return "`$.persons`: must be at least 1"
    for field, levels in parameters.levels.items():
        for level, rate in levels.items():
            if not (0 < rate.m <= 1 and 0 < rate.u <= 1):
                return f"`$.levels.{field}.{level}`: m and u must be above 0 and at most 1"
    for field, values in parameters.frequencies.items():
        if Level.EXACT not in parameters.levels.get(field, {}):
            return f"`$.levels.{field}.exact`: needed because frequencies has {field}"
        if not 0 < parameters.rare.get(field, 0) <= 1:
            return f"`$.rare.{field}`: must be above 0 and at most 1"
        if any(not 0 < share <= 1 for share in values.values()):
            return f"`$.frequencies.{field}`: shares must be above 0 and at most 1"
    missing = [field for field in Field if field not in parameters.levels]
    return f"`$.levels.{missing[0]}`: absent" if missing else None


def _broken(path: Path, why: str) -> ModelBroken:
    return ModelBroken(
        f"Модель сопоставления пациентов испорчена: {path}: {why}. Верните прежний файл или обучите модель заново.",
        f"The patient matching model is broken: {path}: {why}. Restore the file or train the model anew.",
    )


def _weight(rate: Rate) -> float:
    return _bits(rate.m, rate.u)


def _bits(m: float, u: float) -> float:
    return round(max(-_STRONGEST, min(_STRONGEST, log2(m / u))), 2)
