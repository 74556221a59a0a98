"""Making and dropping slots."""

import time

import psycopg

from trustmed.db.queries import load

QUERIES = load(__package__)
_DROP_SECONDS = 10.0


def create_slot(connection: psycopg.Connection, name: str) -> None:
    """A logical slot of this connection's database."""
    connection.execute(QUERIES["create_slot"], {"slot": name})


def drop_slot(connection: psycopg.Connection, name: str) -> None:
    """Drop if it is there; a sender that holds it is ended (its subscriber is about to lose the link anyway)."""
    deadline = time.monotonic() + _DROP_SECONDS
    while True:
        try:
            connection.execute(QUERIES["drop_slot"], {"slot": name})
            return
        except psycopg.errors.ObjectInUse:
            if time.monotonic() > deadline:
                raise
            connection.execute(QUERIES["end_slot_user"], {"slot": name})
            time.sleep(0.05)
