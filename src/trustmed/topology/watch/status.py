"""The state of a link, as people and programs read it."""

from datetime import datetime
from typing import Final, Literal

import msgspec
import psycopg

from trustmed.db.queries import load
from trustmed.topology.watch.causes import LinkStateName

QUERIES = load(__package__)
STATE_WORDS: Final[dict[str, tuple[str, str]]] = {
    "streaming": ("передаёт", "streaming"),
    "catching_up": ("догоняет", "catching up"),
    "copying": ("первичная копия", "first copy"),
    "broken": ("сломана", "broken"),
    "unreachable": ("нет связи", "unreachable"),
    "paused": ("приостановлена", "paused"),
    "unknown": ("не проверялась", "not checked"),
}


class LinkState(msgspec.Struct, frozen=True):
    """The state of a link. `source` and `target` are labels of databases, `since` is when this state began.

    `lag_ms`: of the last heartbeat, in milliseconds; `lag_bytes`: WAL that the target has not confirmed; `lag_rows`:
    row changes that the target does not have, by the source's statistics.

    "unknown" is the state of a link of the topology that the monitor never saw: then `checked_at` is None.
    """

    link: str
    source: str
    target: str
    site: str | None
    state: LinkStateName | Literal["unknown"]
    lag_ms: float | None = None
    lag_bytes: int | None = None
    lag_rows: int | None = None
    cause: str | None = None
    error_ru: str | None = None
    error_en: str | None = None
    action_ru: str | None = None
    action_en: str | None = None
    since: datetime | None = None
    checked_at: datetime | None = None

    @property
    def healthy(self) -> bool:
        """Data flow, or will without anybody's help."""
        return self.state in ("streaming", "catching_up", "copying")

    def error(self, language: str) -> str | None:
        return self.error_en if language == "en" else self.error_ru

    def action(self, language: str) -> str | None:
        return self.action_en if language == "en" else self.action_ru


def state_words(state: str, language: str) -> str:
    """The word for a link's state."""
    return STATE_WORDS[state][language == "en"]


def store_states(connection: psycopg.Connection, states: tuple[LinkState, ...]) -> None:
    """Store the states in the registry's database; `since` moves only where state or cause changed."""
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany(QUERIES["store_link_state"], [msgspec.structs.asdict(state) for state in states])
        cursor.execute(QUERIES["forget_links"], {"links": [state.link for state in states]})
