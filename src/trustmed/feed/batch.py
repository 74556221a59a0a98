"""Gathering a batch from the stream: without delay when the feed is up to date, fuller when it is behind."""

import time
from collections.abc import Sequence

import msgspec

from trustmed.feed.changes import Assembly, Change
from trustmed.wal.pgoutput import decode
from trustmed.wal.stream import Data, Keepalive, SlotStream

MOST_CHANGES = 500
MOST_BYTES = 8 << 20
IDLE_SECONDS = 0.25  # to wait for a message when nothing has come
LATE_SECONDS = 0.5  # changes older than this wait LINGER_SECONDS for a fuller batch
LINGER_SECONDS = 0.01


class Batch(msgspec.Struct, frozen=True):
    """Changes in commit order, and the numbers (32 bits) of their transactions.

    `position`: everything committed before it is in this batch or in earlier ones.
    """

    changes: Sequence[Change]
    position: int
    reply_wanted: bool
    transactions: frozenset[int] = frozenset()


def gather_batch(stream: SlotStream, assembly: Assembly) -> Batch:
    """Read what has come, up to a limit: some whole transactions, or a piece of a large one (committed already)."""
    changes: list[Change] = []
    transactions: set[int] = set()
    size, reply_wanted, timeout = 0, False, IDLE_SECONDS
    while len(changes) < MOST_CHANGES and size < MOST_BYTES:
        message = stream.receive(timeout)
        if message is None:
            break
        if isinstance(message, Keepalive):
            assembly.advance(message.wal_end)
            reply_wanted |= message.reply_wanted
        elif isinstance(message, Data):
            size += len(message.payload)
            changes += assembly.take(decode(message.payload))
            if assembly.current is not None:
                transactions.add(assembly.current.xid)
        timeout = _seconds_to_wait(assembly, changes)
    return Batch(changes, assembly.position, reply_wanted, frozenset(transactions))


def _seconds_to_wait(assembly: Assembly, changes: Sequence[Change]) -> float:
    """Return the seconds to wait for more: only committed transactions are sent, so the rest of one is on its way."""
    if assembly.current is not None:
        return IDLE_SECONDS
    return LINGER_SECONDS if _is_late(changes) else 0.0


def _is_late(changes: Sequence[Change]) -> bool:
    """Return whether the changes are so old that a fuller batch is better than haste."""
    return bool(changes) and time.time() - changes[-1].at.timestamp() > LATE_SECONDS
