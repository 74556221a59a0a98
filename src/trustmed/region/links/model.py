"""What the region's pages show, and answer as JSON."""

from datetime import datetime
from typing import Literal

import msgspec

from trustmed.region.authority.model import End
from trustmed.topology.watch.status import LinkState

Tone = Literal["good", "wait", "bad", "quiet"]

TONES: dict[str, Tone] = {
    "streaming": "good",
    "catching_up": "wait",
    "copying": "wait",
    "broken": "bad",
    "unreachable": "bad",
    "paused": "quiet",
    "unknown": "quiet",
}


def tone_of(link: LinkState) -> Tone:
    """Return how good the state of a link is."""
    return TONES[link.state]


class FeedPosition(msgspec.Struct, frozen=True):
    """Where a consumer of a database's change feed stands; `parked` changes have failed and wait for `next_try_at`."""

    consumer: str
    at: datetime
    changes: int
    last_error: str | None
    last_error_at: datetime | None
    lag_bytes: int
    parked: int
    next_try_at: datetime | None


class FeedOfDatabase(msgspec.Struct, frozen=True):
    """`awaited`: whether any effect uses this database's changes; if none does, the feed just lets them pass."""

    database: str
    positions: tuple[FeedPosition, ...]
    awaited: bool = True


class Part(msgspec.Struct, frozen=True):
    """A part of the region: a database or the hot copies. `cause_*` says why it is not `up`."""

    name: str
    up: bool
    cause_ru: str | None = None
    cause_en: str | None = None


class Overview(msgspec.Struct, frozen=True):
    """Everything but the newest registrations. `silent`: the monitor has not written lately, states may be old."""

    links: tuple[LinkState, ...]
    feed: tuple[FeedOfDatabase, ...]
    parts: tuple[Part, ...]
    documents: int | None
    silent: bool
    links_known: bool
    certificates: tuple[End, ...] = ()
