"""What the call centre's pages take from a request."""

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


class Key(msgspec.Struct, frozen=True):
    """A slot or a booking of an organisation, in forms and addresses `number.id`."""

    organization_id: int
    id: UUID

    def __str__(self) -> str:
        return f"{self.organization_id}.{self.id}"


def key_or_none(text: str | None) -> Key | None:
    number, _, rest = (text or "").partition(".")
    organization_id, found = number_or_none(number), uuid_or_none(rest)
    return Key(organization_id, found) if organization_id is not None and found is not None else None


def slot_key(text: str | None) -> Key:
    """Raises SlotUnchosen."""
    key = key_or_none(text)
    if key is None:
        raise SlotUnchosen
    return key


def booking_key(text: str | None) -> Key:
    """Raises BookingMissing."""
    key = key_or_none(text)
    if key is None:
        raise BookingMissing(UUID(int=0))
    return key


def pools_of(request: AnyRequest) -> Pools:
    return request.app.state.pools


def hot_of(request: AnyRequest) -> HotCopies:
    return request.app.state.hot


def reader_of(request: AnyRequest) -> Reader:
    """The operator. Raises NotSignedIn."""
    identity = identity_of(request)
    return Reader(str(identity.account_id), identity.name, "region", "service")


def organizations(request: AnyRequest) -> dict[int, Organization]:
    """The region's organisations by their numbers."""
    return {one.id: one for site in pools_of(request).topology.site for one in site.organization}


async def given(request: AnyRequest) -> dict[str, str]:
    """A form's texts, tidied and cut."""
    return {name: tidy(text)[:LONGEST] for name, text in (await fields(request)).items()}


def reason_of(text: str) -> str:
    """Raises ReasonNeeded."""
    if len(text) < 3:
        raise ReasonNeeded
    return text
