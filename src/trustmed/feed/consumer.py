"""The consumers of a source as a session knows them: an effect, where it stands, what it waits for."""

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
    """What a consumer left behind will try again, and when (monotonic seconds)."""

    changes: tuple[Change, ...]
    next_try: float
    wait: float


class Consumer(msgspec.Struct):
    """`position`: every change committed before it has had its effect. `saved`: the same, durable; `unsaved`: changes
    that had their effect since.
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

    def wanted(self, changes: Sequence[Change]) -> list[Change]:
        """Those of its tables that it has not had."""
        tables, position = self.effect.tables, self.position
        return [change for change in changes if change.table in tables and change.lsn >= position]


def prepare(surroundings: Surroundings, effects: Sequence[Effect], slot: Slot) -> list[Consumer]:
    """The consumers, each brought to where the slot can take it on from; rebuilt if changes were lost to it.

    Raises PublicationIncomplete.
    """
    connection = surroundings.connection
    marks = positions.publication_marks(connection, surroundings.source, effects)
    known = positions.positions(connection)
    parked = positions.parked_keys(connection)
    consumers: list[Consumer] = []
    for effect in effects:
        mark = marks[effect.name]
        position = known.get(effect.name)
        unbroken = position is not None and _unbroken(position, slot, mark)
        start = position.lsn if position and unbroken else _rebuilt(surroundings, effect, slot, mark)
        consumers.append(Consumer(effect, start, start, mark, set(parked.get(effect.name, ()))))
    return consumers


def _unbroken(position: Position, slot: Slot, mark: str) -> bool:
    """Whether no change can have gone by unseen: the same publication, and a slot and a history that reach so far.

    The slot is never confirmed past a saved position, so a slot past it is a new one.
    """
    reach = parse_lsn(slot.confirmed_flush_lsn) <= position.lsn <= parse_lsn(slot.wal_lsn)
    return reach and position.publication == mark


def _rebuilt(surroundings: Surroundings, effect: Effect, slot: Slot, mark: str) -> int:
    log.info("effect_rebuilding", source=surroundings.source, consumer=effect.name)
    effect.rebuild(surroundings)
    start = parse_lsn(slot.confirmed_flush_lsn)
    positions.begin_anew(surroundings.connection, effect.name, start, mark)
    return start
