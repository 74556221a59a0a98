"""The weights a database's index decides by: those in force, for as many patients as it has."""

import time
from typing import Final

import psycopg
from psycopg import AsyncConnection

from trustmed.db.queries import load
from trustmed.matching.model import Model, configured_model, resize_model

QUERIES = load(__package__)
FRESH_SECONDS: Final = 60.0
LEAST_PERSONS: Final = 100_000  # a small index grows: what proves little in a region proves little here as well

_sized: dict[str, tuple[float, Model]] = {}


def weights(connection: psycopg.Connection) -> Model:
    """Return the model in force, sized for the index, whose size is looked up once a minute. Raises ModelBroken."""
    name = f"{connection.info.host}:{connection.info.port}/{connection.info.dbname}"
    known = _sized.get(name)
    if known is not None and time.monotonic() - known[0] < FRESH_SECONDS:
        return known[1]
    row = connection.execute(QUERIES["about_how_many"]).fetchone()
    model = for_persons(row[0] if row else 0)
    _sized[name] = (time.monotonic(), model)
    return model


async def model_in_force(connection: AsyncConnection) -> Model:
    """The same for one who reads the index by a connection of the web's. Raises ModelBroken."""
    row = await (await connection.execute(QUERIES["about_how_many"])).fetchone()
    return for_persons(row[0] if row else 0)


def for_persons(persons: int) -> Model:
    """The model in force for an index of so many patients. Raises ModelBroken."""
    return resize_model(configured_model(), max(persons, LEAST_PERSONS))
