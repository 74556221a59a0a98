"""Weights from the region's own patients, without labels: a sample of profiles, and what their keys bring together."""

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
POPULATION: Final = 100_000
ASKED: Final = 8_000
LEAST: Final = 5_000
AT_ONCE: Final = 50


class TooFewPatients(InputRefused):
    """Weights of a handful of patients would be accidents."""

    def __init__(self, have: int) -> None:
        super().__init__(
            f"В индексе {have} пациентов, для обучения нужно не меньше {LEAST}. Пока действуют веса из поставки.",
            f"The index has {have} patients; training needs at least {LEAST}. The packaged weights stay in force.",
        )


def trained(connection: psycopg.Connection, version: str, seed: int) -> Model:
    """A model of the index's patients. Raises TooFewPatients, psycopg.Error."""
    population = _sample(connection, seed)
    if len(population) < LEAST:
        raise TooFewPatients(len(population))
    asked = random.Random(seed).sample(population, min(ASKED, len(population)))  # noqa: S311 repeatable, no secret
    pairs: list[tuple[Profile, Profile]] = []
    for start in range(0, len(asked), AT_ONCE):
        pairs += _pairs(connection, asked[start : start + AT_ONCE])
    row = connection.execute(QUERIES["about_how_many"]).fetchone()
    persons = max(row[0] if row else 0, len(population))
    made = Training("index", dt.datetime.now(dt.UTC).date().isoformat(), seed, len(population), len(pairs))
    return train(population, pairs, persons=persons, version=version, made=made)


def _sample(connection: psycopg.Connection, seed: int) -> list[Profile]:
    row = connection.execute(QUERIES["last_profile"]).fetchone()
    last = row[0] if row and row[0] else 0
    wanted = random.Random(seed).sample(range(1, last + 1), min(POPULATION, last))  # noqa: S311 repeatable, no secret
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
