"""A consent as the site stores it."""

import datetime as dt
from uuid import UUID

import msgspec


class Consent(msgspec.Struct, frozen=True):
    """`valid_until` is the last day in force; None means until revoked."""

    id: UUID
    given_at: dt.datetime
    valid_until: dt.date | None
    recorded_by_name: str
    revoked_at: dt.datetime | None
    revoked_by_name: str | None
    in_force: bool
