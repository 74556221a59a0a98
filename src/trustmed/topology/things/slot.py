"""Replication slots: the position of a link at its source, and that of the change feed."""

import re
from collections.abc import Iterator
from typing import ClassVar, Self

from trustmed.db.queries import load
from trustmed.db.rows import find_rows
from trustmed.topology.links import Link
from trustmed.topology.native.slots import create_slot, drop_slot
from trustmed.topology.things.base import Key, Reader, Session, Thing, Wish
from trustmed.topology.watched import FEED_SLOT, WATCHED

QUERIES = load(__package__)
_SLOT_OF_LINK = re.compile(r"[a-z0-9_]+_to_[a-z0-9_]+_\d+")


class Slot(Thing, frozen=True, kw_only=True):
    """A logical slot. It is made before its subscription, so that nothing written meanwhile is missed.

    A slot that is gone while its subscription is there is not made again here: what was written in between would be
    lost silently. Such a link is broken, and `repair` closes the gap.
    """

    removable: ClassVar[bool] = True
    database: str
    name: str

    @property
    def key(self) -> Key:
        return ("slot", self.server, self.name)

    def noun(self, language: str) -> str:
        where = f"{self.name} ({self.database}, {self.server})"
        return f"slot {where}" if language == "en" else f"слот {where}"

    def make(self, session: Session) -> None:
        create_slot(session.at(self.server, self.database), self.name)

    def remove(self, session: Session) -> None:
        drop_slot(session.at(self.server), self.name)

    @classmethod
    def read(cls, reader: Reader) -> Iterator[Self]:
        for row in find_rows(reader.connection, QUERIES["logical_slots"]):
            name, database = row["slot_name"], row["database"]
            if name == FEED_SLOT or _SLOT_OF_LINK.fullmatch(name):
                yield cls(server=reader.server.name, database=database, name=name)

    @classmethod
    def wanted(cls, wish: Wish, site: str | None) -> Iterator[Self]:
        for database in wish.databases(site):
            if any(place in WATCHED for place in database.places):
                yield cls(server=database.server, database=database.name, name=FEED_SLOT)
        for link in wish.links_of(site):
            slot = cls(server=link.source.server, database=link.source.name, name=slot_name(wish, link))
            if link.name not in wish.slots or slot.key in wish.present:
                yield slot


def slot_name(wish: Wish, link: Link) -> str:
    """Return the slot that the link uses, or that was made for it, else the name for its source's present epoch."""
    made = [key[2] for key in wish.present if key[:2] == ("slot", link.source.server)]
    ours = [name for name in made if re.fullmatch(rf"{link.name}_\d+", name)]
    newest = max(ours, key=lambda name: int(name.rpartition("_")[2]), default=None)
    return wish.slots.get(link.name) or newest or f"{link.name}_{wish.epochs.get(link.source.label, 1)}"
