"""Client systems and accounts, as tables `access.client` and `access.account` hold them."""

from typing import Literal, get_args
from uuid import UUID

import msgspec

Scope = Literal["portal", "metrics", "mpi", "record", "booking", "federal"]
Role = Literal["engineer", "analyst", "steward", "physician", "operator"]
ROLES: tuple[str, ...] = get_args(Role)
FACTOR_ROLES = frozenset({"engineer", "steward", "physician"})
"""Roles whose accounts must have a second factor: they see every clinic's patients, or keep the region itself."""
VITAL_ROLE = "engineer"
"""At least one enabled account has it, or accounts could be kept by commands alone."""


class Client(msgspec.Struct, frozen=True):
    """A system that calls the region's interfaces. Only a hash of its token is stored.

    `organizations`: the organisations whose staff it may speak for; None if it speaks for nobody's.
    `audience`, `key_thumbprint`: a citizens' portal's client_id at their provider, and its own key (RFC 7638).
    """

    id: UUID
    name: str
    scopes: list[str]
    requests_per_second: int
    disabled: bool
    organizations: list[int] | None = None
    audience: str | None = None
    key_thumbprint: str | None = None


class KeptClient(msgspec.Struct, frozen=True):
    """A client system as those who keep it see it."""

    id: UUID
    name: str
    scopes: list[str]
    requests_per_second: int
    disabled: bool
    organizations: list[int] | None


class Account(msgspec.Struct, frozen=True):
    """A member of the region's staff.

    Engineers watch links and keep accounts, analysts read the registry, stewards keep the index, physicians read the
    integrated record, operators book appointments.
    """

    id: UUID
    login: str
    password_hash: str
    name: str
    role: Role
    language: Literal["ru", "en"]
    is_password_temporary: bool
    factor: bytes | None


class NewAccount(msgspec.Struct, frozen=True):
    """An account to be added."""

    login: str
    password_hash: str
    name: str
    role: Role = "engineer"
    language: Literal["ru", "en"] = "ru"
