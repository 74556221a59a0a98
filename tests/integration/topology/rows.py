"""Rows for links to carry."""

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
