"""A new person registered by several clinics at one moment becomes one person, even without an identifier."""

import threading
from uuid import UUID

import psycopg

from tests.integration.region.index.rows import connect_as_feed, link_patient, put_someone
from trustmed.demo.content.people import people

ROUNDS, CLINICS = 12, 4


def test_four_simultaneous_registrations_make_one_person_every_time(index: str) -> None:
    someone = people(17)
    newcomers = [next(someone) for _ in range(ROUNDS)]
    persons: list[set[UUID]] = [set() for _ in newcomers]
    failures: list[BaseException] = []
    start = threading.Barrier(CLINICS)

    def clinic(number: int) -> None:
        try:
            with psycopg.connect(index, autocommit=True) as admin, connect_as_feed(index) as connection:
                for newcomer, found in zip(newcomers, persons, strict=True):
                    key = put_someone(admin, number, newcomer, phone=newcomer.phone)
                    start.wait(30)
                    link = link_patient(connection, key)
                    assert link is not None
                    found.add(link.person_id)
        except BaseException as error:
            failures.append(error)
            start.abort()

    threads = [threading.Thread(target=clinic, args=(number,)) for number in range(CLINICS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not failures
    assert [len(found) for found in persons] == [1] * ROUNDS
    with psycopg.connect(index, autocommit=True) as admin:
        assert admin.execute("select count(*) from mpi.person").fetchone() == (ROUNDS,)
