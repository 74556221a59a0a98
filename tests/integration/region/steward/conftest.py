"""An index of the region in a database, the change feed's matcher beside it, and a steward at work."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import UUID

import msgspec
import psycopg
import pytest
from psycopg import AsyncConnection

from tests.integration.region.index.rows import connect_as_feed, put
from trustmed.region.index.link import link_anew, link_patients
from trustmed.region.index.model import PatientKey
from trustmed.region.steward.model import Author

STEWARD = Author("steward", "Стюард")


class IndexStand(msgspec.Struct, frozen=True):
    """A database of the index; `conninfo` is the superuser's."""

    conninfo: str

    def admin(self) -> psycopg.Connection:
        return psycopg.connect(self.conninfo, autocommit=True)

    def add_patient(self, organization_id: int, **columns: object) -> PatientKey:
        """Add a row of a clinic and link it as the change feed does."""
        with self.admin() as connection:
            key = put(connection, organization_id, **columns)
        self.match(key)
        return key

    def match(self, *keys: PatientKey) -> None:
        with connect_as_feed(self.conninfo) as connection:
            link_patients(connection, keys)
            link_anew(connection)

    def persons(self, *keys: PatientKey) -> list[UUID]:
        """Return the person of each patient."""
        with self.admin() as connection:
            links = {
                (organization_id, patient_id): person_id
                for organization_id, patient_id, person_id in connection.execute(
                    "select organization_id, patient_id, person_id from mpi.patient_link"
                )
            }
        return [links[key.organization_id, key.id] for key in keys]

    def links(self) -> list[tuple]:
        """Return every link as it is, to the microsecond."""
        with self.admin() as connection:
            return connection.execute("select * from mpi.patient_link order by 1, 2").fetchall()

    def open_pairs(self) -> list[set[PatientKey]]:
        with self.admin() as connection:
            rows = connection.execute(
                "select organization_id, patient_id, other_organization_id, other_patient_id from mpi.review"
                " where closed_at is null order by priority, weight desc, id"
            ).fetchall()
        return [{PatientKey(*row[:2]), PatientKey(*row[2:])} for row in rows]

    @asynccontextmanager
    async def work(self, action: str = "mpi:index:merge") -> AsyncGenerator[AsyncConnection]:
        """Open a transaction of the region's role that audited its work with the index."""
        async with await AsyncConnection.connect(self.conninfo, autocommit=True) as connection:
            await connection.execute("set role trustmed_region")
            async with connection.transaction():
                await connection.execute(
                    "insert into audit.access (id, actor, actor_name, channel, action, ground)"
                    " select set_config('trustmed.access_id', uuidv7()::text, true)::uuid,"
                    " 's', 's', 'region', %s, 'service'",
                    (action,),
                )
                yield connection


@pytest.fixture
def stand(index: str) -> IndexStand:
    return IndexStand(index)
