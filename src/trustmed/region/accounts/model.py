"""Client systems and accounts, as `access.client` and `access.account` keep them."""

from typing import Literal
from uuid import UUID

import msgspec

Scope = Literal["portal", "metrics", "mpi", "record", "booking", "federal"]
Role = Literal["engineer", "analyst", "steward", "physician", "operator"]


class Client(msgspec.Struct, frozen=True):
    """A system that calls the region's interfaces. Its token is known by hash only.

    `organizations`: for whose staff it may speak; None: for nobody's.
    """

    id: UUID
    name: str
    scopes: list[str]
    requests_per_second: int
    disabled: bool
    organizations: list[int] | None = None


class Account(msgspec.Struct, frozen=True):
    """One of the region's staff: engineers watch links, analysts read registers, stewards keep the index,

    physicians read the integrated record, operators book.
    """

    id: UUID
    login: str
    password_hash: str
    name: str
    role: Role
    language: Literal["ru", "en"]


class NewAccount(msgspec.Struct, frozen=True):
    login: str
    password_hash: str
    name: str
    role: Role = "engineer"
    language: Literal["ru", "en"] = "ru"
