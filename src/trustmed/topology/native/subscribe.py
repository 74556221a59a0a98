"""Statements of a link's receiving end, shared by apply and repair."""

import time

import psycopg
from psycopg import sql

from trustmed.errors import Unavailable
from trustmed.topology.connect import server_conninfo
from trustmed.topology.file.spec import Topology
from trustmed.topology.links import Link

# Large transactions stream to parallel appliers; rows that came from elsewhere are not sent on; the slot lives on a
# promoted standby. disable_on_error must be false: it counts a lost connection as an error, and a clinic whose line was
# cut, or whose server restarted, would stay cut off until somebody enabled its links by hand. A row that cannot be
# applied is tried again every wal_retrieve_retry_interval meanwhile, and the link is shown as broken.
OPTIONS = sql.SQL("streaming = parallel, origin = none, disable_on_error = false, failover = true, binary = false")
# Its synchronous_commit is apart, see `synchronous_commit`. The same as the catalogue shows it:
SHOWN = {"streaming": "p", "origin": "none", "disable_on_error": False, "failover": True}


def synchronous_commit(topology: Topology, link: Link) -> str:
    """The value is "on" where the target's server has a standby: a source forgets what was confirmed, and unless the
    standby has it by then, a failover loses it without a word.
    """
    return "on" if topology.server_named(link.target.server).standby else "off"


def link_conninfo(topology: Topology, link: Link) -> str:
    """How the target's server reaches the source."""
    server = topology.server_named(link.source.server)
    return server_conninfo(
        topology, server, link.source.name, "trustmed_link", link.name, host=link.host, port=link.port
    )


def create_subscription(
    connection: psycopg.Connection, topology: Topology, link: Link, slot: str, *, copy_data: bool, enabled: bool
) -> int:
    """Create it on a slot that is there already; returns its oid. `connection` is to the target."""
    statement = sql.SQL(
        "create subscription {name} connection {where} publication {name} with ("
        "create_slot = false, slot_name = {slot}, copy_data = {copy_data}, enabled = {enabled}, "
        "synchronous_commit = {synchronous}, {options})"
    ).format(
        name=sql.Identifier(link.name),
        where=sql.Literal(link_conninfo(topology, link)),
        slot=sql.Literal(slot),
        copy_data=sql.Literal(copy_data),
        enabled=sql.Literal(enabled),
        options=OPTIONS,
        synchronous=sql.Literal(synchronous_commit(topology, link)),
    )
    connection.execute(statement)
    row = connection.execute("select oid::bigint from pg_subscription where subname = %s", (link.name,)).fetchone()
    assert row is not None  # noqa: S101
    return row[0]


def drop_subscription(connection: psycopg.Connection, name: str) -> None:
    """Drop without a word to the source: its slot stays."""
    found = connection.execute(
        "select subenabled from pg_subscription s join pg_database d on d.oid = s.subdbid "
        "where subname = %s and datname = current_database()",
        (name,),
    ).fetchone()
    if found is None:
        return
    identifier = sql.Identifier(name)
    if found[0]:
        connection.execute(sql.SQL("alter subscription {} disable").format(identifier))
    connection.execute(sql.SQL("alter subscription {} set (slot_name = none)").format(identifier))
    connection.execute(sql.SQL("drop subscription {}").format(identifier))


def wait_for_no_worker(connection: psycopg.Connection, name: str, seconds: float = 10.0) -> None:
    """Until the disabled subscription's worker has ended, or time is out."""
    deadline = time.monotonic() + seconds
    running = "select exists (select from pg_stat_subscription where subname = %s and pid is not null)"
    while connection.execute(running, (name,)).fetchone() == (True,) and time.monotonic() < deadline:
        time.sleep(0.05)


class LinkBehind(Unavailable):
    """The target has not got yet what its source has written."""


def wait_for_arrival(source: psycopg.Connection, slot: str, link: Link, seconds: float = 30.0) -> None:
    """Until the target has confirmed all that the source has committed by now. Raises LinkBehind."""
    row = source.execute("select pg_current_wal_flush_lsn()").fetchone()
    confirmed = "select confirmed_flush_lsn >= %s from pg_replication_slots where slot_name = %s"
    deadline = time.monotonic() + seconds
    while source.execute(confirmed, (row and row[0], slot)).fetchone() != (True,):
        if time.monotonic() > deadline:
            raise LinkBehind(
                f"Связь {link.name} отстаёт или стоит: строки новых организаций скопировать нельзя. Посмотрите "
                "trustmed topology status, восстановите связь (trustmed topology repair) и повторите.",
                f"Link {link.name} is behind or stands still: rows of new organisations cannot be copied. See "
                "trustmed topology status, mend the link (trustmed topology repair) and run again.",
            )
        time.sleep(0.05)
