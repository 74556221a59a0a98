"""A database with a trail of a dozen rows, made anew for each test."""

from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest

from tests.connections import borrow
from tests.fix_schema import create_migrated
from tests.fix_servers import RunningPostgres
from trustmed.db.rows import find_value
from trustmed.schema import Place

NOTE = (
    "insert into audit.access"
    " (organization_id, actor, actor_name, channel, action, ground, ground_detail, patient_id, shown)"
    " values (101, 'a', 'Проверкина «Алиса»', 'site', 'patient:card:read', 'treatment', %s, uuidv7(), array[uuidv7()])"
    " returning id"
)


class Trail:
    """The superuser's connection to the trail; `ids` are its rows in the order of writing."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection
        self.ids: list[UUID] = []

    def write(self, count: int = 1) -> None:
        for number in range(count):
            row = self.connection.execute(NOTE, (f'причина\t{number} \\ "x"' if number % 2 else None,)).fetchone()
            assert row
            self.ids.append(row[0])

    def seal(self, most: int = 5) -> int:
        """Seal all there is; return how many rows. Another test's transaction may delay a seal: it is asked again."""
        sealed = 0
        for _ in range(1000):
            sealed += find_value(self.connection, "select audit.seal(%s)", (most,))
            if self.connection.execute("select rows from audit.unsealed()").fetchone() == (0,):
                break
        return sealed


RESET = (
    "drop table if exists audit.access_2020_05",
    "truncate audit.access, audit.seal, audit.dropped, audit.kept_anchor, audit.site_anchor, audit.reading,"
    " audit.history",
    "insert into audit.history (number, system_identifier, timeline)"
    " select 1, system_identifier, timeline from audit.cluster_now()",
    "alter table audit.access alter column history set default 1",
)


@pytest.fixture(scope="session")
def trail_database(postgres_server: RunningPostgres) -> str:
    """Connection string to a database that the tests of the trail share."""
    return create_migrated(postgres_server, "trail", frozenset({Place.SITE}))


@pytest.fixture
def trail(trail_database: str) -> Iterator[Trail]:
    with borrow(trail_database) as connection:
        for statement in RESET:
            connection.execute(statement.encode())
        made = Trail(connection)
        made.write(12)
        yield made
