"""What a person is shown: accesses to their record, and their consents."""

import datetime as dt
from typing import Final
from uuid import UUID

import msgspec

from trustmed.region.shards import Missing

PAGE: Final = 50
LONGEST_PAGE: Final = 200


class LooksQuery(msgspec.Struct, frozen=True):
    """Which page of accesses to show: at or after `since`, before `before`; `after` is the previous page's cursor."""

    since: dt.datetime | None = None
    before: dt.datetime | None = None
    glass_only: bool = False
    after: str | None = None
    limit: int = PAGE


class Look(msgspec.Struct, frozen=True):
    """One access. `organization_id`: the organisation whose staff looked; None for the region's staff and portals."""

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
        """Whether the person themselves looked, through a portal."""
        return self.ground == "own" and self.channel == "portal"

    @property
    def reason(self) -> str | None:
        """The reason given for emergency access; None for other accesses."""
        return self.detail if self.ground == "break_glass" else None


class LooksPage(msgspec.Struct, frozen=True):
    """A page of accesses, the newest first; `after` is None on the last page."""

    looks: tuple[Look, ...]
    after: str | None = None
    missing: tuple[Missing, ...] = ()


class Consent(msgspec.Struct, frozen=True):
    """The person lets `organization_id` read their record, up to and including the day `valid_until`."""

    organization_id: int
    id: UUID
    given_at: dt.datetime
    valid_until: dt.date | None
    revoked_at: dt.datetime | None
    in_force: bool


class Consents(msgspec.Struct, frozen=True):
    """Consents in force come first, then the newest."""

    consents: tuple[Consent, ...]
    missing: tuple[Missing, ...] = ()
