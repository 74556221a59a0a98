"""Looking at every link from both ends: servers first, all at once, then each link with a heartbeat of its own."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import msgspec
import psycopg

from trustmed.db.queries import load
from trustmed.topology.facts import Beat, LinkFacts, Recent, ServerFacts, SlotFacts, SubscriptionFacts
from trustmed.topology.judge import judge
from trustmed.topology.links import Link, links
from trustmed.topology.marks import UNFINISHED, subscription_comment
from trustmed.topology.recent import different_recent
from trustmed.topology.secrets import SecretMissing
from trustmed.topology.serverlog import lines_by_subscription, read_tail
from trustmed.topology.spec import Topology
from trustmed.topology.status import LinkState
from trustmed.topology.watch_connections import ANSWER_SECONDS, Late, WatchConnections, all_of

QUERIES = load(__package__)
BEAT_SECONDS = 2.0
RECENT = timedelta(minutes=15)


def probe(
    topology: Topology, connections: WatchConnections | None = None, *, compare_rows: bool = True
) -> tuple[LinkState, ...]:
    """The state of every link, in the order of `links`. Takes at most some 20 s, however dead a server is.

    `connections` kept by the caller save the signing in. `compare_rows`: also compare the rows of the last 15 minutes.
    """
    return probe_links(topology, links(topology), connections, compare_rows=compare_rows)


def probe_links(
    topology: Topology,
    found: tuple[Link, ...],
    connections: WatchConnections | None = None,
    *,
    compare_rows: bool = True,
) -> tuple[LinkState, ...]:
    """The same for some of the links."""
    own = connections or WatchConnections(topology)
    try:
        servers = _servers({name for link in found for name in (link.source.server, link.target.server)}, own)
        facts = _all_links(own, found, servers, compare_rows)
        now = datetime.now(UTC)
        return tuple(judge(link, facts[link.name], now) for link in found)
    finally:
        if connections is None:
            own.close()


def _servers(names: set[str], connections: WatchConnections) -> dict[str, ServerFacts]:
    work: dict[str, Callable[[], ServerFacts]] = {name: partial(_server, connections, name) for name in names}
    found = all_of(work, connections.cut, ANSWER_SECONDS)
    return {name: _trouble(result) if isinstance(result, Exception) else result for name, result in found.items()}


def _server(connections: WatchConnections, name: str) -> ServerFacts:
    try:
        connection = connections.at(name, "postgres")
    except SecretMissing as error:
        return ServerFacts(trouble=f"{error.ru} / {error.en}", refused=True)
    rows = connection.execute(QUERIES["subscription_facts"]).fetchall()
    log = lines_by_subscription(read_tail(connection), {row[0]: row[1] for row in rows})
    slots = connection.execute(QUERIES["slot_facts"]).fetchall()
    position = connection.execute(QUERIES["position"]).fetchone()
    return ServerFacts(
        slots={slot: SlotFacts(*rest) for slot, *rest in slots},
        subscriptions={
            subscription: SubscriptionFacts(
                oid=oid,
                enabled=enabled,
                slot=slot,
                worker=worker,
                errors=errors,
                missing=missing,
                applied=applied or None,
                log=tuple(log.get(subscription, ())),
            )
            for oid, subscription, enabled, slot, worker, errors, missing, applied in rows
        },
        position=position[0] if position else 0,
    )


def _trouble(error: Exception) -> ServerFacts:
    if isinstance(error, Late):
        return ServerFacts(trouble=f"не отвечает {ANSWER_SECONDS:.0f} с / no answer for {ANSWER_SECONDS:.0f} s")
    text = " ".join(str(error).split())
    # Once the line is open, an error that is not the line's own is a refusal.
    refused = not isinstance(error, psycopg.OperationalError) or any(
        words in text for words in ("authentication failed", "permission denied", "does not exist", "no password")
    )
    return ServerFacts(trouble=text, refused=refused)


def _all_links(
    connections: WatchConnections, found: tuple[Link, ...], servers: dict[str, ServerFacts], compare_rows: bool
) -> dict[str, LinkFacts]:
    facts: dict[str, LinkFacts] = {}
    work: dict[str, Callable[[], LinkFacts]] = {}
    for link in found:
        target = servers[link.target.server]
        own = {name: item for name, item in target.subscriptions.items() if name == link.name}
        base = LinkFacts(source=servers[link.source.server], target=msgspec.structs.replace(target, subscriptions=own))
        facts[link.name] = base
        if base.source.trouble is None and base.target.trouble is None:
            work[link.name] = partial(_link, connections, link, base, compare_rows)
    by_name = {link.name: link for link in found}

    def late(name: str) -> None:
        connections.cut(by_name[name].source.server)
        connections.cut(by_name[name].target.server)

    for name, result in all_of(work, late, ANSWER_SECONDS * 2).items():
        if isinstance(result, Exception):
            words = " ".join(str(result).split())
            facts[name] = msgspec.structs.replace(facts[name], trouble=words or type(result).__name__)
        else:
            facts[name] = result
    return facts


def _link(connections: WatchConnections, link: Link, base: LinkFacts, compare_rows: bool) -> LinkFacts:
    source = connections.at(link.source.server, link.source.name)
    target = connections.at(link.target.server, link.target.name)
    subscription = base.target.subscriptions.get(link.name)
    if subscription is not None:
        finished = subscription_comment(target, subscription.oid) != UNFINISHED
        subscription = msgspec.structs.replace(subscription, finished=finished)
        known = {link.name: subscription}
        base = msgspec.structs.replace(base, target=msgspec.structs.replace(base.target, subscriptions=known))
    shape = _shape(source, target, link, subscription)
    different: tuple[Recent, ...] = ()
    with_beat = subscription is not None and subscription.enabled
    lag = _beat(source, target, link, _applied(base, subscription)) if with_beat else None
    if lag is not None and compare_rows and not shape.drift:
        different = different_recent(source, target, link, lambda: _beat(source, target, link, None) is not None)
    # The target is read before the source: a mark made between the two is then no stranger.
    target_beats, source_beats = _beats(target, link), _beats(source, link)
    position = source.execute(QUERIES["position"]).fetchone()
    return msgspec.structs.replace(
        shape,
        source=msgspec.structs.replace(base.source, position=position[0] if position else 0),
        target=base.target,
        lag_ms=lag,
        source_beats=source_beats,
        target_beats=target_beats,
        different=different,
    )


def _applied(base: LinkFacts, subscription: SubscriptionFacts | None) -> int | None:
    """A position to remember at the source; one the source has not reached is another history's."""
    if subscription is None or subscription.applied is None or subscription.applied > base.source.position:
        return None
    return subscription.applied


