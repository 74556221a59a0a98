"""What the authority has issued, as it is listed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from trustmed.authority.names import Kind, Names, Use

SHOWN_AHEAD: Final = timedelta(days=30)
"""Ends this near are marked."""


class Certified(msgspec.Struct, frozen=True):
    """A certificate as recorded. `content` is in DER."""

    serial: str
    kind: Kind
    name: str
    organizations: Sequence[int]
    not_before: datetime
    not_after: datetime
    content: bytes
    issued_at: datetime
    way: str
    issued_by: str
    renews: str | None


class Listed(msgspec.Struct, frozen=True):
    """A certificate in the list of all."""

    serial: str
    kind: Kind
    name: str
    organizations: Sequence[int]
    not_before: datetime
    not_after: datetime
    issued_at: datetime
    way: str
    issued_by: str
    renews: str | None
    revoked_at: datetime | None
    revoked_for: str | None


class End(msgspec.Struct, frozen=True):
    """When the last certificate in force of a bearer ends."""

    kind: Kind
    name: str
    serial: str
    not_after: datetime

    @property
    def label(self) -> str:
        return f"{self.kind}:{self.name}"

    def is_near(self, at: datetime) -> bool:
        return self.not_after - at < SHOWN_AHEAD

    def days_left(self, at: datetime) -> int:
        return (self.not_after - at) // timedelta(days=1)


def ends_of(listed: Sequence[Listed]) -> list[End]:
    """Return the last end of every bearer among these, revoked ones left out."""
    latest: dict[tuple[str, str], Listed] = {}
    for one in listed:
        key = (one.kind, one.name)
        if one.revoked_at is None and (key not in latest or latest[key].not_after < one.not_after):
            latest[key] = one
    return [End(one.kind, one.name, one.serial, one.not_after) for one in latest.values()]


class CodeRow(msgspec.Struct, frozen=True):
    """A code as the region keeps it."""

    verifier: bytes
    kind: Kind
    name: str
    organizations: Sequence[int]
    uses: Sequence[Use]
    days: int
    hosts: Sequence[str]
    made_by: str
    expires_at: datetime
    used_at: datetime | None
    serial: str | None

    @property
    def names(self) -> Names:
        return Names(self.kind, self.name, tuple(self.organizations))
