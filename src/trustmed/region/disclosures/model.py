"""What a person is told: accesses to their record, consents."""

import datetime as dt
from typing import Final
from uuid import UUID

import msgspec

from trustmed.region.shards import Missing

PAGE: Final = 50
LONGEST_PAGE: Final = 200


class Asking(msgspec.Struct, frozen=True):
    """A page of accesses: at or after `since`, before `before`; `after` is the word at the end of the last page."""

    since: dt.datetime | None = None
    before: dt.datetime | None = None
    glass_only: bool = False
    after: str | None = None
    limit: int = PAGE


class Look(msgspec.Struct, frozen=True):
    """One access. `organization_id`: whose staff it was, None for the region's and for portals."""

    id: UUID
    at: dt.datetime
    actor_name: str
    actor_position: str | None
    organization_id: int | None
    channel: str
    action: str
    ground: str
    detail: str | None
    document_id: UUID | None

    @property
    def is_own(self) -> bool:
        """Whether the person themself looked, through a portal."""
        return self.ground == "own" and self.channel == "portal"

    @property
    def reason(self) -> str | None:
        """Why the emergency access was taken."""
        return self.detail if self.ground == "break_glass" else None


class Looked(msgspec.Struct, frozen=True):
    """A page, the newest first; `after` is None at the end."""

    looks: tuple[Look, ...]
    after: str | None = None
    missing: tuple[Missing, ...] = ()


class Consent(msgspec.Struct, frozen=True):
    """A consent to `organization_id` reading the person's record, through the last day `valid_until`."""

    organization_id: int
    id: UUID
    given_at: dt.datetime
    valid_until: dt.date | None
    revoked_at: dt.datetime | None
    in_force: bool


class Consents(msgspec.Struct, frozen=True):
    """In force first, then the newest first."""

    consents: tuple[Consent, ...]
    missing: tuple[Missing, ...] = ()
