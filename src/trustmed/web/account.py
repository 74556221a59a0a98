"""The account that a session belongs to, as it is at the time of a request."""

from typing import Literal
from uuid import UUID

import msgspec

Owed = Literal["password", "factor"]
"""What somebody must do before anything else: change a password that another chose, set up the second factor."""


class Identity(msgspec.Struct, frozen=True):
    """Who is signed in. `organization_*` and `employee_id` are None for the region's staff.

    Programs of the release before this one keep an Identity in `access.session` and go by it: fields are only added.
    """

    account_id: UUID
    login: str
    name: str
    role: str
    language: str = "ru"
    organization_id: int | None = None
    organization_title: str | None = None
    employee_id: UUID | None = None
    owes: Owed | None = None


class Device(msgspec.Struct, frozen=True):
    """Where somebody signs in from: the browser and system in words, the network address."""

    words: str | None = None
    address: str | None = None
