"""An effect: what to do about changes of tables. Rooms define effects; `programs.feed` lists them."""

from collections.abc import Callable, Sequence

import msgspec
import psycopg

from trustmed.feed.changes import Change
from trustmed.hot.drops import HotDrops, HotRealms
from trustmed.schema import Place


class Surroundings(msgspec.Struct, frozen=True):
    """What an effect may use. `connection`: to the database the changes come from, autocommit, role trustmed_feed.

    `connect` opens more such connections, for work done in parallel.
    """

    source: str
    connection: psycopg.Connection
    hot: HotRealms
    connect: Callable[[], psycopg.Connection]

    def drops(self, effect: str) -> HotDrops:
        """Return the hot copies that the effect of this name vouches for."""
        return self.hot.drops(effect, self.source)


def _nothing(_: Surroundings) -> None:
    """Do nothing: most effects need not know whether the feed is up to date."""


class Effect(msgspec.Struct, frozen=True):
    """What to do about changes of some tables in the databases of `place`.

    `apply` gets changes in commit order: perhaps a part of a transaction, perhaps changes it has had before, perhaps
    ones older than what the tables hold now. When it returns, its effect is durable. `rebuild` brings the effect up to
    date with the tables as they are, at the first start and after changes were lost with their slot. `caught_up` is
    called about once a second while the effect has had every change committed so far. `name` names the consumer in
    feed.position: never reuse it for another effect.
    """

    name: str
    place: Place
    tables: frozenset[str]
    apply: Callable[[Surroundings, Sequence[Change]], None]
    rebuild: Callable[[Surroundings], None]
    caught_up: Callable[[Surroundings], None] = _nothing


def change_key(change: Change) -> str:
    """Return the key, that of the row, within which changes must stay in order."""
    return "|".join((change.table, *change.key))
