"""The feed and its server killed again and again under a stream of patients: nothing is lost, nothing duplicated."""

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from tests.fix_schema import create_migrated
from tests.fix_servers import RunningPostgres
from tests.integration.region.feed.conftest import (
    PLACES,
    FeedStand,
    prepare_for_feed,
    register_patients,
    value,
)
from tests.waiting import eventually
from trustmed.demo.content.people import people

SECONDS = 12.0
ENOUGH = 500
READER = """
import signal, sys, threading
from trustmed.programs.feed import EFFECTS
from trustmed.feed.feed import Source, run
from trustmed.hot.drops import HotRealms
from trustmed.schema import Place
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
run(Source("test", sys.argv[1], frozenset({Place.MPI, Place.REGISTRY})), EFFECTS, HotRealms(None), stop)
"""


class Stream:
    """Clinics that register patients and documents; what was acknowledged is counted."""

    def __init__(self, stand: FeedStand) -> None:
        self.stand = stand
        self.stop = threading.Event()
        self.patients: set[str] = set()
        self.failures = 0

    def run(self) -> None:
        someone = people(11)
        chance = random.Random(3)
        seen: list = []
        while not self.stop.is_set():
            try:
                with psycopg.connect(self.stand.admin, autocommit=True) as connection:
                    while not self.stop.is_set():
                        who = chance.choice(seen) if seen and chance.random() < 0.3 else next(someone)
                        seen.append(who)
                        self._register(connection, who, chance)
                        time.sleep(0.004)
            except psycopg.OperationalError:
                self.failures += 1
                time.sleep(0.05)

    def _register(self, connection: psycopg.Connection, who, chance: random.Random) -> None:
        organization_id, patient_id = chance.randrange(1, 9), uuid4()
        with connection.transaction():
            connection.execute(
                "insert into mpi.patient (organization_id, id, surname, given_name, birth_date, sex, snils, enp)"
                " values (%s, %s, %s, %s, %s, %s, %s, %s)",
                (
                    organization_id,
                    patient_id,
                    who.surname,
                    who.given_name,
                    who.birth_date,
                    who.sex,
                    who.snils,
                    who.enp,
                ),
            )
            connection.execute(
                "insert into registry.document (organization_id, set_id, patient_id, kind, title, author_id,"
                " author_name, author_position, created_at, signed_at, size_bytes, sha256, signature_count)"
                " values (%s, uuidv7(), %s, '119', 'Протокол', uuidv7(), 'Врач', 'терапевт', now(), now(), 1,"
                " sha256(''), 2)",
                (organization_id, patient_id),
            )
        self.patients.add(str(patient_id))


@pytest.mark.fault
def test_kills_neither_lose_nor_duplicate_anything(make_postgres: Callable[..., RunningPostgres]) -> None:
    server = make_postgres("feed", {"fsync": "off"})
    stand = prepare_for_feed(create_migrated(server, "feed", PLACES))
    stream = Stream(stand)
    writer = threading.Thread(target=stream.run)
    writer.start()
    kills, restarts, positions = 0, 0, []
    chance, until = random.Random(5), time.monotonic() + SECONDS
    while time.monotonic() < until or len(stream.patients) <= ENOUGH or not restarts:
        reader = _start_reader(stand)
        time.sleep(chance.uniform(0.4, 1.6))
        if chance.random() < 0.25:
            server.kill9()
            server.start()
            restarts += 1
            time.sleep(0.5)
        reader.kill()
        reader.wait()
        kills += 1
        positions += _find_positions(stand)
    stream.stop.set()
    writer.join(60)
    reader = _start_reader(stand)
    try:
        _check_all_linked(stand, stream.patients)
    finally:
        reader.terminate()
        assert reader.wait(60) == 0
    assert kills >= 5
    assert positions == sorted(positions)


def _start_reader(stand: FeedStand) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", READER, stand.source.conninfo], env=dict(os.environ), stdout=subprocess.DEVNULL
    )


def _find_positions(stand: FeedStand) -> list[int]:
    with suppress(psycopg.OperationalError), stand.connect() as connection:
        query = "select coalesce(min(lsn), '0/0') - '0/0'::pg_lsn from feed.position"
        found = value(connection, query)
        return [int(str(found))]
    return []


def _check_all_linked(stand: FeedStand, patients: set[str]) -> None:
    with stand.connect() as connection:

        def linked() -> set[str]:
            rows = connection.execute("select patient_id::text from mpi.patient_link")
            return {one for (one,) in rows}

        eventually(lambda: linked() >= patients)
        eventually(lambda: value(connection, "select min(lsn) from feed.position") is not None)
        doubled = value(
            connection,
            "select count(*) from (select p.snils from mpi.patient p"
            " join mpi.patient_link l on (l.organization_id, l.patient_id) = (p.organization_id, p.id)"
            " group by p.snils having count(distinct l.person_id) > 1) as parted",
        )
        assert doubled == 0
        persons = "select count(*) = (select count(distinct person_id) from mpi.patient_link) from mpi.person"
        assert value(connection, persons)
        assert value(connection, "select count(*) from feed.parked") == 0


def test_a_change_has_its_effect_only_when_it_is_visible(make_postgres: Callable[..., RunningPostgres]) -> None:
    """With a synchronous standby that does not answer, a commit is in the log and not yet to be seen."""
    server = make_postgres("feed", {"fsync": "off"})
    stand = prepare_for_feed(create_migrated(server, "feed", PLACES))
    with psycopg.connect(server.conninfo(), autocommit=True) as admin:
        admin.execute("alter role trustmed_feed set synchronous_commit = local")
        with stand.feeding(), stand.connect() as watching:
            reading = "select active from pg_replication_slots where slot_name = 'feed'"
            eventually(lambda: value(watching, reading) is True)
            _require_standby(admin, "nobody")
            clinic = threading.Thread(target=_register_somebody, args=(stand,))
            clinic.start()
            waiting = "select exists (select from pg_stat_activity where wait_event = 'SyncRep')"
            eventually(lambda: value(watching, waiting) is True)
            time.sleep(1)
            assert value(watching, "select count(*) from mpi.patient") == 0
            _require_standby(admin, "")
            clinic.join(60)
            eventually(lambda: value(watching, "select count(*) from mpi.patient_link") == 1)


def _require_standby(admin: psycopg.Connection, name: str) -> None:
    admin.execute(sql.SQL("alter system set synchronous_standby_names = {}").format(sql.Literal(name)))
    admin.execute("select pg_reload_conf()")


def _register_somebody(stand: FeedStand) -> None:
    with stand.connect() as connection:
        register_patients(connection, 1, 1)
