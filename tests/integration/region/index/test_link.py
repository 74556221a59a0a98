"""Linking in the real index: registrations at one moment, decisions by hand, the second time."""

import random
import threading
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.integration.region.feed.conftest import register
from trustmed.db.migrate import grant_creation, migrate
from trustmed.demo.people import people
from trustmed.region.index.link import link_all, link_patient, link_patients
from trustmed.region.index.model import PatientKey
from trustmed.schema import Place, roles_sql

ROUNDS, CLINICS = 6, 8


@pytest.fixture
def index(fresh_database: str) -> str:
    with psycopg.connect(fresh_database, autocommit=True) as connection:
        connection.execute(roles_sql().encode())
        grant_creation(connection)
        migrate(connection, frozenset({Place.MPI}))
    return fresh_database


def as_feed(conninfo: str) -> psycopg.Connection:
    """A session that has the feed's rights and no more."""
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


def test_registrations_at_one_moment_make_one_person(index: str) -> None:
    someone = people(7)
    newcomers = [next(someone) for _ in range(ROUNDS)]
    persons: list[set[UUID]] = [set() for _ in newcomers]
    start = threading.Barrier(CLINICS)

    def clinic(number: int) -> None:
        with psycopg.connect(index, autocommit=True) as admin, as_feed(index) as connection:
            for newcomer, found in zip(newcomers, persons, strict=True):
                identifiers = {"snils": newcomer.snils} if number % 3 else {"enp": newcomer.enp}
                both = {"snils": newcomer.snils, "enp": newcomer.enp} if number % 3 == 2 else identifiers
                start.wait(20)
                key = put(admin, number + 1, **both)
                link = link_patient(connection, key)
                assert link is not None
                if number % 3:
                    found.add(link.person_id)

    threads = [threading.Thread(target=clinic, args=(number,)) for number in range(CLINICS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [len(found) for found in persons] == [1] * ROUNDS


def test_twelve_batches_at_once_over_the_same_people_end_alike(index: str) -> None:
    with psycopg.connect(index, autocommit=True) as admin:
        keys = [PatientKey(clinic, one) for clinic in range(1, 5) for one in register(admin, clinic, 60)]
        chance = random.Random(1)
        orders = [chance.sample(keys, len(keys)) for _ in range(6)]
        failures: list[BaseException] = []

        def batch(order: list[PatientKey]) -> None:
            try:
                with as_feed(index) as connection:
                    for start in range(0, len(order), 50):
                        link_patients(connection, order[start : start + 50])
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=batch, args=(order,)) for order in orders]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert not failures
        counts = admin.execute(
            "select count(*), count(distinct person_id), (select count(*) from mpi.person) from mpi.patient_link"
        ).fetchone()
        assert counts == (240, 60, 60)


def test_linking_again_writes_nothing(index: str) -> None:
    with psycopg.connect(index, autocommit=True) as admin, as_feed(index) as connection:
        register(admin, 1, 30)
        register(admin, 2, 30)
        put(admin, 3)
        assert link_all(connection) == 61
        rows = "select xmin::text, l.* from mpi.patient_link l order by 2, 3"
        before = admin.execute(rows).fetchall()
        assert link_all(connection) == 61
        assert admin.execute(rows).fetchall() == before
        assert admin.execute("select count(*) from mpi.person").fetchone() == (31,)


def test_a_row_that_is_gone_is_left_out(index: str) -> None:
    with as_feed(index) as connection:
        assert link_patient(connection, PatientKey(1, uuid4())) is None


def test_a_decision_by_hand_outlives_the_automatic_one(index: str) -> None:
    someone = next(people(3))
    with psycopg.connect(index, autocommit=True) as admin, as_feed(index) as connection:
        first = link_patient(connection, put(admin, 1, snils=someone.snils))
        key = put(admin, 2, enp=someone.enp)
        other = link_patient(connection, key)
        assert first is not None
        assert other is not None
        assert first.person_id != other.person_id
        admin.execute(
            "update mpi.patient_link set person_id = %s, decision = 'manual', reason = 'Один человек'"
            " where organization_id = 2",
            (first.person_id,),
        )
        kept = link_patient(connection, key)
        assert kept is not None
        assert (kept.person_id, kept.decision) == (first.person_id, "manual")
        third = link_patient(connection, put(admin, 3, enp=someone.enp))
        assert third is not None
        assert third.person_id == first.person_id, "known by the identifier of the patient merged by hand"
