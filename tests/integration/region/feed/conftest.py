"""A database of the region as the feed finds it: schema, publication, slot and role; and patients to write into it."""

import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import LiteralString
from uuid import UUID

import msgspec
import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tests.fix_schema import MakeDatabase
from trustmed.demo.content.people import people
from trustmed.feed.effect import Effect
from trustmed.feed.feed import Source, run
from trustmed.hot.drops import HotRealms
from trustmed.programs.feed import EFFECTS
from trustmed.schema import Place
from trustmed.topology.links import PublishedTable
from trustmed.topology.native.carried import published_sql
from trustmed.topology.watched import FEED_PUBLICATION, FEED_SLOT, LEFT_OUT, WATCHED

PLACES = frozenset({Place.MPI, Place.REGISTRY})
PASSWORD = "feed's own"


class FeedStand(msgspec.Struct, frozen=True):
    """`admin` is the superuser's connection string, `source` the feed's."""

    admin: str
    source: Source

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(self.admin, autocommit=True)

    @contextmanager
    def feeding(self, effects: tuple[Effect, ...] = EFFECTS, hot: HotRealms | None = None) -> Generator[None]:
        """Run the feed in a thread while the block runs."""
        stop = threading.Event()
        thread = threading.Thread(target=run, args=(self.source, effects, hot or HotRealms(None), stop))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(60)
            assert not thread.is_alive()


def prepare_for_feed(admin: str, places: frozenset[Place] = PLACES) -> FeedStand:
    """Prepare the database of these places at `admin` for the feed to read."""
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("alter role trustmed_feed password {}").format(sql.Literal(PASSWORD)))
        make_publication(connection, places)
        make_slot(connection)
    conninfo = make_conninfo(admin, user="trustmed_feed", password=PASSWORD)
    return FeedStand(admin, Source("test", conninfo, places))


def make_publication(connection: psycopg.Connection, places: frozenset[Place] = PLACES) -> None:
    tables = sorted({table for place in places for table in WATCHED[place]})
    connection.execute(
        sql.SQL(
            "create publication {} for table {}"
            " with (publish = 'insert, update, delete', publish_via_partition_root = true)"
        ).format(
            sql.Identifier(FEED_PUBLICATION),
            sql.SQL(", ").join(
                published_sql(connection, PublishedTable(table, left_out=LEFT_OUT.get(table))) for table in tables
            ),
        )
    )


def make_slot(connection: psycopg.Connection) -> None:
    connection.execute("select pg_create_logical_replication_slot(%s, 'pgoutput')", (FEED_SLOT,))


def drop_slot(connection: psycopg.Connection) -> None:
    """Drop the database's slot if it has one: its reader has hung up, but a busy server may not have noticed yet."""
    connection.execute(
        "select pg_terminate_backend(active_pid, 60000) from pg_replication_slots"
        " where database = current_database() and active"
    )
    connection.execute(
        "select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = current_database()"
    )


@pytest.fixture
def shard(make_database: MakeDatabase) -> Iterator[FeedStand]:
    """A shard of the record."""
    yield from _drop_slot_after(prepare_for_feed(make_database(Place.RECORD), frozenset({Place.RECORD})))


@pytest.fixture
def stand(make_database: MakeDatabase) -> Iterator[FeedStand]:
    yield from _drop_slot_after(prepare_for_feed(make_database(*PLACES)))


def _drop_slot_after(made: FeedStand) -> Iterator[FeedStand]:
    yield made
    with made.connect() as connection:
        drop_slot(connection)


def register_patients(connection: psycopg.Connection, organization_id: int, count: int, seed: int = 1) -> list[UUID]:
    """Register the first `count` people of stream `seed`, each in a transaction of its own; return their ids."""
    made = []
    for someone, _ in zip(people(seed), range(count), strict=False):
        row = connection.execute(
            "insert into mpi.patient (organization_id, surname, given_name, birth_date, sex, snils, enp)"
            " values (%s, %s, %s, %s, %s, %s, %s) returning id",
            (
                organization_id,
                someone.surname,
                someone.given_name,
                someone.birth_date,
                someone.sex,
                someone.snils,
                someone.enp,
            ),
        ).fetchone()
        assert row is not None
        made.append(row[0])
    return made


def value(connection: psycopg.Connection, query: LiteralString, *values: object) -> object:
    row = connection.execute(query, values).fetchone()
    return row[0] if row else None
