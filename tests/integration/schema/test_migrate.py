"""The migration runner: simultaneous runs, edited history, failing files."""

import threading

import psycopg
import pytest

from trustmed.db import migrate as runner
from trustmed.db.migrate import (
    EditedMigration,
    MigrationFailed,
    SchemaNewer,
    applied_migrations,
    grant_creation,
    migrate,
    pending_migrations,
)
from trustmed.schema import Migration, Place, roles_sql

PLACES = frozenset({Place.MPI})


@pytest.fixture
def database(fresh_database: str) -> str:
    with psycopg.connect(fresh_database, autocommit=True) as connection:
        connection.execute(roles_sql().encode())
        grant_creation(connection)
    return fresh_database


def test_four_simultaneous_runs_apply_each_migration_once(database: str) -> None:
    done: list[int] = []

    def run() -> None:
        with psycopg.connect(database, autocommit=True) as connection:
            done.append(len(migrate(connection, PLACES)))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [0, 0, 0, len(runner.migrations_for(PLACES))]


def test_a_second_run_changes_nothing(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        assert migrate(connection, PLACES)
        assert migrate(connection, PLACES) == ()


def test_an_edited_migration_is_named(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        migrate(connection, PLACES)
        connection.execute("update public.trustmed_migration set checksum = 'x' where component = 'mpi.index'")
        with pytest.raises(EditedMigration, match=r"mpi\.index/0001"):
            migrate(connection, PLACES)


def test_an_unknown_applied_migration_means_a_newer_schema(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        migrate(connection, PLACES)
        connection.execute(
            "insert into public.trustmed_migration (component, number, name, phase, checksum)"
            " values ('mpi.index', 9999, 'later', 'pre', 'x')"
        )
        with pytest.raises(SchemaNewer, match="9999_pre_later"):
            migrate(connection, PLACES)


def test_a_failing_migration_leaves_nothing_behind(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    files = (
        Migration("x", 1, "pre", "good", "create schema good;", "a"),
        Migration("x", 2, "pre", "bad", "create schema half; select 1 / 0;", "b"),
    )
    monkeypatch.setattr(runner, "migrations_for", lambda _: files)
    with psycopg.connect(database, autocommit=True) as connection:
        with pytest.raises(MigrationFailed, match="0002_pre_bad"):
            migrate(connection, PLACES)
        assert [item.name for item in applied_migrations(connection)] == ["good"]
        assert connection.execute("select to_regnamespace('half')").fetchone() == (None,)
        assert connection.execute("select pg_try_advisory_lock(%s)", (runner.LOCK_KEY,)).fetchone() == (True,)


def test_a_migration_outside_transactions_makes_things_of_the_owner_and_may_fail_half_done(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The owner owns what it makes all the same, and its failure does not claim that nothing was kept."""
    good = Migration("x", 1, "pre", "good", "-- outside-transaction\ncreate schema made;", "a")
    bad = Migration("x", 2, "pre", "bad", "-- outside-transaction\nselect 1 / 0;", "b")
    monkeypatch.setattr(runner, "migrations_for", lambda _: (good, bad))
    with psycopg.connect(database, autocommit=True) as connection:
        with pytest.raises(MigrationFailed, match="outside a transaction"):
            migrate(connection, PLACES)
        assert [item.name for item in applied_migrations(connection)] == ["good"]
        owner = connection.execute("select nspowner::regrole::text from pg_namespace where nspname = 'made'")
        assert owner.fetchone() == ("trustmed_owner",)
        assert connection.execute("select current_user").fetchone() == ("postgres",)


def test_pending_migrations_are_chosen_by_phase() -> None:
    files = (
        Migration("x", 1, "pre", "add", "select 1", "a"),
        Migration("x", 2, "post", "remove", "select 1", "b"),
        Migration("x", 3, "pre", "more", "select 1", "c"),
    )
    assert [item.name for item in pending_migrations((), files, phases=("pre",))] == ["add", "more"]
    assert [item.name for item in pending_migrations((), files, phases=("post",))] == ["remove"]
