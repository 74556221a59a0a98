"""Looking at every link from both ends: servers first, all at once, then each link with a heartbeat of its own."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import msgspec
import psycopg

from trustmed.db.queries import load
from trustmed.topology.file.spec import Database, Topology
from trustmed.topology.links import Link, links
from trustmed.topology.native.marks import UNFINISHED, is_whole_mark, organizations_in_mark, subscription_comment
from trustmed.topology.secrets import SecretMissing
from trustmed.topology.watch.connections import ANSWER_SECONDS, Late, WatchConnections, run_all
from trustmed.topology.watch.ends.recent import different_recent
from trustmed.topology.watch.ends.shape import shape_of
from trustmed.topology.watch.facts import LinkFacts, Recent, ServerFacts, SlotFacts, SubscriptionFacts
from trustmed.topology.watch.heartbeat import BEAT_SECONDS, beats, find_source_beats, send_beat
from trustmed.topology.watch.judge import judge
from trustmed.topology.watch.loss import known_loss, store_losses
from trustmed.topology.watch.serverlog import lines_by_subscription, read_tail
from trustmed.topology.watch.status import LinkState

QUERIES = load(__package__)
NATIVE = load("trustmed.topology.native")
SERVERS_SHARE = 0.2
# Words of a server that is there and lets nobody in.
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
    """The state of every link, in the order of `links`. Takes at most some 20 s, however dead a server is.

    `connections` kept by the caller save the signing in. `compare_rows`: also compare the rows of the last 15 minutes.
    `spread`: take so many seconds more, asking one after another instead of all at once.
    """
    return probe_links(topology, links(topology), connections, compare_rows=compare_rows, spread=spread)


def probe_links(
    topology: Topology,
    found: tuple[Link, ...],
    connections: WatchConnections | None = None,
    *,
    compare_rows: bool = True,
    spread: float = 0.0,
) -> tuple[LinkState, ...]:
    """The same for some of the links."""
    own = connections or WatchConnections(topology)
    try:
        names = {name for link in found for name in (link.source.server, link.target.server)}
        servers = _servers(names, own, spread * SERVERS_SHARE)
        facts = _all_links(own, found, servers, compare_rows, spread * (1 - SERVERS_SHARE))
        now = datetime.now(UTC)
        states = tuple(judge(link, facts[link.name], now) for link in found)
        store_losses(own, found, facts, states)
        return states
    finally:
        if connections is None:
            own.close()


def _servers(names: set[str], connections: WatchConnections, spread: float) -> dict[str, ServerFacts]:
    work: dict[str, Callable[[], ServerFacts]] = {name: partial(_server, connections, name) for name in names}
    found = run_all(work, connections.cut, ANSWER_SECONDS, spread)
    return {name: _trouble(result) if isinstance(result, Exception) else result for name, result in found.items()}


def _server(connections: WatchConnections, name: str) -> ServerFacts:
    try:
        connection = connections.at(name, "postgres")
    except SecretMissing as error:
        return ServerFacts(trouble=f"{error.ru} / {error.en}", refused=True)
    rows = connection.execute(QUERIES["subscription_facts"]).fetchall()
    tail = read_tail(connection)
    log = lines_by_subscription(tail, {row[0]: row[1] for row in rows})
    slots = connection.execute(QUERIES["slot_facts"]).fetchall()
    position = connection.execute(QUERIES["position"]).fetchone()
    return ServerFacts(
        slots={slot: SlotFacts(*rest) for slot, *rest in slots},
        subscriptions={
            subscription: SubscriptionFacts(
                oid=oid,
                enabled=enabled,
                slot=slot,
                publications=tuple(publications),
                place=(host, port, database) if host else None,
                worker=worker,
                errors=errors,
                missing=missing,
                applied=applied or None,
                log=tuple(log.get(subscription, ())),
            )
            for oid, subscription, enabled, slot, publications, worker, errors, missing, applied, *place in rows
            for host, port, database in [place]
        },
        position=position[0] if position else 0,
        wordless=tail.trouble,
    )


def _trouble(error: Exception) -> ServerFacts:
    if isinstance(error, Late):
        return ServerFacts(trouble=f"не отвечает {ANSWER_SECONDS:.0f} с / no answer for {ANSWER_SECONDS:.0f} s")
    text = " ".join(str(error).split())
    # Once the line is open, an error that is not the line's own is a refusal.
    refused = not isinstance(error, psycopg.OperationalError) or any(words in text for words in REFUSALS)
    return ServerFacts(trouble=text, refused=refused)


def _all_links(
    connections: WatchConnections,
    found: tuple[Link, ...],
    servers: dict[str, ServerFacts],
    compare_rows: bool,
    spread: float,
) -> dict[str, LinkFacts]:
    facts: dict[str, LinkFacts] = {}
    work: dict[str, Callable[[], LinkFacts]] = {}
    for link in found:
        target = servers[link.target.server]
        own = {name: item for name, item in target.subscriptions.items() if name == link.name}
        base = LinkFacts(source=servers[link.source.server], target=msgspec.structs.replace(target, subscriptions=own))
        facts[link.name] = base
        if base.source.trouble is None and base.target.trouble is None:
            work[link.name] = partial(_link_or_trouble, connections, link, base, compare_rows)
    by_name = {link.name: link for link in found}

    def late(name: str) -> None:
        connections.cut(by_name[name].source.server)
        connections.cut(by_name[name].target.server)

    for name, result in run_all(work, late, ANSWER_SECONDS * 2, spread).items():
        if isinstance(result, Exception):
            words = " ".join(str(result).split())
            facts[name] = msgspec.structs.replace(facts[name], trouble=words or type(result).__name__)
        else:
            facts[name] = result
    return facts


def _link_or_trouble(connections: WatchConnections, link: Link, base: LinkFacts, compare_rows: bool) -> LinkFacts:
    """A server that went down, or was started again, since it was asked first is no fault of the link."""
    try:
        return _link(connections, link, base, compare_rows)
    except (psycopg.errors.QueryCanceled, psycopg.errors.LockNotAvailable):
        raise
    except psycopg.OperationalError:
        if (trouble := _server_trouble(connections, link.source)) is not None:
            return msgspec.structs.replace(base, source=trouble)
        if (trouble := _server_trouble(connections, link.target)) is not None:
            return msgspec.structs.replace(base, target=trouble)
        return _link(connections, link, base, compare_rows)


def _server_trouble(connections: WatchConnections, database: Database) -> ServerFacts | None:
    try:
        connections.at(database.server, database.name).execute("select 1")
    except psycopg.Error as error:
        return _trouble(error)
    return None


def _link(connections: WatchConnections, link: Link, base: LinkFacts, compare_rows: bool) -> LinkFacts:
    source = connections.at(link.source.server, link.source.name)
    target = connections.at(link.target.server, link.target.name)
    subscription = base.target.subscriptions.get(link.name)
    comment = subscription_comment(target, subscription.oid) if subscription else None
    if subscription is not None:
        finished = is_whole_mark(comment, subscription.slot)
        subscription = msgspec.structs.replace(subscription, finished=finished, interrupted=comment == UNFINISHED)
        known = {link.name: subscription}
        base = msgspec.structs.replace(base, target=msgspec.structs.replace(base.target, subscriptions=known))
    shape = shape_of(source, target, link, organizations_in_mark(comment))
    states = _table_states(target, subscription)
    missing = tuple(item.table for item in link.published if subscription is not None and item.table not in states)
    awaited = subscription is not None and subscription.enabled
    beat = send_beat(source, target, link, _applied(base, subscription), seconds=BEAT_SECONDS if awaited else 0)
    lag = beat.lag if awaited else None
    settled = not missing and all(state == "r" for state in states.values())
    different: tuple[Recent, ...] = ()
    if lag is not None and compare_rows and settled and not shape.drift:
        different = different_recent(
            source, target, link, lambda: send_beat(source, target, link, None).lag is not None
        )
    # The target is read before the source: a mark made between the two is then no stranger. The target's position is
    # read between what the source remembers of it and the source's own: another monitor may work at the same time.
    target_beats = beats(target, link)
    source_beats = find_source_beats(source, link, target_beats)
    base = _at_present(base, link, connections.at(link.target.server, "postgres"))
    position = source.execute(QUERIES["position"]).fetchone()
    return LinkFacts(
        source=msgspec.structs.replace(base.source, position=position[0] if position else 0),
        target=base.target,
        table_states=states,
        missing_tables=missing,
        publication=shape.published,
        altered=shape.altered,
        drift=shape.drift,
        newer=shape.newer,
        lag_ms=lag,
        passed=awaited and beat.passed and settled,
        source_beats=source_beats,
        target_beats=target_beats,
        different=different,
        loss=known_loss(target, link, subscription),
    )


def _at_present(base: LinkFacts, link: Link, server: psycopg.Connection) -> LinkFacts:
    subscription = base.target.subscriptions.get(link.name)
    if subscription is None:
        return base
    row = server.execute(QUERIES["applied_position"], {"subscription": subscription.oid}).fetchone()
    known = {link.name: msgspec.structs.replace(subscription, applied=(row[0] or None) if row else None)}
    return msgspec.structs.replace(base, target=msgspec.structs.replace(base.target, subscriptions=known))


def _table_states(target: psycopg.Connection, subscription: SubscriptionFacts | None) -> dict[str, str]:
    if subscription is None:
        return {}
    return dict(target.execute(NATIVE["subscribed_tables"], {"subscription": subscription.oid}).fetchall())


def _applied(base: LinkFacts, subscription: SubscriptionFacts | None) -> int | None:
    """A position to remember at the source; one the source has not reached is another history's."""
    if subscription is None or subscription.applied is None or subscription.applied > base.source.position:
        return None
    return subscription.applied
