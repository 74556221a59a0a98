"""Copies that the feed drops: the list of a new document's person, and both lists when a patient's link moves."""

import asyncio
from uuid import UUID, uuid4

import psycopg

from tests.fix_servers import RunningValkey
from tests.integration.region.feed.conftest import FeedStand, register_patients, value
from tests.waiting import eventually
from trustmed.hot.copies import HotCopies
from trustmed.hot.drops import HotRealms
from trustmed.hot.protocol import realm
from trustmed.region.record.copies import DROP_RECORD, DROP_RECORD_SHARD, record_key
from trustmed.region.registry.copies import DROP_DOCUMENTS, documents_key

REALMS = [realm(DROP_DOCUMENTS, "test")]


def keep_copies(url: str, persons: list[UUID]) -> None:
    """Keep a copy for each of these persons, once the feed vouches for copies."""

    async def read() -> bytes:
        return b"list"

    async def fill() -> None:
        copies = HotCopies(url)
        for _ in range(100):
            for person in persons:
                await copies.fill(documents_key(person), read, REALMS)
            if all([await copies.get(documents_key(person), REALMS) for person in persons]):
                break
            await asyncio.sleep(0.1)
        await copies.close()

    asyncio.run(fill())
    assert have_copies(url, persons) == [True] * len(persons)


def have_copies(url: str, persons: list[UUID]) -> list[bool]:
    async def look() -> list[bool]:
        copies = HotCopies(url)
        found = [await copies.get(documents_key(person), REALMS) is not None for person in persons]
        await copies.close()
        return found

    return asyncio.run(look())


def add_document(connection: psycopg.Connection, organization_id: int, patient_id: UUID) -> None:
    connection.execute(
        "insert into registry.document (organization_id, set_id, patient_id, kind, title, author_id, author_name,"
        " author_position, created_at, signed_at, size_bytes, sha256, signature_count)"
        " values (%s, uuidv7(), %s, '119', 'Протокол', uuidv7(), 'Врач', 'терапевт', now(), now(), 1, sha256(''), 2)",
        (organization_id, patient_id),
    )


def test_a_new_document_and_a_moved_link_drop_the_lists_of_their_persons(
    stand: FeedStand, valkey_server: RunningValkey
) -> None:
    drops = HotRealms(valkey_server.url)
    with stand.connect() as connection, stand.feeding(hot=drops):
        patients = register_patients(connection, 1, 3)
        eventually(lambda: value(connection, "select count(*) from mpi.patient_link") == 3)
        links = dict(connection.execute("select patient_id, person_id from mpi.patient_link").fetchall())
        persons = [links[patient] for patient in patients]
        settled = "select min(lsn) > %s from feed.position where consumer = 'drop_hot_documents'"
        eventually(lambda: value(connection, "select count(*) from feed.position") == 3)
        mark = value(connection, "select pg_current_wal_lsn()")
        add_document(connection, 1, uuid4())
        eventually(lambda: bool(value(connection, settled, mark)))

        keep_copies(valkey_server.url, persons)
        add_document(connection, 1, patients[0])
        eventually(lambda: have_copies(valkey_server.url, persons) == [False, True, True])

        keep_copies(valkey_server.url, persons)
        connection.execute(
            "update mpi.patient_link set person_id = %s, decision = 'manual' where patient_id = %s",
            (persons[1], patients[2]),
        )
        eventually(lambda: have_copies(valkey_server.url, persons) == [True, False, False])

        keep_copies(valkey_server.url, persons)
        connection.execute("update mpi.patient_link set reason = 'seen' where patient_id = %s", (patients[2],))
        # The patient is of persons[1] since the update before.
        eventually(lambda: have_copies(valkey_server.url, persons) == [True, False, True])

        keep_copies(valkey_server.url, persons)
        connection.execute("alter table mpi.patient_link replica identity default")
        connection.execute("update mpi.patient_link set reason = 'again' where patient_id = %s", (patients[2],))
        # Without the old row nobody knows whose list it was, so all are dropped.
        eventually(lambda: have_copies(valkey_server.url, persons) == [False, False, False])
    drops.close()


