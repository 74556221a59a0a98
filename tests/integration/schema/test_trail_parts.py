"""The trail turns into months without losing a row, a right or a reader."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.fix_schema import MakeDatabase
from trustmed.db import migrate as runner
from trustmed.db.migrate import grant_creation, migrate
from trustmed.schema import Migration, Place, roles_sql

NOTE = (
    "insert into audit.access (organization_id, actor, actor_name, channel, action, ground, patient_id)"
    " values (101, 'a', 'Проверкина', 'site', 'patient:card:read', 'treatment', uuidv7()) returning id"
)
PARTS = "select inhrelid::regclass::text from pg_inherits where inhparent = 'audit.access'::regclass order by 1"


def is_former(file: Migration) -> bool:
    """Whether a file was there before the trail was cut by months."""
    return file.phase == "pre" and (file.component, file.number) not in {
        *(("audit.access", number) for number in range(5, 100)),
        ("booking.sale", 3),
    }


@pytest.mark.parametrize("place", [Place.SITE, Place.BOOKING])
def test_rows_written_before_stay_and_are_found_after(
    place: Place, fresh_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = runner.migrations_for(frozenset({place}))
    with psycopg.connect(fresh_database, autocommit=True) as connection:
        connection.execute(roles_sql().encode())
        grant_creation(connection)
        with monkeypatch.context() as patched:
            patched.setattr(runner, "migrations_for", lambda _: tuple(filter(is_former, files)))
            migrate(connection, frozenset({place}))
        ids = [connection.execute(NOTE).fetchone() for _ in range(3)]
        migrate(connection, frozenset({place}))
        assert connection.execute("select id from audit.access order by id").fetchall() == ids
        parts = [name for (name,) in connection.execute(PARTS)]
        assert any(name.startswith("audit.access_until_") for name in parts)
        assert connection.execute("select count(*) from audit.access_rest").fetchone() == (0,)
        connection.execute(NOTE)
        if place is Place.SITE:
            assert connection.execute("select count(*) from audit.reading").fetchone() == (4,)


@pytest.fixture
def trail(make_database: MakeDatabase) -> Iterator[psycopg.Connection]:
    with psycopg.connect(make_database(Place.SITE), autocommit=True) as connection:
        yield connection


def test_a_month_without_a_part_is_kept_aside_and_moves_into_its_part(trail: psycopg.Connection) -> None:
    trail.execute(
        "insert into audit.access (at, actor, actor_name, channel, action, ground)"
        " values (now() + interval '150 days', 'a', 'a', 'region', 'a:b:c', 'own')"
    )
    assert trail.execute("select count(*) from audit.access_rest").fetchone() == (1,)
    trail.execute("select audit.make_months(6)")
    assert trail.execute("select count(*) from audit.access_rest").fetchone() == (0,)
    assert trail.execute("select count(*) from audit.access").fetchone() == (1,)
