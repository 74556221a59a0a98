"""Patients of clinics that tests of the index put and change, and a session with the feed's rights."""

import psycopg
from psycopg import sql

from trustmed.demo.content.people import Someone
from trustmed.region.index.link import link_patients
from trustmed.region.index.model import PatientKey, PatientLink


def connect_as_feed(conninfo: str) -> psycopg.Connection:
    """Open a session that has the feed's rights and no more."""
    connection = psycopg.connect(conninfo, autocommit=True)
    connection.execute("set role trustmed_feed")
    return connection


def put(connection: psycopg.Connection, organization_id: int, **columns: object) -> PatientKey:
    values = {"surname": "Иванов", "given_name": "Пётр", "birth_date": "1980-05-05", "snils": None, "enp": None}
    row = connection.execute(
        "insert into mpi.patient (organization_id, surname, given_name, birth_date, sex, snils, enp)"
        " values (%(organization_id)s, %(surname)s, %(given_name)s, %(birth_date)s, 1, %(snils)s, %(enp)s)"
        " returning organization_id, id",
        {**values, **columns, "organization_id": organization_id},
    ).fetchone()
    assert row is not None
    return PatientKey(*row)


def put_someone(
    connection: psycopg.Connection, organization_id: int, someone: Someone, **columns: object
) -> PatientKey:
    """Put a patient with the person's name and birth date and, of the rest, only the given columns."""
    names = {name: getattr(someone, name) for name in ("surname", "given_name", "birth_date")}
    return put(connection, organization_id, **{**names, **columns})


def change(connection: psycopg.Connection, key: PatientKey, **columns: object) -> None:
    for name, value in columns.items():
        connection.execute(
            sql.SQL("update mpi.patient set {} = %s where organization_id = %s and id = %s").format(
                sql.Identifier(name)
            ),
            (value, key.organization_id, key.id),
        )


def link_patient(connection: psycopg.Connection, key: PatientKey) -> PatientLink | None:
    """Link one patient; None if there is no such row."""
    return link_patients(connection, [key]).get(key)
