"""Events of a person's life as the region knows them, and which of them are wanted."""

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from trustmed.region.persons.links import Links
from trustmed.region.shards import Missing

KINDS: Final = (
    *("document", "visit", "diagnosis", "allergy", "vital", "laboratory", "image", "sick_leave", "disability"),
    *("medication", "procedure", "vaccination", "referral", "booking", "other"),
)
FIRST_DAY: Final = datetime(1, 1, 1, tzinfo=UTC)
LAST_DAY: Final = datetime(9999, 12, 31, tzinfo=UTC)


class Event(msgspec.Struct, frozen=True):
    """Something that happened to the person, with the organisation and the document it is known from.

    `kind`: one of KINDS. `code`: of dictionary `system` (OID). `arrived_at`: when the region got to know it; None: not
    known. `part`: label of the database that said it. `key` tells events of one moment apart.
    """

    key: str
    kind: str
    at: datetime
    until: datetime | None
    title: str
    code: str | None
    system: str | None
    text: str | None
    value: str | None
    unit: str | None
    abnormal: str | None
    organization_id: int
    document_id: UUID | None
    arrived_at: datetime | None
    section: str | None
    detail: dict[str, Any] | None
    url: str | None
    part: str = ""


class Filters(msgspec.Struct, frozen=True):
    """Filters of events: kinds (all, if none is named), moments in [since, before), organisations, a text in them."""

    kinds: tuple[str, ...] = ()
    since: datetime | None = None
    before: datetime | None = None
    organizations: tuple[int, ...] = ()
    text: str | None = None


class Timeline(msgspec.Struct, frozen=True):
    """Events, newest first. `touched`: labels of shards that answered. `after`: where the next page starts, or None.

    With `missing` parts the answer is partial, and so is what follows `after`.
    """

    events: tuple[Event, ...]
    missing: tuple[Missing, ...] = ()
    touched: tuple[str, ...] = ()
    after: str | None = None


class Summary(msgspec.Struct, frozen=True):
    """The first page, and the facts in force: diagnoses not ended, allergies, the last of each measurement."""

    timeline: Timeline
    diagnoses: tuple[Event, ...] = ()
    allergies: tuple[Event, ...] = ()
    vitals: tuple[Event, ...] = ()


class Copy(msgspec.Struct, frozen=True, array_like=True):
    """A hot copy of a summary, and the patient links it was made for."""

    links: Links
    summary: Summary
