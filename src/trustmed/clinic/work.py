"""A unit of work at a site: one transaction for one organisation, with what it read or changed in the audit trail."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, LiteralString
from uuid import UUID

import msgspec
import psycopg
from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.sql import SQL, Composed, Literal
from psycopg_pool import AsyncConnectionPool

from trustmed.audit.actions import Action
from trustmed.audit.trail import Actor, Event, Ground, Outcome, note
from trustmed.db.pool import IDLE_SECONDS, check_if_closed, hang_up_after
from trustmed.db.queries import load
from trustmed.db.unstorable import find_not_storable
from trustmed.errors import NotFound, TrustMedError, Unavailable
from trustmed.schema import Place
from trustmed.topology.connect import conninfo
from trustmed.topology.file.spec import Database, Site, Topology

ROLE: Final = "trustmed_clinic"
WAIT_SECONDS: Final = 3.0
SILENCE_SECONDS: Final = 60.0
"""The longest unit of work. A database frozen for longer is given up, lest its pool stays taken."""
SET_TENANT: Final = SQL("set local trustmed.organization_id = {}")
sql = load(__package__)


class Databases:
    """Pools of connections to the site's database and to that of its documents, which may be the same one."""

    def __init__(self, topology: Topology, site: Site, *, size: int = 8) -> None:
        self.site_database = topology.database_of(Place.SITE, site)
        self.documents_database = topology.database_of(Place.DOCUMENTS, site)
        self.site = _pool(topology, self.site_database, size)
        is_same = self.site_database == self.documents_database
        self.documents = self.site if is_same else _pool(topology, self.documents_database, size)

    def each(self) -> tuple[tuple[Database, AsyncConnectionPool], ...]:
        """Return every database once, with its pool."""
        pairs = ((self.site_database, self.site), (self.documents_database, self.documents))
        return pairs[:1] if self.site is self.documents else pairs

    async def open(self) -> None:
        """Start connecting without waiting; a database that is down fails when it is used."""
        for _, pool in self.each():
            await pool.open(wait=False)

    async def close(self) -> None:
        for _, pool in self.each():
            await pool.close()


class Trace(msgspec.Struct):
    """What the audit trail will say about a unit of work; the work fills it in as it finds out."""

    patient_id: UUID | None = None
    document_id: UUID | None = None
    detail: str | None = None
    shown: tuple[UUID, ...] | None = None
    """The patients of the list that is shown."""


@asynccontextmanager
async def tenant(pool: AsyncConnectionPool, organization_id: int) -> AsyncGenerator[AsyncConnection]:
    """Open a transaction on behalf of an organisation: it sees and writes only that organisation's rows."""
    begin = SQL("begin; ") + named(organization_id)
    async with pool.connection() as connection:
        with hang_up_after(connection, SILENCE_SECONDS):
            try:
                # BEGIN and the organisation's name go in one round trip: a trip is a fifth of a short transaction.
                await connection.execute(begin)
                yield connection
                await connection.commit()
            except BaseException:
                if not connection.closed:
                    await connection.rollback()
                raise


async def in_one_trip(
    pool: AsyncConnectionPool,
    organization_id: int,
    query: LiteralString,
    values: Mapping[str, Any],
    *,
    binary: bool = False,
    may_be_lost: bool = False,
) -> dict[str, Any] | None:
    """Run one statement as a `tenant` transaction of its own, in one round trip; return the first row, if any.

    `binary`: rows come in the binary format. `may_be_lost`: the commit does not wait for the disk, so a crash may undo
    it. Everything a pipeline sends before it ends is one transaction: PostgreSQL commits or undoes it whole at the end.
    """
    start = sql["name_tenant_lazily" if may_be_lost else "name_tenant"]
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row, binary=binary) as cursor:
        async with connection.pipeline():
            await connection.execute(start, {"organization_id": str(organization_id)})
            await cursor.execute(query, values)
        return await cursor.fetchone() if cursor.description else None


def named(organization_id: int) -> Composed:
    """Return the statement that names the organisation a transaction works for."""
    return SET_TENANT.format(Literal(str(organization_id)))


@asynccontextmanager
async def answering(
    databases: Databases,
    actor: Actor,
    action: Action,
    *,
    ground: Ground = "treatment",
    patient_id: UUID | None = None,
    document_id: UUID | None = None,
) -> AsyncGenerator[Trace]:
    """Record an audit event if the block is refused (any named error but Unavailable); open no transaction for it."""
    trace = Trace(patient_id, document_id)
    try:
        yield trace
    except Unavailable:
        raise
    except TrustMedError as error:
        await _note_refusal(databases, actor, action, ground, trace, error)
        raise
    except psycopg.DataError as error:
        refused = find_not_storable(error)
        if refused is None:
            raise
        await _note_refusal(databases, actor, action, ground, trace, refused)
        raise refused from error


async def _note_refusal(
    databases: Databases, actor: Actor, action: Action, ground: Ground, trace: Trace, error: TrustMedError
) -> None:
    outcome: Outcome = "not_found" if isinstance(error, NotFound) else "refused"
    trace.detail = error.code
    async with tenant(databases.site, actor.organization_id) as connection:
        await note(connection, actor, event(action, outcome, ground, trace))


@asynccontextmanager
async def audited(
    databases: Databases,
    actor: Actor,
    action: Action,
    *,
    ground: Ground = "treatment",
    patient_id: UUID | None = None,
    document_id: UUID | None = None,
) -> AsyncGenerator[tuple[AsyncConnection, Trace]]:
    """Open a transaction in the site's database that leaves one audit event, even if it is refused.

    Return nothing to the caller before the block ends: only then is the event stored. Take no second connection inside.
    """
    async with (
        answering(databases, actor, action, ground=ground, patient_id=patient_id, document_id=document_id) as trace,
        tenant(databases.site, actor.organization_id) as connection,
    ):
        yield connection, trace
        await note(connection, actor, event(action, "granted", ground, trace))


def event(action: Action, outcome: Outcome, ground: Ground, trace: Trace) -> Event:
    return Event(action, outcome, ground, trace.detail, trace.patient_id, trace.document_id, trace.shown)


def _pool(topology: Topology, database: Database, size: int) -> AsyncConnectionPool:
    return AsyncConnectionPool(
        conninfo(topology, database, ROLE, "site web"),
        kwargs={"autocommit": True},
        min_size=2,
        max_size=size,
        max_idle=IDLE_SECONDS,
        max_waiting=400,
        timeout=WAIT_SECONDS,
        reconnect_timeout=30,
        check=check_if_closed,
        name=database.label,
        open=False,
    )
