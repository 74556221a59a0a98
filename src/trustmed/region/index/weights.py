"""Find the weights that the index decides by: the configured model, sized for the number of patients."""

import time
from typing import Final

import psycopg
from psycopg import AsyncConnection

from trustmed.db.queries import load
from trustmed.matching.model import Model, configured_model, resize_model

QUERIES = load(__package__)
FRESH_SECONDS: Final = 60.0
LEAST_PERSONS: Final = 100_000  # a small index grows: evidence too weak for a region is too weak for it as well

_sized: dict[str, tuple[float, Model]] = {}


def model_in_force(connection: psycopg.Connection) -> Model:
    """Return the model in force, sized for the index; the size is looked up once a minute. Raises ModelBroken."""
    name = f"{connection.info.host}:{connection.info.port}/{connection.info.dbname}"
    known = _sized.get(name)
    if known is not None and time.monotonic() - known[0] < FRESH_SECONDS:
        return known[1]
    row = connection.execute(QUERIES["about_how_many"]).fetchone()
    model = model_for_persons(row[0] if row else 0)
    _sized[name] = (time.monotonic(), model)
    return model


async def model_in_force_async(connection: AsyncConnection) -> Model:
    """Do what `model_in_force` does, on a connection of the web server and without remembering. Raises ModelBroken."""
    row = await (await connection.execute(QUERIES["about_how_many"])).fetchone()
    return model_for_persons(row[0] if row else 0)


def model_for_persons(persons: int) -> Model:
    """Return the model in force for an index of so many persons. Raises ModelBroken."""
    return resize_model(configured_model(), max(persons, LEAST_PERSONS))
