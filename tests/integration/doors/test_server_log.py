"""PostgreSQL's own log: errors of the programs' statements quote rows, so they stay out of it."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.fix_site import SiteStand
from tests.waiting import eventually
from trustmed.schema import Place

MARK = "99887766554"


def test_the_servers_log_holds_nothing_of_a_statement_that_failed(site_stands: Callable[[str], SiteStand]):
    site = site_stands("together")
    insert = (
        "insert into mpi.patient (organization_id, surname, given_name, birth_date, sex, snils)"
        " values (%s, %s, %s, %s, %s, %s)"
    )
    with psycopg.connect(site.conninfo(Place.SITE, "trustmed_clinic"), autocommit=True) as connection:
        for row in ((101, MARK, "Я", MARK, 1, None), (101, MARK, "Я", "1980-01-01", None, MARK)):
            with pytest.raises(psycopg.DatabaseError):
                connection.execute(insert, row)
        with pytest.raises(psycopg.DatabaseError):
            connection.execute(f"select '{MARK}'::date")
    stranger = f"nobody_{MARK[::-1]}"
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(site.conninfo(Place.SITE, stranger))
    eventually(lambda: stranger in log_of(site.running.server.log))
    assert MARK not in log_of(site.running.server.log)


def log_of(folder: Path) -> str:
    return "".join(path.read_text("utf-8") for path in folder.glob("*.json"))
