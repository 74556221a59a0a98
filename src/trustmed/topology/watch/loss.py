"""Losses of a link that were once found: kept at the target until a repair begins a new slot."""

import psycopg
import structlog

from trustmed.db.queries import load
from trustmed.topology.links import Link
from trustmed.topology.watch.causes import CAUSES
from trustmed.topology.watch.connections import WatchConnections
from trustmed.topology.watch.facts import LinkFacts, SubscriptionFacts
from trustmed.topology.watch.status import LinkState

QUERIES = load(__package__)
LASTING = ("hole", "source_restored", "publication_altered")
log = structlog.get_logger()


def known_loss(
    target: psycopg.Connection, link: Link, subscription: SubscriptionFacts | None
) -> tuple[str, str] | None:
    """What was lost on the way through the slot in use: cause and words."""
    if subscription is None or subscription.slot is None:
        return None
    row = target.execute(QUERIES["known_loss"], {"link": link.name, "slot": subscription.slot}).fetchone()
    return (row[0], row[1]) if row else None


def store_losses(
    connections: WatchConnections,
    links: tuple[Link, ...],
    facts: dict[str, LinkFacts],
    states: tuple[LinkState, ...],
) -> None:
    """Keep what was found lost now: heartbeats, counters and recent rows that told it will not tell it for ever."""
    for link, state in zip(links, states, strict=True):
        subscription = facts[link.name].target.subscriptions.get(link.name)
        if state.cause not in LASTING or facts[link.name].loss or not (subscription and subscription.slot):
            continue
        title = CAUSES[state.cause].en.format(link=state.link, source=state.source, target=state.target)
        words = (state.error_en or "").removeprefix(title).removeprefix(": ")
        noted = {"link": link.name, "slot": subscription.slot, "cause": state.cause, "words": words}
        try:
            connections.at(link.target.server, link.target.name).execute(QUERIES["note_loss"], noted)
        except psycopg.Error as error:
            log.warning("loss not kept", link=link.name, error=str(error).strip())
