"""The migration runner: brings one database to the schema its places need.

Several may run at once (a try-lock is polled: a waiting pg_advisory_lock would hold a snapshot that
`create index concurrently` waits for). A file is applied in one transaction or leaves nothing; an applied file that
was edited, or history this program does not know, stops it.
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
    """An applied file differs from what was applied."""


class SchemaNewer(Broken):
    """The database has migrations this program does not know."""


class MigrationFailed(Broken):
    """A file's SQL failed; nothing of that file was kept."""


class MigrationBusy(Unavailable):
    """Another migrator holds the database."""


class Applied(msgspec.Struct, frozen=True):
    component: str
    number: int
    name: str
    phase: str
    checksum: str

    @property
    def title(self) -> str:
        return f"{self.component}/{self.number:04}_{self.phase}_{self.name}"


def wanted(places: frozenset[Place]) -> tuple[Migration, ...]:
    """Every migration a database of these places has, in order."""
    return tuple(migration for component in components_of(places) for migration in migrations_of(component))


def applied(connection: psycopg.Connection) -> tuple[Applied, ...]:
    """The journal; empty for a database never migrated."""
    if connection.execute("select to_regclass('public.trustmed_migration')").fetchone() == (None,):
        return ()
    with connection.cursor(row_factory=class_row(Applied)) as cursor:
        cursor.execute(
            "select component, number, name, phase, checksum from public.trustmed_migration order by component, number"
        )
        return tuple(cursor.fetchall())


def pending(
    done: Iterable[Applied], files: Iterable[Migration], *, phases: Iterable[str] = ("pre", "post")
) -> tuple[Migration, ...]:
    """The files yet to apply, in order.

    Raises EditedMigration where an applied file changed, SchemaNewer where the journal knows a file that is not there.
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
    """Apply what is pending; returns what was applied. `connection` is a superuser's, in autocommit."""
    _lock(connection, wait_seconds)
    try:
        connection.execute(JOURNAL)
        todo = pending(applied(connection), wanted(places), phases=phases)
        for migration in todo:
            _apply(connection, migration)
            on_applied(migration)
        return todo
    finally:
        if not connection.closed:  # the lock ended with its session
            connection.execute("select pg_advisory_unlock(%s)", (LOCK_KEY,))


def _apply(connection: psycopg.Connection, migration: Migration) -> None:
    try:
        if migration.transactional:
            with connection.transaction():
                connection.execute("set local lock_timeout = '4s'")
                connection.execute("set local role trustmed_owner")
                connection.execute(migration.sql.encode())
                connection.execute("reset role")
                _record(connection, migration)
        else:
            _apply_outside(connection, migration)
    except psycopg.Error as error:
        raise _failed(migration, error) from error


def _apply_outside(connection: psycopg.Connection, migration: Migration) -> None:
    """One statement that takes no transaction; it may be run again, so it says "if not exists"."""
    connection.execute("set role trustmed_owner")
    try:
        connection.execute(migration.sql.encode())
    finally:
        if not connection.closed:
            connection.execute("reset role")
    _record(connection, migration)


def _failed(migration: Migration, error: psycopg.Error) -> MigrationFailed:
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


def _lock(connection: psycopg.Connection, wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    while connection.execute("select pg_try_advisory_lock(%s)", (LOCK_KEY,)).fetchone() != (True,):
        if time.monotonic() > deadline:
            raise MigrationBusy(
                "Другой процесс уже применяет миграции к этой базе. Дождитесь его окончания и повторите.",
                "Another process is migrating this database. Wait until it ends and run again.",
            )
        time.sleep(0.1)


def grant_creation(connection: psycopg.Connection) -> None:
    """Let the owner role create schemas in this database (once per database, before the first migration)."""
    row = connection.execute("select current_database()").fetchone()
    if row is not None:
        connection.execute(sql.SQL("grant create on database {} to trustmed_owner").format(sql.Identifier(row[0])))
