"""Losses found on a link: stored at the target until a repair begins a new slot."""

import psycopg
import structlog

from trustmed.db.queries import load
from trustmed.db.rows import find_row
from trustmed.topology.links import Link
from trustmed.topology.watch.causes import CAUSES
from trustmed.topology.watch.connections import WatchConnections
from trustmed.topology.watch.facts import LinkFacts, SubscriptionFacts
from trustmed.topology.watch.status import LinkState

QUERIES = load(__package__)
LASTING_CAUSES = ("hole", "source_restored", "publication_altered")
log = structlog.get_logger()


def known_loss(
    target: psycopg.Connection, link: Link, subscription: SubscriptionFacts | None
) -> tuple[str, str] | None:
    """Return the cause and words of a loss found earlier on the slot in use."""
    if subscription is None or subscription.slot is None:
        return None
    row = find_row(target, QUERIES["known_loss"], {"link": link.name, "slot": subscription.slot})
    return (row["cause"], row["words"]) if row else None


def store_losses(
    connections: WatchConnections,
    links: tuple[Link, ...],
    facts: dict[str, LinkFacts],
    states: tuple[LinkState, ...],
) -> None:
    """Store new losses: heartbeats, counters and recent rows show a loss only for a while."""
    for link, state in zip(links, states, strict=True):
        subscription = facts[link.name].target.subscriptions.get(link.name)
        if state.cause not in LASTING_CAUSES or facts[link.name].loss or not (subscription and subscription.slot):
            continue
        title = CAUSES[state.cause].en.format(link=state.link, source=state.source, target=state.target)
        words = (state.error_en or "").removeprefix(title).removeprefix(": ")
        noted = {"link": link.name, "slot": subscription.slot, "cause": state.cause, "words": words}
        try:
            connections.at(link.target.server, link.target.name).execute(QUERIES["note_loss"], noted)
        except psycopg.Error as error:
            log.warning("loss not kept", link=link.name, error=error)
