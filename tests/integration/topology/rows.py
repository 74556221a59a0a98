"""Add rows for links to carry, and wait for them."""

import time
from collections.abc import Callable
from uuid import UUID

import psycopg


def add_patient(clinic: psycopg.Connection, surname: str = "Петрова") -> UUID:
    row = clinic.execute(
        "insert into mpi.patient (organization_id, surname, given_name, birth_date, sex)"
        " values (101, %s, 'Анна', '1980-05-01', 2) returning id",
        (surname,),
    ).fetchone()
    assert row is not None
    return row[0]


def eventually(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait until it holds; the long timeout is for a busy machine and promises no speed."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.05)
