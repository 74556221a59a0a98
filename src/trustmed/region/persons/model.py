"""A person as the pages and interfaces that look for persons show them."""

from uuid import UUID

import msgspec

from trustmed.region.persons.golden import GoldenField, Pin, Source


class Person(msgspec.Struct, frozen=True):
    """A person: the golden record, the rows it is made of, and the persons merged into this one."""

    id: UUID
    golden: dict[str, GoldenField]
    sources: tuple[Source, ...]
    pins: tuple[Pin, ...] = ()
    merged: tuple[UUID, ...] = ()
    asked_for: UUID | None = None
    """The id that was asked for, if that person was merged into this one."""
