"""Trying parked changes again, those of one key in their order."""

import structlog

from trustmed.db.rows import find_rows
from trustmed.feed import delivery, positions
from trustmed.feed.changes import from_json
from trustmed.feed.consumer import Consumer
from trustmed.feed.effect import Surroundings
from trustmed.feed.positions import QUERIES

log = structlog.get_logger("trustmed.feed")


def retry_parked(surroundings: Surroundings, consumer: Consumer) -> None:
    """Try the parked changes that are due; a key whose changes are all done is no longer parked."""
    connection = surroundings.connection
    for row in find_rows(connection, QUERIES["parked_due"], {"consumer": consumer.name}):
        key = row["key"]
        if row["due"] and _finish_key(surroundings, consumer, key):
            consumer.parked.discard(key)
            log.info("key_flows_again", consumer=consumer.name, source=surroundings.source)


def _finish_key(surroundings: Surroundings, consumer: Consumer, key: str) -> bool:
    """Try the parked changes of a key in order; return whether all are done."""
    connection = surroundings.connection
    for row in find_rows(connection, QUERIES["parked_of_key"], {"consumer": consumer.name, "key": key}):
        try:
            error = delivery.retry(surroundings, consumer.effect, from_json(row["change"]))
        except delivery.EffectHeld as held:
            positions.save_error(connection, consumer.name, held.ru)
            return False
        if error is not None:
            values = {"id": row["id"], "error": error, "wait": delivery.next_wait(row["attempts"] + 1)}
            connection.execute(QUERIES["postpone"], values)
            return False
        connection.execute(QUERIES["unpark"], {"id": row["id"]})
    return True
