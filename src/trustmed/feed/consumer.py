"""The consumers of a source during a session: an effect, its position, what it waits for."""

from collections.abc import Sequence

import msgspec
import structlog

from trustmed.feed import positions
from trustmed.feed.changes import Change
from trustmed.feed.effect import Effect, Surroundings
from trustmed.feed.positions import Position, Slot
from trustmed.wal.stream import parse_lsn

log = structlog.get_logger("trustmed.feed")


class Stalled(msgspec.Struct, frozen=True):
    """The changes that a consumer left behind will try again; `next_try` is in monotonic seconds."""

    changes: tuple[Change, ...]
    next_try: float
    wait: float


class Consumer(msgspec.Struct):
    """An effect with its position: every change committed before it has had its effect.

    `saved`: the position last stored; `unsaved`: how many changes have had their effect since.
    """

    effect: Effect
    position: int
    saved: int
    publication: str
    parked: set[str]
    unsaved: int = 0
    stalled: Stalled | None = None

    @property
    def name(self) -> str:
        return self.effect.name

    def changes_to_apply(self, changes: Sequence[Change]) -> list[Change]:
        """Return the changes of the effect's tables that it has not had."""
        tables, position = self.effect.tables, self.position
        return [change for change in changes if change.table in tables and change.lsn >= position]


def prepare_consumers(surroundings: Surroundings, effects: Sequence[Effect], slot: Slot) -> list[Consumer]:
    """Return the consumers, each at a position from which the slot can go on; rebuild those that lost changes.

    Raises PublicationIncomplete.
    """
    connection = surroundings.connection
    marks = positions.publication_marks(connection, surroundings.source, effects)
    known = positions.find_positions(connection)
    parked = positions.parked_keys(connection)
    consumers: list[Consumer] = []
    for effect in effects:
        mark = marks[effect.name]
        position = known.get(effect.name)
        unbroken = position is not None and _is_unbroken(position, slot, mark)
        start = position.lsn if position and unbroken else _rebuild(surroundings, effect, slot, mark)
        consumers.append(Consumer(effect, start, start, mark, set(parked.get(effect.name, ()))))
    return consumers


def _is_unbroken(position: Position, slot: Slot, mark: str) -> bool:
    """Return whether no change can have been missed: same publication, and slot and history reach the position.

    The slot is never confirmed past a saved position, so a slot past it is a new one.
    """
    reach = parse_lsn(slot.confirmed_flush_lsn) <= position.lsn <= parse_lsn(slot.wal_lsn)
    return reach and position.publication == mark


def _rebuild(surroundings: Surroundings, effect: Effect, slot: Slot, mark: str) -> int:
    """Rebuild the effect and store the slot's position as its own; return that position."""
    log.info("effect_rebuilding", source=surroundings.source, consumer=effect.name)
    effect.rebuild(surroundings)
    start = parse_lsn(slot.confirmed_flush_lsn)
    positions.begin_anew(surroundings.connection, effect.name, start, mark)
    return start
