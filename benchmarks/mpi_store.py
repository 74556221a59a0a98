"""The index in PostgreSQL: how fast a patient is matched and registered beside a million persons, and four.

The index is filled with a population whose persons are known (a load by COPY, as after a restore); what is measured is
the product's own code against it. A registration counts from the change feed's slot to the committed link.
"""

import asyncio
import datetime as dt
import multiprocessing
import os
import shutil
import struct
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import msgspec
import psycopg
from psycopg import AsyncConnection, sql

from benchmarks.harness import percentile
from benchmarks.population.queries import Query
from benchmarks.population.register import COLUMNS, blocks, people, profiles
from trustmed.db.migrate import grant_creation, migrate
from trustmed.embedded import cluster, postgres
from trustmed.embedded.cluster import PostgresServer
from trustmed.embedded.ports import free_ports
from trustmed.embedded.unprivileged import data_root
from trustmed.feed.feed import Source, run
from trustmed.hot.drops import HotRealms
from trustmed.matching.model import Model
from trustmed.programs.feed import EFFECTS
from trustmed.region.index.load import link_all_by_processes
from trustmed.region.persons.reading import match_card
from trustmed.schema import Place, roles_sql
from trustmed.topology.links import PublishedTable
from trustmed.topology.native.carried import published_sql
from trustmed.topology.watched import FEED_PUBLICATION, FEED_SLOT, WATCHED

PASSWORD = "bench"  # noqa: S105 a server that lives for the benchmark
CLINICS, NEW_CLINICS = 200, 20
SETTINGS = {
    "shared_buffers": "2GB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
    "maintenance_work_mem": "1GB",
}
TABLES = {
    "patient": ("organization_id", "id", *COLUMNS),
    "profile": ("number", "organization_id", "patient_id", "content", "keys"),
    "patient_link": ("organization_id", "patient_id", "person_id", "decision", "reason"),
}


class Store(msgspec.Struct, frozen=True):
    """`admin` and `feed` are connection strings to a database that is Place.MPI."""

    admin: str
    feed: str


@contextmanager
def store(folder: Path) -> Generator[Store]:
    """Run a server of its own with the index of this population while the block runs."""
    with empty_store() as made:
        with psycopg.connect(made.admin, autocommit=True) as connection:
            _fill(connection, made.admin, folder)
        yield made


@contextmanager
def empty_store() -> Generator[Store]:
    """Run a server of its own with an empty index while the block runs."""
    parent = Path(tempfile.mkdtemp(prefix="bench-mpi-"))
    server = PostgresServer("index", data_root(parent) / "index", free_ports(1)[0], settings=SETTINGS)
    cluster.initialise(server, PASSWORD)
    handle = postgres.start(server)
    try:
        admin = cluster.conninfo(server, user="postgres", password=PASSWORD)
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(roles_sql().encode())
            connection.execute(sql.SQL("alter role trustmed_feed password {}").format(PASSWORD))
            grant_creation(connection)
            migrate(connection, frozenset({Place.MPI}))
        yield Store(admin, cluster.conninfo(server, user="trustmed_feed", password=PASSWORD))
    finally:
        postgres.stop(handle, "immediate")
        shutil.rmtree(server.folder, ignore_errors=True)
        shutil.rmtree(parent, ignore_errors=True)


def load_per_s(folder: Path, share: float = 0.1) -> float:
    """Return patients a second of a first load (`trustmed mpi link`): every row matched against all before it."""
    names = blocks(folder)
    with empty_store() as made:
        with psycopg.connect(made.admin) as connection, connection.cursor() as cursor:
            for name in names[: max(1, round(len(names) * share))]:
                rows = ((_clinic(one.truth), _patient(one.truth), one.card) for one in people(folder, name))
                values = ((clinic, patient, *(getattr(card, c) for c in COLUMNS)) for clinic, patient, card in rows)
                _copy(cursor, "patient", TABLES["patient"], values)
        with psycopg.connect(made.admin, autocommit=True) as connection:
            connection.execute("vacuum analyze mpi.patient")
        began = time.monotonic()
        done = link_all_by_processes(made.feed, os.cpu_count() or 2)
        return done / (time.monotonic() - began)


def match_latencies(store: Store, model: Model, queries: Sequence[Query]) -> list[float]:
    """Return milliseconds of each dry run of the matcher, one after another on one connection."""
    return asyncio.run(_match_all(store, model, queries))


async def _match_all(store: Store, model: Model, queries: Sequence[Query]) -> list[float]:
    taken = []
    async with await AsyncConnection.connect(store.feed, autocommit=True) as connection:
        for query in queries[:500]:
            await match_card(connection, model, query.card)
        for query in queries:
            began = time.perf_counter()
            await match_card(connection, model, query.card)
            taken.append((time.perf_counter() - began) * 1000)
    return taken


