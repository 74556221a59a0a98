"""Create and drop replication slots."""

import time

import psycopg

from trustmed.db.queries import load

QUERIES = load(__package__)
_DROP_SECONDS = 10.0
_PAUSE_SECONDS = 0.05


def create_slot(connection: psycopg.Connection, name: str) -> None:
    """Create a logical slot in this connection's database."""
    connection.execute(QUERIES["create_slot"], {"slot": name})


def drop_slot(connection: psycopg.Connection, name: str) -> None:
    """Drop the slot if it is there; end the sender that holds it, whose subscriber is about to lose the link anyway."""
    deadline = time.monotonic() + _DROP_SECONDS
    while True:
        try:
            connection.execute(QUERIES["drop_slot"], {"slot": name})
            return
        except psycopg.errors.ObjectInUse:
            if time.monotonic() > deadline:
                raise
            # A subscriber comes back within seconds, so this may take more than one try.
            connection.execute(QUERIES["end_slot_user"], {"slot": name})
            time.sleep(_PAUSE_SECONDS)
