"""Read what the call centre's pages need out of a request."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request

from trustmed.booking.errors import BookingMissing
from trustmed.hot.copies import HotCopies
from trustmed.patient.writing import tidy
from trustmed.region.access.model import Reader
from trustmed.region.callcentre.errors import ReasonNeeded, SlotUnchosen
from trustmed.region.pools import Pools
from trustmed.topology.file.spec import Organization
from trustmed.web.forms import fields, number_or_none, uuid_or_none
from trustmed.web.guards import role_is
from trustmed.web.identity import identity_of

AnyRequest = Request[Any, Any, Any]
operators = role_is("operator")
LONGEST = 300
SHORTEST_REASON = 3


class Key(msgspec.Struct, frozen=True):
    """The key of an organisation's slot or booking, written `organisation.id` in forms and addresses."""

    organization_id: int
    id: UUID

    def __str__(self) -> str:
        return f"{self.organization_id}.{self.id}"


def key_or_none(text: str | None) -> Key | None:
    number, _, rest = (text or "").partition(".")
    organization_id, found = number_or_none(number), uuid_or_none(rest)
    return Key(organization_id, found) if organization_id is not None and found is not None else None


def slot_key(text: str | None) -> Key:
    """Read the key of a slot. Raises SlotUnchosen."""
    key = key_or_none(text)
    if key is None:
        raise SlotUnchosen
    return key


def booking_key(text: str | None) -> Key:
    """Read the key of a booking. Raises BookingMissing."""
    key = key_or_none(text)
    if key is None:
        raise BookingMissing(UUID(int=0))
    return key


def pools_of(request: AnyRequest) -> Pools:
    return request.app.state.pools


def hot_of(request: AnyRequest) -> HotCopies:
    return request.app.state.hot


def reader_of(request: AnyRequest) -> Reader:
    """Return the operator as a reader. Raises NotSignedIn."""
    identity = identity_of(request)
    return Reader(str(identity.account_id), identity.name, "region", "service")


def organizations(request: AnyRequest) -> dict[int, Organization]:
    """Return the region's organisations by their ids."""
    return {one.id: one for site in pools_of(request).topology.site for one in site.organization}


async def form_fields(request: AnyRequest) -> dict[str, str]:
    """Return a form's texts, tidied and cut to LONGEST."""
    return {name: tidy(text)[:LONGEST] for name, text in (await fields(request)).items()}


def reason_of(text: str) -> str:
    """Return the reason. Raises ReasonNeeded."""
    if len(text) < SHORTEST_REASON:
        raise ReasonNeeded
    return text