class RecordCopy:
    """Copies of persons' summaries that these realms vouch for."""

    def __init__(self, url: str, realms: list[str]) -> None:
        self.url, self.realms = url, realms

    def exists(self, person: UUID) -> bool:
        async def look() -> bool:
            copies = HotCopies(self.url)
            found = await copies.get(record_key(person), self.realms)
            await copies.close()
            return found is not None

        return asyncio.run(look())

    def fill(self, person: UUID) -> bool:
        async def read() -> bytes:
            return b"summary"

        async def fill() -> None:
            copies = HotCopies(self.url)
            await copies.fill(record_key(person), read, self.realms)
            await copies.close()

        asyncio.run(fill())
        return self.exists(person)


def test_the_registrys_feed_drops_the_record_in_a_realm_of_its_own(
    stand: FeedStand, valkey_server: RunningValkey
) -> None:
    drops = HotRealms(valkey_server.url)
    kept = RecordCopy(valkey_server.url, [realm(DROP_RECORD, "test")])
    with stand.connect() as connection, stand.feeding(hot=drops):
        (patient,) = register_patients(connection, 1, 1)
        eventually(lambda: value(connection, "select count(*) from mpi.patient_link") == 1)
        person = value(connection, "select person_id from mpi.patient_link")
        assert isinstance(person, UUID)
        settled = "select min(lsn) > %s from feed.position where consumer = 'drop_hot_record'"
        mark = value(connection, "select pg_current_wal_lsn()")
        add_document(connection, 1, uuid4())
        eventually(lambda: bool(value(connection, settled, mark)))
        eventually(lambda: kept.fill(person))
        add_document(connection, 1, patient)
        eventually(lambda: not kept.exists(person))
    drops.close()


def test_a_visit_a_fact_or_a_link_on_a_shard_drops_the_record_of_its_person(
    shard: FeedStand, valkey_server: RunningValkey
) -> None:
    drops = HotRealms(valkey_server.url)
    kept = RecordCopy(valkey_server.url, [realm(DROP_RECORD_SHARD, "test")])
    patient, person, other = uuid4(), uuid4(), uuid4()
    changes = (
        "insert into record.visit (organization_id, patient_id, employee_id, doctor_name)"
        " values (1, %(patient)s, uuidv7(), 'x')",
        "update record.visit set closed_at = now() where patient_id = %(patient)s",
        "insert into record.fact (organization_id, document_id, ordinal, patient_id, kind, title, at)"
        " values (1, uuidv7(), 0, %(patient)s, 'vital', 'x', now())",
        "insert into mpi.patient_link (organization_id, patient_id, person_id, decision, reason)"
        " values (1, uuidv7(), %(person)s, 'automatic', 'snils')",
    )
    with shard.connect() as connection, shard.feeding(hot=drops):
        connection.execute(
            "insert into mpi.patient_link (organization_id, patient_id, person_id, decision, reason)"
            " values (1, %s, %s, 'automatic', 'snils')",
            (patient, person),
        )
        settled = "select min(lsn) > %s from feed.position where consumer = 'drop_hot_record_shard'"
        eventually(lambda: value(connection, settled, "0/0") is not None)
        for change in changes:
            mark = value(connection, "select pg_current_wal_lsn()")
            connection.execute("insert into mpi.patient_link values (2, uuidv7(), uuidv7(), 'automatic', 'x')")
            eventually(lambda mark=mark: bool(value(connection, settled, mark)))
            eventually(lambda: kept.fill(person) and kept.fill(other))
            connection.execute(change.encode(), {"patient": patient, "person": person})
            eventually(lambda: not kept.exists(person))
            assert kept.exists(other)
    drops.close()
