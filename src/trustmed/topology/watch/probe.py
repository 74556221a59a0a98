"""Look at every link from both ends: first ask all servers at once, then send a heartbeat through each link."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec
import psycopg

from trustmed.db.queries import load
from trustmed.db.rows import find_rows, find_value
from trustmed.topology.file.spec import Database, Topology
from trustmed.topology.links import Link, links
from trustmed.topology.native.marks import UNFINISHED, is_whole_mark, organizations_in_mark, subscription_comment
from trustmed.topology.native.subscribe import find_table_states
from trustmed.topology.secrets import SecretMissing
from trustmed.topology.watch.connections import ANSWER_SECONDS, Late, WatchConnections, run_all
from trustmed.topology.watch.ends.recent import different_recent
from trustmed.topology.watch.ends.shape import shape_of
from trustmed.topology.watch.facts import READY, LinkFacts, RecentDifference, ServerFacts, SlotFacts, SubscriptionFacts
from trustmed.topology.watch.heartbeat import BEAT_SECONDS, find_beats, find_source_beats, send_beat
from trustmed.topology.watch.judge import judge
from trustmed.topology.watch.loss import known_loss, store_losses
from trustmed.topology.watch.serverlog import LogLine, lines_by_subscription, read_tail
from trustmed.topology.watch.status import LinkState

QUERIES = load(__package__)
SERVERS_SHARE = 0.2  # of `spread`; the links have the rest
LINK_SECONDS = ANSWER_SECONDS * 2
# Words of a server that answers and refuses the connection.
REFUSALS = (
    "authentication failed",
    "permission denied",
    "does not exist",
    "no password",
    "not permitted to log in",
    "no pg_hba.conf entry",
    "pg_hba.conf rejects",
    "not currently accepting connections",
)


def probe(
    topology: Topology,
    connections: WatchConnections | None = None,
    *,
    compare_rows: bool = True,
    spread: float = 0.0,
) -> tuple[LinkState, ...]:
    """Return the state of every link, in the order of `links`. Takes at most about 20 s, even if servers hang.

    `connections`: the caller's, which save signing in each time. `compare_rows`: also compare the rows of the last 15
    minutes. `spread`: take so many seconds more, asking one after another instead of all at once.
    """
    return probe_links(topology, links(topology), connections, compare_rows=compare_rows, spread=spread)


def probe_links(
    topology: Topology,
    asked: tuple[Link, ...],
    connections: WatchConnections | None = None,
    *,
    compare_rows: bool = True,
    spread: float = 0.0,
) -> tuple[LinkState, ...]:
    """Return the states of some of the links, see `probe`."""
    own = connections or WatchConnections(topology)
    try:
        names = {name for link in asked for name in (link.source.server, link.target.server)}
        servers = _ask_servers(names, own, spread * SERVERS_SHARE)
        facts = _ask_links(own, asked, servers, compare_rows, spread * (1 - SERVERS_SHARE))
        now = datetime.now(UTC)
        states = tuple(judge(link, facts[link.name], now) for link in asked)
        store_losses(own, asked, facts, states)
        return states
    finally:
        if connections is None:
            own.close()


def _ask_servers(names: set[str], connections: WatchConnections, spread: float) -> dict[str, ServerFacts]:
    work: dict[str, Callable[[], ServerFacts]] = {name: partial(_ask_server, connections, name) for name in names}
    found = run_all(work, connections.cut, ANSWER_SECONDS, spread)
    return {
        name: _facts_of_trouble(result) if isinstance(result, Exception) else result for name, result in found.items()
    }


def _ask_server(connections: WatchConnections, name: str) -> ServerFacts:
    try:
        connection = connections.at(name, "postgres")
    except SecretMissing as error:
        return ServerFacts(trouble=f"{error.ru} / {error.en}", refused=True)
    rows = find_rows(connection, QUERIES["subscription_facts"])
    tail = read_tail(connection)
    log = lines_by_subscription(tail, {row["oid"]: row["name"] for row in rows})
    slots = find_rows(connection, QUERIES["slot_facts"])
    return ServerFacts(
        slots={slot.pop("name"): SlotFacts(**slot) for slot in slots},
        subscriptions={row["name"]: _subscription_facts(row, log.get(row["name"], [])) for row in rows},
        position=find_value(connection, QUERIES["position"]),
        log_trouble=tail.trouble,
    )


def _subscription_facts(row: dict[str, Any], log: list[LogLine]) -> SubscriptionFacts:
    return SubscriptionFacts(
        oid=row["oid"],
        enabled=row["enabled"],
        slot=row["slot"],
        publications=tuple(row["publications"]),
        place=(row["host"], row["port"], row["database"]) if row["host"] else None,
        worker=row["worker"],
        errors=row["errors"],
        missing=row["missing"],
        applied=row["applied"] or None,  # 0: nothing is applied yet
        log=tuple(log),
    )


def _facts_of_trouble(error: Exception) -> ServerFacts:
    if isinstance(error, Late):
        return ServerFacts(trouble=f"не отвечает {ANSWER_SECONDS:.0f} с / no answer for {ANSWER_SECONDS:.0f} s")
    text = " ".join(str(error).split())
    # Only OperationalError may mean a broken line; any other error came from a server that answered.
    refused = not isinstance(error, psycopg.OperationalError) or any(words in text for words in REFUSALS)
    return ServerFacts(trouble=text, refused=refused)


def _ask_links(
    connections: WatchConnections,
    asked: tuple[Link, ...],
    servers: dict[str, ServerFacts],
    compare_rows: bool,
    spread: float,
) -> dict[str, LinkFacts]:
    facts: dict[str, LinkFacts] = {}
    work: dict[str, Callable[[], LinkFacts]] = {}
    for link in asked:
        target = servers[link.target.server]
        own = {name: item for name, item in target.subscriptions.items() if name == link.name}
        base = LinkFacts(source=servers[link.source.server], target=msgspec.structs.replace(target, subscriptions=own))
        facts[link.name] = base
        if base.source.trouble is None and base.target.trouble is None:
            work[link.name] = partial(_ask_link_or_servers, connections, link, base, compare_rows)
    by_name = {link.name: link for link in asked}

    def late(name: str) -> None:
        connections.cut(by_name[name].source.server)
        connections.cut(by_name[name].target.server)

    for name, result in run_all(work, late, LINK_SECONDS, spread).items():
        if isinstance(result, Exception):
            words = " ".join(str(result).split())
            facts[name] = msgspec.structs.replace(facts[name], trouble=words or type(result).__name__)
        else:
            facts[name] = result
    return facts


def _ask_link_or_servers(connections: WatchConnections, link: Link, base: LinkFacts, compare_rows: bool) -> LinkFacts:
    """Ask the link; if a server went down or was restarted since it was asked first, blame the server, not the link."""
    try:
        return _ask_link(connections, link, base, compare_rows)
    except (psycopg.errors.QueryCanceled, psycopg.errors.LockNotAvailable):
        raise
    except psycopg.OperationalError:
        if (trouble := _server_trouble(connections, link.source)) is not None:
            return msgspec.structs.replace(base, source=trouble)
        if (trouble := _server_trouble(connections, link.target)) is not None:
            return msgspec.structs.replace(base, target=trouble)
        return _ask_link(connections, link, base, compare_rows)


def _server_trouble(connections: WatchConnections, database: Database) -> ServerFacts | None:
    try:
        connections.at(database.server, database.name).execute("select 1")
    except psycopg.Error as error:
        return _facts_of_trouble(error)
    return None


def _ask_link(connections: WatchConnections, link: Link, base: LinkFacts, compare_rows: bool) -> LinkFacts:
    source = connections.at(link.source.server, link.source.name)
    target = connections.at(link.target.server, link.target.name)
    subscription = base.target.subscriptions.get(link.name)
    comment = subscription_comment(target, subscription.oid) if subscription else None
    if subscription is not None:
        finished = is_whole_mark(comment, subscription.slot)
        subscription = msgspec.structs.replace(subscription, finished=finished, interrupted=comment == UNFINISHED)
        known = {link.name: subscription}
        base = msgspec.structs.replace(base, target=msgspec.structs.replace(base.target, subscriptions=known))
    states = _table_states(target, subscription)
    shape = shape_of(source, target, link, organizations_in_mark(comment), frozenset(states))
    wanted = [item.table for item in link.published if item.table not in shape.coming]
    missing = tuple(table for table in wanted if subscription is not None and table not in states)
    awaited = subscription is not None and subscription.enabled
    beat = send_beat(
        source, target, link, _position_to_remember(base, subscription), seconds=BEAT_SECONDS if awaited else 0
    )
    lag_ms = beat.lag_ms if awaited else None
    copied = not missing and all(state == READY for state in states.values())
    different: tuple[RecentDifference, ...] = ()
    if lag_ms is not None and compare_rows and copied and not shape.drift:
        different = different_recent(
            source, target, link, lambda: send_beat(source, target, link, None).lag_ms is not None
        )
    # Read the target's marks before the source's, lest one written in between look like a stranger. Read the target's
    # position after the source's marks, which remember an earlier one, and before the source's own position: another
    # monitor may be at work.
    target_beats = find_beats(target, link)
    source_beats = find_source_beats(source, link, target_beats)
    base = _with_present_position(base, link, connections.at(link.target.server, "postgres"))
    position = find_value(source, QUERIES["position"])
    return LinkFacts(
        source=msgspec.structs.replace(base.source, position=position),
        target=base.target,
        table_states=states,
        missing_tables=missing,
        publication=shape.published,
        altered=shape.altered,
        drift=shape.drift,
        newer=shape.newer,
        lag_ms=lag_ms,
        beat_skipped=awaited and beat.skipped and copied,
        source_beats=source_beats,
        target_beats=target_beats,
        different=different,
        loss=known_loss(target, link, subscription),
    )


def _with_present_position(base: LinkFacts, link: Link, server: psycopg.Connection) -> LinkFacts:
    """Return the facts with the position that the subscription has applied by now."""
    subscription = base.target.subscriptions.get(link.name)
    if subscription is None:
        return base
    applied = find_value(server, QUERIES["applied_position"], {"subscription": subscription.oid})
    known = {link.name: msgspec.structs.replace(subscription, applied=applied or None)}
    return msgspec.structs.replace(base, target=msgspec.structs.replace(base.target, subscriptions=known))


def _table_states(target: psycopg.Connection, subscription: SubscriptionFacts | None) -> dict[str, str]:
    if subscription is None:
        return {}
    return find_table_states(target, subscription.oid)


def _position_to_remember(base: LinkFacts, subscription: SubscriptionFacts | None) -> int | None:
    """Return the position to remember at the source; one that the source has not reached belongs to another history."""
    if subscription is None or subscription.applied is None or subscription.applied > base.source.position:
        return None
    return subscription.applied
