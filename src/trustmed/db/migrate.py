"""The migration runner: brings one database to the schema its places need.

Several runners may start at once: one works, the others wait for it. A file is applied in one transaction or leaves
nothing. A runner stops if an applied file was edited, or if the journal has a file this program does not know.
"""

import time
from collections.abc import Callable, Iterable

import msgspec
import psycopg
from psycopg import sql
from psycopg.rows import class_row

from trustmed.errors import Broken, Unavailable
from trustmed.schema import Migration, Place, components_of, migrations_of

LOCK_KEY = 0x7472_7573_746D_6564  # "trustmed"
LOCK_SECONDS = 4  # a statement that waits for a table's lock blocks everybody who comes after it: better to fail
POLL_SECONDS = 0.1
JOURNAL = """
create table if not exists public.trustmed_migration (
    component text not null,
    number integer not null,
    name text not null,
    phase text not null,
    checksum text not null,
    applied_at timestamptz not null default clock_timestamp(),
    primary key (component, number)
);
grant select on public.trustmed_migration to trustmed_monitor
"""


class EditedMigration(Broken):
    """A file was edited after it had been applied."""


class SchemaNewer(Broken):
    """The database has migrations this program does not know."""


class MigrationFailed(Broken):
    """A file's SQL failed; a file that runs in a transaction left nothing behind."""


class MigrationBusy(Unavailable):
    """Another runner is migrating this database."""


class AppliedMigration(msgspec.Struct, frozen=True):
    """A row of the journal."""

    component: str
    number: int
    name: str
    phase: str
    checksum: str

    @property
    def title(self) -> str:
        return f"{self.component}/{self.number:04}_{self.phase}_{self.name}"


def migrations_for(places: frozenset[Place]) -> tuple[Migration, ...]:
    """Return every migration that a database of these places needs, in order."""
    return tuple(migration for component in components_of(places) for migration in migrations_of(component))


def applied_migrations(connection: psycopg.Connection) -> tuple[AppliedMigration, ...]:
    """Return the journal; empty for a database that was never migrated."""
    if connection.execute("select to_regclass('public.trustmed_migration')").fetchone() == (None,):
        return ()
    with connection.cursor(row_factory=class_row(AppliedMigration)) as cursor:
        cursor.execute(
            "select component, number, name, phase, checksum from public.trustmed_migration order by component, number"
        )
        return tuple(cursor.fetchall())


def pending_migrations(
    done: Iterable[AppliedMigration], files: Iterable[Migration], *, phases: Iterable[str] = ("pre", "post")
) -> tuple[Migration, ...]:
    """Return the files that are still to be applied, in order.

    Raises EditedMigration if an applied file was edited, SchemaNewer if the journal names a file that does not exist.
    """
    files = tuple(files)
    by_key = {(item.component, item.number): item for item in done}
    known = {(item.component, item.number) for item in files}
    for key, item in by_key.items():
        if key not in known:
            raise SchemaNewer(
                f"В базе применена миграция {item.title}, которой эта версия программы не знает. Обновите программу.",
                f"The database has migration {item.title}, which this version does not know. Upgrade the program.",
            )
    for migration in files:
        before = by_key.get((migration.component, migration.number))
        if before is not None and before.checksum != migration.checksum:
            raise EditedMigration(
                f"Файл {migration.title} изменён после применения. Верните его прежним и добавьте новый файл.",
                f"File {migration.title} was edited after it was applied. Restore it and add a new file.",
            )
    wanted_phases = set(phases)
    return tuple(
        migration
        for migration in files
        if (migration.component, migration.number) not in by_key and migration.phase in wanted_phases
    )


def migrate(
    connection: psycopg.Connection,
    places: frozenset[Place],
    *,
    phases: Iterable[str] = ("pre", "post"),
    on_applied: Callable[[Migration], None] = lambda _: None,
    wait_seconds: float = 60,
) -> tuple[Migration, ...]:
    """Apply the pending migrations and return them. `connection` is a superuser's, in autocommit mode."""
    _take_lock(connection, wait_seconds)
    try:
        connection.execute(JOURNAL)
        todo = pending_migrations(applied_migrations(connection), migrations_for(places), phases=phases)
        for migration in todo:
            _apply(connection, migration)
            on_applied(migration)
        return todo
    finally:
        if not connection.closed:  # a closed session has released the lock by itself
            connection.execute("select pg_advisory_unlock(%s)", (LOCK_KEY,))


def _apply(connection: psycopg.Connection, migration: Migration) -> None:
    try:
        if migration.transactional:
            with connection.transaction():
                connection.execute(f"set local lock_timeout = '{LOCK_SECONDS}s'".encode())
                connection.execute("set local role trustmed_owner")
                connection.execute(migration.sql.encode())
                connection.execute("reset role")
                _record(connection, migration)
        else:
            _apply_outside_transaction(connection, migration)
    except psycopg.Error as error:
        raise _migration_failed(migration, error) from error


def _apply_outside_transaction(connection: psycopg.Connection, migration: Migration) -> None:
    """Run a statement that PostgreSQL takes in no transaction. It may run twice, so the file says "if not exists"."""
    connection.execute("set role trustmed_owner")
    try:
        connection.execute(migration.sql.encode())
    finally:
        if not connection.closed:
            connection.execute("reset role")
    _record(connection, migration)


def _migration_failed(migration: Migration, error: psycopg.Error) -> MigrationFailed:
    if migration.transactional:
        ru, en = "База осталась прежней", "The database is as before"
    else:
        ru = "Файл идёт вне транзакции: посмотрите, не осталось ли недостроенного индекса"
        en = "The file runs outside a transaction: see whether an invalid index is left"
    return MigrationFailed(
        f"Миграция {migration.title} не применена: {error}. {ru}; исправьте причину и повторите.",
        f"Migration {migration.title} failed: {error}. {en}; mend the cause and run again.",
    )


def _record(connection: psycopg.Connection, migration: Migration) -> None:
    connection.execute(
        "insert into public.trustmed_migration (component, number, name, phase, checksum) values (%s, %s, %s, %s, %s)",
        (migration.component, migration.number, migration.name, migration.phase, migration.checksum),
    )


def _take_lock(connection: psycopg.Connection, wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    # Polled: a waiting pg_advisory_lock would hold a snapshot, and `create index concurrently` waits for snapshots.
    while connection.execute("select pg_try_advisory_lock(%s)", (LOCK_KEY,)).fetchone() != (True,):
        if time.monotonic() > deadline:
            raise MigrationBusy(
                "Другой процесс уже применяет миграции к этой базе. Дождитесь его окончания и повторите.",
                "Another process is migrating this database. Wait until it ends and run again.",
            )
        time.sleep(POLL_SECONDS)


def grant_creation(connection: psycopg.Connection) -> None:
    """Let the owner role create schemas in this database. Called once per database, before its first migration."""
    row = connection.execute("select current_database()").fetchone()
    if row is not None:
        connection.execute(sql.SQL("grant create on database {} to trustmed_owner").format(sql.Identifier(row[0])))
