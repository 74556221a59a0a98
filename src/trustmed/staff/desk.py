"""What the pages of accounts need of an application."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from litestar import Request

from trustmed.staff.model import Office
from trustmed.web.entering import Door

AnyRequest = Request[Any, Any, Any]


class FactorDesk(msgspec.Struct, frozen=True):
    """How an application keeps second factors.

    `set_up` gives the account of the request a secret that a code proves, and returns recovery codes; it raises
    WrongCode. `key` seals the secret while a person looks at its picture. `issuer` is what a phone shows.
    """

    set_up: Callable[[AnyRequest, bytes, str], Awaitable[list[str]]]
    key: Callable[[AnyRequest], str]
    issuer: str


class StaffDesk(msgspec.Struct, frozen=True):
    """`office_of` returns the office as the signed-in account keeps it; `factors` is None where nobody has one."""

    door: Door
    office_of: Callable[[AnyRequest], Office]
    factors: FactorDesk | None = None
