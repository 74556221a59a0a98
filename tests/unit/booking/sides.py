"""A plain model of a site and the region: the rows each writes, in order of commit, and the rows it has of the other.

Pure rules are the real ones (`share.choose_slots`); rules that live in SQL are repeated here as briefly:
`booking.is_of_site`, `booking.state_at_region`, query `book` of either side, `hand_over`, `recall`, `hand_back`.
"""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

import msgspec

from trustmed.booking.share import Quota, SharableSlot, SlotToHandOver, choose_slots

BEGINNING = dt.datetime(2030, 1, 7, 6, tzinfo=dt.UTC)
DOCTOR = UUID(int=1)
QUOTA = Quota("first", "", 60, 2)


class Handover(msgspec.Struct, frozen=True):
    slot: int
    turn: int
    sell_until: dt.datetime


class Handback(msgspec.Struct, frozen=True):
    slot: int
    turn: int


class Recall(msgspec.Struct, frozen=True):
    slot: int
    turn: int


class Withdrawn(msgspec.Struct, frozen=True):
    slot: int


class Booked(msgspec.Struct, frozen=True):
    request: int
    slot: int


class Over(msgspec.Struct, frozen=True):
    """The end of a booking, written by the side that made it."""

    request: int


class AskedToEnd(msgspec.Struct, frozen=True):
    request: int


Row = Handover | Handback | Recall | Withdrawn | Booked | Over | AskedToEnd


class Tables:
    """Rows of one side, as that side or the other holds them. Putting a row in twice changes nothing."""

    def __init__(self) -> None:
        self.rows: set[Row] = set()
        self.bookings: dict[int, Booked] = {}
        self.handovers: dict[int, Handover] = {}
        self.handbacks: dict[int, Handback] = {}
        self.recalls: list[Recall] = []
        self.asked: list[int] = []

    def put(self, row: Row) -> None:
        if row in self.rows:
            return
        self.rows.add(row)
        match row:
            case Booked():
                self.bookings[row.request] = row
            case Handover():
                self.handovers[row.slot] = row
            case Handback():
                self.handbacks[row.slot] = row
            case Recall():
                self.recalls.append(row)
            case AskedToEnd():
                self.asked.append(row.request)
            case Withdrawn() | Over():
                pass

    def last_turn_begun(self, slot: int) -> int:
        """Return the last turn that began; 0 if none did."""
        return self.handovers[slot].turn if slot in self.handovers else 0

    def last_turn_ended(self, slot: int) -> int:
        """Return the last turn that ended; 0 if none did."""
        return self.handbacks[slot].turn if slot in self.handbacks else 0

    def active_bookings(self, slot: int) -> list[Booked]:
        return [row for row in self.bookings.values() if row.slot == slot and Over(row.request) not in self.rows]


class Side:
    """`own`: the rows it wrote. `log`: the same in order of commit. `theirs`: the rows received from the other side."""

    def __init__(self) -> None:
        self.own = Tables()
        self.theirs = Tables()
        self.log: list[Row] = []
        self.now = BEGINNING

    def commit(self, rows: Iterable[Row]) -> None:
        for row in rows:
            if row not in self.own.rows:
                self.own.put(row)
                self.log.append(row)

    def end(self, request: int) -> bool:
        """End a booking that this side made; return whether there was one to end."""
        made = self.own.bookings.get(request)
        if made is None or Over(request) in self.own.rows:
            return False
        self.commit([Over(request)])
        return True

    def ask_to_end(self, request: int) -> None:
        if request in self.theirs.bookings and Over(request) not in self.theirs.rows:
            self.commit([AskedToEnd(request)])

    def end_requested(self) -> None:
        for request in self.theirs.asked:
            self.end(request)


class SiteSide(Side):
    """A doctor's day of slots, and the shares the region has set."""

    def __init__(self, starts: dict[int, dt.datetime]) -> None:
        super().__init__()
        self.starts = starts

    def owns(self, slot: int) -> bool:
        return self.own.last_turn_begun(slot) == self.theirs.last_turn_ended(slot)

    def book(self, request: int, slot: int) -> bool:
        made = self.own.bookings.get(request)
        if made is not None:
            return made.slot == slot
        able = self.owns(slot) and Withdrawn(slot) not in self.own.rows and self.starts[slot] > self.now
        if not able or self.own.active_bookings(slot):
            return False
        self.commit([Booked(request, slot)])
        return True

    def share_out(self) -> None:
        offered = [
            SharableSlot(
                *(UUID(int=slot), DOCTOR, BEGINNING.date(), "first", "109", at),
                handed=self.own.last_turn_begun(slot) > 0,
                booked=bool(self.own.active_bookings(slot)),
            )
            for slot, at in self.starts.items()
            if at > self.now and Withdrawn(slot) not in self.own.rows
        ]
        for one in choose_slots(offered, [QUOTA], self.now):
            self.hand_over(one)

    def hand_over(self, one: SlotToHandOver) -> None:
        slot = one.slot_id.int
        free = not self.own.active_bookings(slot) and Withdrawn(slot) not in self.own.rows
        if self.owns(slot) and free and one.sell_until > self.now:
            self.commit([Handover(slot, self.own.last_turn_begun(slot) + 1, one.sell_until)])

    def recall(self, slot: int) -> None:
        if not self.owns(slot):
            self.commit([Recall(slot, self.own.last_turn_begun(slot))])

    def withdraw(self, slot: int) -> None:
        if self.starts[slot] > self.now:
            self.commit([Withdrawn(slot)])
            self.recall(slot)


class RegionSide(Side):
    """The region: it sells the slots it was handed, and hands back those it did not sell."""

    def __init__(self, starts: dict[int, dt.datetime]) -> None:
        super().__init__()
        self.starts = starts

    def open_turn(self, slot: int) -> Handover | None:
        """Return the turn of a slot that the region holds, whether it may still be sold or not."""
        last = self.theirs.handovers.get(slot)
        return last if last is not None and Handback(slot, last.turn) not in self.own.rows else None

    def book(self, request: int, slot: int) -> bool:
        made = self.own.bookings.get(request)
        if made is not None:
            return made.slot == slot
        turn = self.open_turn(slot)
        if turn is None or turn.sell_until <= self.now or self.starts[slot] <= self.now:
            return False
        if {Withdrawn(slot), Recall(slot, turn.turn)} & self.theirs.rows or self.own.active_bookings(slot):
            return False
        self.commit([Booked(request, slot)])
        return True

    def hand_back(self) -> None:
        """Hand slots back as the feed does, on recalls that have come and deadlines that have passed."""
        for slot in self.starts:
            turn = self.open_turn(slot)
            if turn is None or self.own.active_bookings(slot):
                continue
            if turn.sell_until <= self.now or Recall(slot, turn.turn) in self.theirs.rows:
                self.commit([Handback(slot, turn.turn)])