def registrations_per_s(store: Store, queries: Sequence[Query]) -> float:
    """Return committed links a second, while the feed's program links clinics' rows that wait in its slot."""
    with psycopg.connect(store.admin, autocommit=True) as connection:
        _prepare_feed(connection)
        _run_feed_until(store, lambda: _is_position_known(connection))
        with connection.transaction(), connection.cursor() as cursor:
            cursor.executemany(
                f"insert into mpi.patient (organization_id, {', '.join(COLUMNS)})"  # noqa: S608 names of ours
                f" values (%(organization_id)s, {', '.join(f'%({name})s' for name in COLUMNS)})",
                [
                    {"organization_id": -1 - number % NEW_CLINICS} | msgspec.structs.asdict(query.card)
                    for number, query in enumerate(queries)
                ],
            )
        seen: list[tuple[float, int]] = []

        def done() -> bool:
            row = connection.execute("select count(*) from mpi.patient_link where organization_id < 0").fetchone()
            seen.append((time.perf_counter(), row[0] if row else 0))
            return seen[-1][1] >= len(queries)

        _run_feed_until(store, done)
    first = next(one for one in seen if one[1])
    return (seen[-1][1] - first[1]) / (seen[-1][0] - first[0])


def _run_feed_until(store: Store, done: Callable[[], bool]) -> None:
    """Run the feed as a process, as in production, until `done`."""
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_run_feed, args=(store.feed,), daemon=True)
    process.start()
    try:
        while not done():
            if not process.is_alive():
                raise RuntimeError("the feed has ended")
            time.sleep(0.1)
    finally:
        process.terminate()
        process.join()


def _run_feed(conninfo: str) -> None:
    effects = tuple(effect for effect in EFFECTS if effect.place is Place.MPI)
    run(Source("index", conninfo, frozenset({Place.MPI})), effects, HotRealms(None), threading.Event())


def _is_position_known(connection: psycopg.Connection) -> bool:
    row = connection.execute("select count(*) from feed.position").fetchone()
    return bool(row and row[0])


def _prepare_feed(connection: psycopg.Connection) -> None:
    """Make publication and slot as the topology does; the filled index counts as linked up to here."""
    tables = sql.SQL(", ").join(published_sql(connection, PublishedTable(name)) for name in WATCHED[Place.MPI])
    connection.execute(
        sql.SQL(
            "create publication {} for table {}"
            " with (publish = 'insert, update, delete', publish_via_partition_root = true)"
        ).format(sql.Identifier(FEED_PUBLICATION), tables)
    )
    connection.execute("select pg_create_logical_replication_slot(%s, 'pgoutput')", (FEED_SLOT,))


def _fill(connection: psycopg.Connection, admin: str, folder: Path) -> None:
    began = time.monotonic()
    connection.execute("alter table mpi.key drop constraint key_pkey")
    names = blocks(folder)
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        for number, done in enumerate([pool.submit(_fill_block, admin, folder, block) for block in names], 1):
            done.result()
            _progress("filling the index", number, len(names), began)
    connection.execute("alter table mpi.key add primary key (key, number)")
    connection.execute("select setval('mpi.profile_number', (select max(number) from mpi.profile))")
    connection.execute("vacuum analyze")


def _fill_block(admin: str, folder: Path, block: str) -> None:
    keys: dict[int, list[int]] = {}
    for key, truth in struct.iter_unpack("<qq", (folder / f"{block}.keys").read_bytes()):
        keys.setdefault(truth, []).append(key)
    cards = list(people(folder, block))
    packed = list(profiles(folder, block))
    with psycopg.connect(admin) as connection, connection.cursor() as cursor:
        _copy(cursor, "person", ("id",), ((_person(one.truth),) for one in cards))
        _copy(
            cursor,
            "patient",
            TABLES["patient"],
            (
                (_clinic(one.truth), _patient(one.truth), *(getattr(one.card, name) for name in COLUMNS))
                for one in cards
            ),
        )
        _copy(
            cursor,
            "profile",
            TABLES["profile"],
            (
                (one.truth + 1, _clinic(one.truth), _patient(one.truth), content, sorted(keys.get(one.truth, ())))
                for one, content in zip(cards, packed, strict=True)
            ),
        )
        _copy(cursor, "key", ("key", "number"), ((key, truth + 1) for truth, of in keys.items() for key in of))
        _copy(
            cursor,
            "patient_link",
            TABLES["patient_link"],
            ((_clinic(t), _patient(t), _person(t), "automatic", "load") for t in (one.truth for one in cards)),
        )


def _copy(cursor: psycopg.Cursor, table: str, columns: Sequence[str], rows: Iterable[tuple]) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    with cursor.copy(sql.SQL("copy mpi.{} ({}) from stdin").format(sql.Identifier(table), names)) as copy:
        for row in rows:
            copy.write_row(row)


def _clinic(truth: int) -> int:
    return 1 + truth % CLINICS


def _patient(truth: int) -> UUID:
    return UUID(int=(7 << 76) | (2 << 62) | truth)


def _person(truth: int) -> UUID:
    return UUID(int=truth + 1)


def latency_figures(taken: Sequence[float], size: str) -> dict[str, float]:
    return {f"match_p50_ms_{size}": percentile(taken, 0.5), f"match_p99_ms_{size}": percentile(taken, 0.99)}


def _progress(what: str, done: int, total: int, began: float) -> None:
    spent = dt.timedelta(seconds=round(time.monotonic() - began))
    print(f"\r{what}: {done} of {total} blocks, {spent}", end="" if done < total else "\n", flush=True, file=sys.stderr)
