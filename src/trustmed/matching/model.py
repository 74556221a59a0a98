"""The model: how often each level is met among pairs of one person and of two, and the thresholds that decide.

The file of a model is readable JSON with exactly the fields of `Parameters`.
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
_STRONGEST: Final = 24.0  # bits a single level may weigh: rarer than this no training set can tell


class ModelBroken(Broken):
    """A model's file is absent or is not a model."""


class Rate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Shares (0 to 1) of pairs on this level: `m` among pairs of one person, `u` among pairs of two."""

    m: float
    u: float


class Thresholds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """In bits. `margin`: how far ahead of the next person. `contacts`: the most that phone and address weigh together.

    `echo`: the share of the lesser of phone and address that counts, as who shares one tends to share the other.
    """

    automatic: float = 6.6
    review: float = -3.0
    margin: float = 4.0
    contacts: float = 9.0
    echo: float = 0.3


class Made(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the model was trained: on what, when, with which seed and on how many records and pairs."""

    source: str
    date: str
    seed: int
    records: int
    pairs: int


class Parameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of a model. `persons`: how many the index is expected to hold; the prior is one of them.

    `frequencies`: shares of the commonest values; `rare`: the share to take for a value not among them.
    """

    version: str
    made: Made
    persons: int
    thresholds: Thresholds
    levels: dict[Field, dict[Level, Rate]]
    rare: dict[Field, float]
    frequencies: dict[Field, dict[str, float]]


class Names(msgspec.Struct, frozen=True):
    """What agreement on a level weighs by value, for a field of names. `others`: of values that are not common."""

    by_value: dict[str, FieldScore]
    others: FieldScore


class Model(msgspec.Struct, frozen=True):
    """Parameters and what comparing looks up: ready scores by field and level, and by value where that tells.

    `named` has the levels that a rare name makes stronger: equality, and the likenesses near to it.
    """

    parameters: Parameters
    prior: float
    scores: dict[Field, dict[Level, FieldScore]]
    named: dict[Field, dict[Level, Names]]

    @property
    def version(self) -> str:
        return self.parameters.version

    @property
    def thresholds(self) -> Thresholds:
        return self.parameters.thresholds


def compiled(parameters: Parameters) -> Model:
    """The model of these parameters."""
    scores = {
        field: {level: FieldScore(field, level, _weight(rate)) for level, rate in levels.items()}
        for field, levels in parameters.levels.items()
    }
    for field in Field:
        by_level = scores.setdefault(field, {})
        for level in Level:
            silent = level in (Level.MISSING, Level.SHARED)
            if silent or level not in by_level:
                by_level[level] = FieldScore(field, level, 0.0)
    named = {field: _names(parameters, field, scores[field]) for field in parameters.frequencies}
    return Model(parameters, -log2(max(parameters.persons, 2)), scores, named)


def _names(parameters: Parameters, field: Field, scores: dict[Level, FieldScore]) -> dict[Level, Names]:
    """How many bits a value's rarity adds to its field's average; likenesses have `_SHARE_OF_RARITY` of that."""
    rate, rare, values = parameters.levels[field][Level.EXACT], parameters.rare[field], parameters.frequencies[field]
    found: dict[Level, Names] = {}
    for level, share in _SHARE_OF_RARITY.items():
        if level in scores and level in parameters.levels[field]:
            average = scores[level].weight

            def of(
                frequency: float, share: float = share, average: float = average, level: Level = level
            ) -> FieldScore:
                rarity = log2(rate.u / max(frequency, rare))
                return FieldScore(field, level, round(min(average + share * rarity, _STRONGEST), 2))

            found[level] = Names({value: of(frequency) for value, frequency in values.items()}, of(rare))
    return found


def sized(model: Model, persons: int) -> Model:
    """The same model for an index of so many persons: the more there are, the less a likeness proves."""
    return msgspec.structs.replace(model, prior=-log2(max(persons, 2)))


def load_model(path: Path | None = None) -> Model:
    """The model of a file; of the packaged one by default. Raises ModelBroken."""
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
    wrong = _wrong(parameters)
    if wrong:
        raise _broken(path, wrong)
    return compiled(parameters)


def in_force() -> Model:
    """The model that TRUSTMED_MATCHING_MODEL names, read once; else the packaged one. Raises ModelBroken."""
    return _loaded(os.environ.get(FILE_VARIABLE))


@cache
def _loaded(path: str | None) -> Model:
    return load_model(Path(path) if path else None)


def save_model(parameters: Parameters, path: Path) -> None:
    """Write the model's file, one level or name a line."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(parameters), indent=1) + b"\n")


def _wrong(parameters: Parameters) -> str | None:
    """What makes these parameters no model, naming the field; None if nothing."""
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
