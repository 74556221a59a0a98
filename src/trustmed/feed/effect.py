"""An effect: what shall be done about changes. Rooms define them; the program of the feed lists them."""

from collections.abc import Callable, Sequence

import msgspec
import psycopg

from trustmed.feed.changes import Change
from trustmed.hot.drops import HotDrops, HotRealms
from trustmed.schema import Place


class Surroundings(msgspec.Struct, frozen=True):
    """What an effect may use. `connection`: to the database the changes come from, autocommit, role trustmed_feed.

    `connect` makes more of the same, for work done side by side.
    """

    source: str
    connection: psycopg.Connection
    hot: HotRealms
    connect: Callable[[], psycopg.Connection]

    def drops(self, effect: str) -> HotDrops:
        """The hot copies that this effect (its name) vouches for."""
        return self.hot.drops(effect, self.source)


def _nothing(_: Surroundings) -> None:
    """An effect that does not care whether the feed is up to date."""


class Effect(msgspec.Struct, frozen=True):
    """Something done about the changes of some tables in the databases that are `place`.

    `apply` gets changes in commit order, possibly a part of a transaction, possibly ones it has had before, possibly
    older than what the tables hold now; when it returns, the effect is durable. `rebuild` brings the effect up to date
    with the tables as they are: at the first start, and where changes were lost with their slot. `caught_up` is called
    about once a second while the consumer has had every change committed so far. `name` is the consumer's in
    feed.position: never reuse one for another effect.
    """

    name: str
    place: Place
    tables: frozenset[str]
    apply: Callable[[Surroundings, Sequence[Change]], None]
    rebuild: Callable[[Surroundings], None]
    caught_up: Callable[[Surroundings], None] = _nothing


def change_key(change: Change) -> str:
    """What changes must stay in order for: the row."""
    return "|".join((change.table, *change.key))
