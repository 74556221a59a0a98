"""Train weights on the region's own patients, without labels: on a sample of profiles and the pairs their keys find."""

import datetime as dt
import random
from collections.abc import Sequence
from typing import Final

import psycopg

from trustmed.db.arrays import array_literal
from trustmed.db.queries import load
from trustmed.errors import InputRefused
from trustmed.matching.keys import probes_of
from trustmed.matching.model import Model, Training
from trustmed.matching.profile import Profile, unpack
from trustmed.matching.train import train
from trustmed.region.index.candidates import find_rows

QUERIES = load(__package__)
MOST_SAMPLED: Final = 100_000
MOST_PAIRED: Final = 8_000
"""Profiles of the sample whose pairs are looked for."""
LEAST_PATIENTS: Final = 5_000
BATCH: Final = 50


class TooFewPatients(InputRefused):
    """The index has too few patients: weights trained on them would be accidental."""

    def __init__(self, have: int) -> None:
        super().__init__(
            f"В индексе {have} пациентов, для обучения нужно не меньше {LEAST_PATIENTS}. "
            "Пока действуют веса из поставки.",
            f"The index has {have} patients; training needs at least {LEAST_PATIENTS}. "
            "The packaged weights stay in force.",
        )


def train_on_index(connection: psycopg.Connection, version: str, seed: int) -> Model:
    """Return a model trained on the index's patients. Raises TooFewPatients, psycopg.Error."""
    population = _sample(connection, seed)
    if len(population) < LEAST_PATIENTS:
        raise TooFewPatients(len(population))
    asked = random.Random(seed).sample(population, min(MOST_PAIRED, len(population)))  # noqa: S311 repeatable, no secret
    pairs: list[tuple[Profile, Profile]] = []
    for start in range(0, len(asked), BATCH):
        pairs += _pairs(connection, asked[start : start + BATCH])
    row = connection.execute(QUERIES["about_how_many"]).fetchone()
    persons = max(row[0] if row else 0, len(population))
    made = Training("index", dt.datetime.now(dt.UTC).date().isoformat(), seed, len(population), len(pairs))
    return train(population, pairs, persons=persons, version=version, made=made)


def _sample(connection: psycopg.Connection, seed: int) -> list[Profile]:
    row = connection.execute(QUERIES["last_profile"]).fetchone()
    last = row[0] if row and row[0] else 0
    wanted = random.Random(seed).sample(range(1, last + 1), min(MOST_SAMPLED, last))  # noqa: S311 repeatable, no secret
    rows = connection.execute(QUERIES["profiles"], {"numbers": array_literal(wanted)})
    return [unpack(content) for (content,) in rows]


def _pairs(connection: psycopg.Connection, asked: Sequence[Profile]) -> list[tuple[Profile, Profile]]:
    probes = {profile: probes_of(profile) for profile in asked}
    found = find_rows(connection, (key for keys in probes.values() for key in keys))
    return [
        (profile, candidate.profile)
        for profile, keys in probes.items()
        for candidate in found.candidates(keys)
        if candidate.profile != profile
    ]