def _beat(source: psycopg.Connection, target: psycopg.Connection, link: Link, applied: int | None) -> float | None:
    """Milliseconds until a fresh mark was seen at the target; None if it was not within BEAT_SECONDS."""
    tables = [flow.table for flow in link.flows]
    row = source.execute(QUERIES["beat"], {"link": link.name, "tables": tables, "applied": applied}).fetchone()
    assert row is not None  # noqa: S101
    started, pause = time.perf_counter(), 0.001
    mark = {"link": link.name, "seq": row[0], "token": row[1]}
    while target.execute(QUERIES["beat_seen"], mark).fetchone() != (True,):
        if time.perf_counter() - started > BEAT_SECONDS:
            return None
        time.sleep(pause)
        pause = min(0.05, pause * 1.5)
    return (time.perf_counter() - started) * 1000


def _beats(connection: psycopg.Connection, link: Link) -> tuple[Beat, ...]:
    return tuple(Beat(*row) for row in connection.execute(QUERIES["beats"], {"link": link.name}).fetchall())


def _shape(
    source: psycopg.Connection, target: psycopg.Connection, link: Link, subscription: SubscriptionFacts | None
) -> LinkFacts:
    published = source.execute(QUERIES["source_shape"], {"link": link.name}).fetchall()
    tables = [item.table for item in link.published]
    states: dict[str, str] = {}
    if subscription is not None:
        rows = target.execute(QUERIES["subscribed_tables"], {"subscription": subscription.oid}).fetchall()
        states = dict(rows)
    there = {
        name: set(columns) if exists else None
        for name, columns, exists in target.execute(QUERIES["target_shape"], {"tables": tables}).fetchall()
    }
    missing = tuple(table for table in tables if subscription is not None and table not in states)
    return LinkFacts(
        source=ServerFacts(),
        target=ServerFacts(),
        table_states=states,
        missing_tables=missing,
        drift=_drift(published, there),
        newer=_newer(source, target, link),
        publication=bool(published),
    )


def _drift(published: list[tuple[str, list[str], list[str]]], there: dict[str, set[str] | None]) -> tuple[str, ...]:
    found: list[str] = []
    for table, carried, columns in published:
        at_target = there.get(table)
        if at_target is None:
            found.append(f"{table}: нет у получателя / absent at the target")
            continue
        found += [f"{table}.{name}: нет у получателя / absent at the target" for name in sorted({*carried} - at_target)]
        found += [f"{table}.{name}: не передаётся / not carried" for name in sorted({*columns} - {*carried})]
    return tuple(found)


def _newer(source: psycopg.Connection, target: psycopg.Connection, link: Link) -> tuple[str, ...]:
    """Migrations a site has and the region lacks, in components both have."""
    if link.source.site is None:
        return ()
    here = {tuple(row) for row in source.execute(QUERIES["journal"]).fetchall()}
    there = {tuple(row) for row in target.execute(QUERIES["journal"]).fetchall()}
    shared = {row[0] for row in there}
    return tuple(f"{c}/{n:04}_{name}" for c, n, name in sorted(here - there) if c in shared)
