"""Linking in the real index: simultaneous registrations, manual decisions, repeated runs."""

import random
import threading
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.integration.region.feed.conftest import register_patients
from tests.integration.region.index.rows import change, connect_as_feed, link_patient, put, put_someone
from trustmed.demo.content.people import people
from trustmed.region.index.link import link_patients
from trustmed.region.index.load import link_all
from trustmed.region.index.model import PatientKey

ROUNDS, CLINICS = 6, 8


def test_simultaneous_registrations_make_one_person(index: str) -> None:
    someone = people(7)
    newcomers = [next(someone) for _ in range(ROUNDS)]
    persons: list[set[UUID]] = [set() for _ in newcomers]
    start = threading.Barrier(CLINICS)

    def clinic(number: int) -> None:
        with psycopg.connect(index, autocommit=True) as admin, connect_as_feed(index) as connection:
            for newcomer, found in zip(newcomers, persons, strict=True):
                identifiers = {"snils": newcomer.snils} if number % 3 else {"enp": newcomer.enp}
                both = {"snils": newcomer.snils, "enp": newcomer.enp} if number % 3 == 2 else identifiers
                start.wait(60)
                link = link_patient(connection, put_someone(admin, number + 1, newcomer, **both))
                assert link is not None
                found.add(link.person_id)

    threads = [threading.Thread(target=clinic, args=(number,)) for number in range(CLINICS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [len(found) for found in persons] == [1] * ROUNDS


def test_concurrent_batches_over_the_same_people_make_one_person_of_each(index: str) -> None:
    with psycopg.connect(index, autocommit=True) as admin:
        keys = [PatientKey(clinic, one) for clinic in range(1, 5) for one in register_patients(admin, clinic, 60)]
        chance = random.Random(1)
        orders = [chance.sample(keys, len(keys)) for _ in range(6)]
        failures: list[BaseException] = []

        def batch(order: list[PatientKey]) -> None:
            try:
                with connect_as_feed(index) as connection:
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
    with psycopg.connect(index, autocommit=True) as admin:
        register_patients(admin, 1, 30)
        register_patients(admin, 2, 30)
        put(admin, 3)
        assert link_all(lambda: connect_as_feed(index), 2) == 61
        rows = "select xmin::text, l.* from mpi.patient_link l order by 2, 3"
        before = admin.execute(rows).fetchall()
        assert link_all(lambda: connect_as_feed(index), 2) == 61
        assert admin.execute(rows).fetchall() == before
        assert admin.execute("select count(*) from mpi.person").fetchone() == (31,)


def test_a_deleted_row_is_left_out(index: str) -> None:
    with connect_as_feed(index) as connection:
        assert link_patient(connection, PatientKey(1, uuid4())) is None


def test_a_manual_decision_outlives_automatic_linking(index: str) -> None:
    someone = next(people(3))
    with psycopg.connect(index, autocommit=True) as admin, connect_as_feed(index) as connection:
        first = link_patient(connection, put_someone(admin, 1, someone, snils=someone.snils))
        key = put(admin, 2, enp=someone.enp, surname="Другой", given_name="Игнат", birth_date="1950-01-02")
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
        third = link_patient(connection, put_someone(admin, 3, someone, enp=someone.enp))
        assert third is not None
        assert third.person_id == first.person_id, "known by the identifier of the patient merged by hand"


def find_person_by_snils(connection: psycopg.Connection, snils: str) -> UUID | None:
    row = connection.execute("select mpi.person_by_identifier('snils', %s)", (snils,)).fetchone()
    return row[0] if row else None


def test_a_freed_identifier_goes_to_the_person_who_waited_for_it(index: str) -> None:
    mothers, childs = (next(one for one in people(seed)).snils for seed in (11, 12))
    with psycopg.connect(index, autocommit=True) as admin, connect_as_feed(index) as connection:
        child = put(admin, 1, snils=mothers, given_name="Мария", birth_date="2020-01-01")
        mother = put(admin, 2, snils=mothers, given_name="Анна")
        before = link_patients(connection, [child, mother])
        assert find_person_by_snils(admin, mothers) == before[child].person_id
        change(admin, child, snils=childs)
        link_patient(connection, child)
        assert find_person_by_snils(admin, mothers) == before[mother].person_id, (
            "her documents are found by her number at once"
        )
        assert find_person_by_snils(admin, childs) == before[child].person_id


@pytest.mark.parametrize("mended", [0, 1])
def test_a_corrected_name_joins_patients_kept_apart(index: str, mended: int) -> None:
    snils = next(people(13)).snils
    names = [{"given_name": "Пётр", "birth_date": "1980-05-05"}, {"given_name": "Павел", "birth_date": "1991-01-01"}]
    with psycopg.connect(index, autocommit=True) as admin, connect_as_feed(index) as connection:
        keys = [put(admin, number, snils=snils, **columns) for number, columns in enumerate(names, 1)]
        assert len({link.person_id for link in link_patients(connection, keys).values()}) == 2
        change(admin, keys[mended], **names[1 - mended])
        link_patient(connection, keys[mended])
        persons = admin.execute("select distinct person_id from mpi.patient_link").fetchall()
        assert persons == [(find_person_by_snils(admin, snils),)]


def test_an_identifier_shared_by_a_crowd_does_not_stop_linking(index: str) -> None:
    snils = next(people(14)).snils
    with psycopg.connect(index, autocommit=True) as admin, connect_as_feed(index) as connection:
        keys = [
            put(admin, 1, snils=snils, given_name=f"И{number}", birth_date=f"{1500 + number}-01-01")
            for number in range(450)
        ]
        assert len(link_patients(connection, keys)) == 450
        assert link_patient(connection, keys[-1]) is not None
