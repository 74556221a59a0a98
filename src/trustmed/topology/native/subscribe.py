"""Statements for the receiving end of a link, shared by apply and repair."""

import time

import psycopg
from psycopg import sql

from trustmed.db.queries import load
from trustmed.db.rows import find_rows, find_value
from trustmed.errors import Unavailable
from trustmed.topology.connect import server_conninfo
from trustmed.topology.file.spec import Topology
from trustmed.topology.links import Link

QUERIES = load(__package__)
# Large transactions stream to parallel appliers; rows that came from elsewhere are not sent on; the slot survives on a
# promoted standby. disable_on_error must be false: it counts a lost connection as an error, and a clinic whose line was
# cut, or whose server restarted, would stay cut off until somebody enabled its links by hand. A row that cannot be
# applied is tried again every wal_retrieve_retry_interval; meanwhile the link is shown as broken.
OPTIONS = sql.SQL("streaming = parallel, origin = none, disable_on_error = false, failover = true, binary = false")
# The same options as the catalogue shows them. synchronous_commit depends on the target's server, see below.
SHOWN_OPTIONS = {"streaming": "p", "origin": "none", "disable_on_error": False, "failover": True}
WORKER_SECONDS, ARRIVAL_SECONDS = 10.0, 30.0
PAUSE_SECONDS = 0.05


def synchronous_commit(topology: Topology, link: Link) -> str:
    """Return "on" where the target's server has a standby: the source deletes what was confirmed, so a failover to a
    standby that does not have it yet would lose it, and nothing would show that.
    """
    return "on" if topology.server_named(link.target.server).standby else "off"


def link_conninfo(topology: Topology, link: Link) -> str:
    """Return the connection string by which the target's server reaches the source."""
    server = topology.server_named(link.source.server)
    return server_conninfo(
        topology, server, link.source.name, "trustmed_link", link.name, host=link.host, port=link.port
    )


def find_table_states(connection: psycopg.Connection, subscription: int) -> dict[str, str]:
    """Return the tables of a subscription (its oid), by name, with the states of their copies ("r": ready)."""
    rows = find_rows(connection, QUERIES["subscribed_tables"], {"subscription": subscription})
    return {row["name"]: row["state"] for row in rows}


def create_subscription(
    connection: psycopg.Connection, topology: Topology, link: Link, slot: str, *, copy_data: bool, enabled: bool
) -> int:
    """Create the subscription on a slot that is there already; return its oid. `connection` is to the target."""
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
    return find_value(connection, "select oid::bigint from pg_subscription where subname = %s", (link.name,))


def drop_subscription(connection: psycopg.Connection, name: str) -> None:
    """Drop the subscription without contacting the source, whose slot stays."""
    # pg_subscription lists the subscriptions of every database of the server.
    enabled = find_value(
        connection,
        "select subenabled from pg_subscription s join pg_database d on d.oid = s.subdbid "
        "where subname = %s and datname = current_database()",
        (name,),
    )
    if enabled is None:
        return
    identifier = sql.Identifier(name)
    # PostgreSQL asks the source to drop the slot unless slot_name is none, which only a disabled subscription may have.
    if enabled:
        connection.execute(sql.SQL("alter subscription {} disable").format(identifier))
    connection.execute(sql.SQL("alter subscription {} set (slot_name = none)").format(identifier))
    connection.execute(sql.SQL("drop subscription {}").format(identifier))


def wait_for_no_worker(connection: psycopg.Connection, name: str, seconds: float = WORKER_SECONDS) -> None:
    """Wait until the worker of the disabled subscription has ended, at most `seconds`."""
    deadline = time.monotonic() + seconds
    running = "select exists (select from pg_stat_subscription where subname = %s and pid is not null)"
    while find_value(connection, running, (name,)) and time.monotonic() < deadline:
        time.sleep(PAUSE_SECONDS)


class LinkBehind(Unavailable):
    """The target does not have yet all that its source has written."""


def wait_for_arrival(source: psycopg.Connection, slot: str, link: Link, seconds: float = ARRIVAL_SECONDS) -> None:
    """Wait until the target has confirmed all that the source has committed by now. Raises LinkBehind."""
    written = find_value(source, "select pg_current_wal_flush_lsn()")
    confirmed = "select confirmed_flush_lsn >= %s from pg_replication_slots where slot_name = %s"
    deadline = time.monotonic() + seconds
    while not find_value(source, confirmed, (written, slot)):
        if time.monotonic() > deadline:
            raise LinkBehind(
                f"Связь {link.name} отстаёт или не работает: строки новых организаций скопировать нельзя. Посмотрите "
                "trustmed topology status, восстановите связь (trustmed topology repair) и повторите.",
                f"Link {link.name} is behind or has stopped: rows of new organisations cannot be copied. See "
                "trustmed topology status, repair the link (trustmed topology repair) and run again.",
            )
        time.sleep(PAUSE_SECONDS)
