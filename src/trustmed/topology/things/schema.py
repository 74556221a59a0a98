"""The schema of a database: the files that add to it and those that remove from it, as far as they are not applied."""

from collections.abc import Iterator
from typing import ClassVar, Self

from trustmed.db.migrate import SchemaNewer, applied_migrations, migrate, migrations_for, pending_migrations
from trustmed.schema import Place
from trustmed.topology.things.base import Key, Reader, Session, Thing, Wish


class SchemaFiles(Thing, frozen=True, kw_only=True):
    """Files of some phases. `pending`: not applied yet. `unknown`: the schema is newer than this program."""

    phases: ClassVar[tuple[str, ...]] = ()
    names: ClassVar[tuple[str, str]] = ("", "")
    database: str
    places: tuple[Place, ...]
    pending: tuple[str, ...] = ()
    unknown: bool = False

    @property
    def key(self) -> Key:
        return (type(self).__name__, self.server, self.database)

    def noun(self, language: str) -> str:
        ru, en = self.names
        where = f"{self.database}, {self.server}"
        return f"{en} of {where}" if language == "en" else f"{ru} базы {where}"

    def difference(self, before: Self, language: str) -> str:
        if before.unknown:
            return "newer than this program" if language == "en" else "новее этой программы"
        return ", ".join(before.pending)

    def make(self, session: Session) -> None:
        migrate(session.at(self.server, self.database), frozenset(self.places), phases=self.phases)

    def change(self, session: Session, before: Self) -> None:
        self.make(session)

    @classmethod
    def read(cls, reader: Reader) -> Iterator[Self]:
        for database in reader.databases:
            done = applied_migrations(reader.at(database.name))
            todo: tuple[str, ...] = ()
            unknown = False
            try:
                left = pending_migrations(done, migrations_for(database.places), phases=cls.phases)
                todo = tuple(migration.title for migration in left)
            except SchemaNewer:
                unknown = True
            if done or cls.last:
                places = tuple(sorted(database.places))
                yield cls(server=database.server, database=database.name, places=places, pending=todo, unknown=unknown)

    @classmethod
    def wanted(cls, wish: Wish, site: str | None) -> Iterator[Self]:
        for database in wish.databases(site):
            thing = cls(server=database.server, database=database.name, places=tuple(sorted(database.places)))
            # A new database has nothing to remove.
            if not cls.last or thing.key in wish.present:
                yield thing


class Additions(SchemaFiles, frozen=True, kw_only=True):
    """Files that add to the schema: at the region before the sites, and before any link is made or renewed."""

    phases = ("pre",)
    names = ("схема", "schema")

    def make(self, session: Session) -> None:
        # A new database takes all files in order: an addition may rely on a removal before it.
        phases = self.phases if applied_migrations(session.at(self.server, self.database)) else ("pre", "post")
        migrate(session.at(self.server, self.database), frozenset(self.places), phases=phases)


class Removals(SchemaFiles, frozen=True, kw_only=True):
    """Files that remove from the schema: at the sites before the region, after all else."""

    phases = ("post",)
    last = True
    names = ("удаление лишнего из схемы", "removals from the schema")
