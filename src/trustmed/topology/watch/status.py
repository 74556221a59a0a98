"""The state of a link, as people and machines read it."""

from datetime import datetime

import msgspec
import psycopg
from psycopg.rows import class_row

from trustmed.db.queries import load
from trustmed.topology.watch.causes import State

QUERIES = load(__package__)


class LinkState(msgspec.Struct, frozen=True):
    """`source` and `target` are labels of databases. lag_ms: of the last heartbeat, in milliseconds; lag_bytes: WAL the
    target has not confirmed; lag_rows: row changes it has not got, by statistics. `since`: in this state since then.
    """

    link: str
    source: str
    target: str
    site: str | None
    state: State
    checked_at: datetime
    lag_ms: float | None = None
    lag_bytes: int | None = None
    lag_rows: int | None = None
    cause: str | None = None
    error_ru: str | None = None
    error_en: str | None = None
    action_ru: str | None = None
    action_en: str | None = None
    since: datetime | None = None

    @property
    def healthy(self) -> bool:
        """Data flow or are on their way."""
        return self.state in ("streaming", "catching_up", "copying")

    def error(self, language: str) -> str | None:
        return self.error_en if language == "en" else self.error_ru

    def action(self, language: str) -> str | None:
        return self.action_en if language == "en" else self.action_ru


def store_states(connection: psycopg.Connection, states: tuple[LinkState, ...]) -> None:
    """Keep them in the registry's database; `since` moves only where state or cause changed."""
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany(QUERIES["store_link_state"], [msgspec.structs.asdict(state) for state in states])
        cursor.execute(QUERIES["forget_links"], {"links": [state.link for state in states]})


def stored_states(connection: psycopg.Connection) -> tuple[LinkState, ...]:
    """What the monitor last saw."""
    with connection.cursor(row_factory=class_row(LinkState)) as cursor:
        return tuple(cursor.execute(QUERIES["link_states"]).fetchall())
