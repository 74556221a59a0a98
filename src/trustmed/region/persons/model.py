"""A person as whoever may look for persons sees them."""

from uuid import UUID

import msgspec

from trustmed.region.persons.golden import Golden, Pin, Source


class Person(msgspec.Struct, frozen=True):
    """A person: golden record, the rows it is made of, and who was merged into them."""

    id: UUID
    golden: dict[str, Golden]
    sources: tuple[Source, ...]
    pins: tuple[Pin, ...] = ()
    merged: tuple[UUID, ...] = ()
    asked_for: UUID | None = None
    """The id that was asked for, if that person was merged into this one."""
